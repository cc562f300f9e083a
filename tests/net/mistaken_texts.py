"""Texts that miss the right one, one for each way to miss it, each beside one that looks like that and is another."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """A text, what became of it, and what is nearly the same mistake."""

    right: str
    wrong: str
    near: str
    near_how: str
    """What the neighbour is; empty where it is no mistake that has a name."""


_PLAIN = "kD7mWq2x"

TEXTS = {
    "wrong-case": Text(_PLAIN, "kd7mwq2x", "kd7mvvq2x", ""),
    "leading-blank": Text(_PLAIN, " kD7mWq2x", "kD7mWq2x ", "trailing-blank"),
    "trailing-blank": Text(_PLAIN, "kD7mWq2x ", "kD7mWq2x_", "character-extra"),
    "blank-lost": Text("kD7m Wq2x", "kD7mWq2x", "kD7m+Wq2x", "percent-encoded"),
    "newline": Text(_PLAIN, "kD7mWq2x\\n", "kD7mWq2xn", "character-extra"),
    "quotes-kept": Text(_PLAIN, '"kD7mWq2x"', "-kD7mWq2x-", ""),
    "quotes-lost": Text('kD7m"Wq2x', "kD7mWq2x", "kD7m/Wq2x", "character-differs"),
    "backslash-kept": Text("kD7m;Wq2x", "kD7m\\;Wq2x", "kD7m/;Wq2x", "character-extra"),
    "backslash-lost": Text("kD7m\\Wq2x", "kD7mWq2x", "kD7m/Wq2x", "character-differs"),
    "character-doubled": Text("kD7m%Wq2x", "kD7m%%Wq2x", "kD7m%W%q2x", "character-extra"),
    "character-halved": Text("kD7m%%Wq2x", "kD7m%Wq2x", "kD7m%%Wq2", "character-missing"),
    "variable-replaced": Text("acme.trunk$x.net", "acme.trunk.net", "acme.trunk$y.net", "character-differs"),
    "percent-encoded": Text("kD7m;Wq2x", "kD7m%3BWq2x", "kD7m%3CWq2x", ""),
    "percent-decoded": Text("kD7m%3BWq2x", "kD7m;Wq2x", "kD7m3BWq2x", "character-missing"),
    "html-entity": Text("kD7m&Wq2x", "kD7m&amp;Wq2x", "kD7m&apm;Wq2x", ""),
    "html-decoded": Text("kD7m&amp;Wq2x", "kD7m&Wq2x", "kD7m&am;Wq2x", "character-missing"),
    "cut-at-character": Text("kD7mWq2x;P", _PLAIN, "kD7mWq2", "cut-at-length"),
    "begun-behind-character": Text("k;D7mWq2x", "D7mWq2x", "7mWq2x", "start-missing"),
    "cut-at-length": Text("kD7mWq2xPz", _PLAIN, "kD7mWq2xP", "character-missing"),
    "start-missing": Text("kD7mWq2xPz", "7mWq2xPz", "D7mWq2xPz", "character-missing"),
    "other-keyboard": Text("zkD7mWq2y", "ykD7mWq2z", "ykD7mWq2y", "character-differs"),
    "smart-character": Text("kD7m-Wq2x", "kD7m\u2013Wq2x", "kD7m+Wq2x", "character-differs"),
    "wrong-encoding": Text("K\u00e4sekD7", "K\udce4sekD7", "K\u00f6sekD7", "character-differs"),
    "look-alike": Text("kD7mWq1x", "kD7mWqlx", "kD7mWqkx", "character-differs"),
    "neighbour-key": Text(_PLAIN, "kD7mWw2x", "kD7mWp2x", "character-differs"),
    "characters-swapped": Text(_PLAIN, "kDm7Wq2x", "kWm7Dq2x", ""),
    "character-missing": Text(_PLAIN, "kD7mq2x", "kD7m2x", ""),
    "character-extra": Text(_PLAIN, "kD7mWWq2x", "kD7mWWWq2x", ""),
    "character-differs": Text(_PLAIN, "kD7mWp2x", "kD7mXp2x", ""),
}
"""By the refinement: what a password, a user, an auth user and a realm may become."""

_HOST = "sip.acme-trunks.org"

HOSTS = {
    "look-alike": Text(_HOST, "slp.acme-trunks.org", "sap.acme-trunks.org", "character-differs"),
    "neighbour-key": Text(_HOST, "sip.acme-trunka.org", "sip.acme-trunkq.org", "character-differs"),
    "characters-swapped": Text(_HOST, "spi.acme-trunks.org", "psi.acme-trunks.org", ""),
    "character-missing": Text(_HOST, "sip.acme-trunk.org", "sip.acme-trun.org", ""),
    "character-extra": Text(_HOST, "sip.acmee-trunks.org", "sip.acmeee-trunks.org", ""),
    "character-differs": Text(_HOST, "sip.acme-trpnks.org", "sip.acme-trppks.org", ""),
    "cut-at-character": Text(_HOST, "sip.acme-trunks", "sip.acme-trunk", "cut-at-length"),
    "begun-behind-character": Text("sip-acme-trunks.org", "acme-trunks.org", "cme-trunks.org", "start-missing"),
    "cut-at-length": Text(_HOST, "sip.acme-trunks.o", "sip.acme-trunks.or", "character-missing"),
    "start-missing": Text(_HOST, "p.acme-trunks.org", "ip.acme-trunks.org", "character-missing"),
    "other-keyboard": Text("sip.zany-trunks.org", "sip.yanz-trunks.org", "sip.yany-trunks.org", "character-differs"),
}
"""The same of domains, which hold letters, digits, `-` and `.` only, in either case."""

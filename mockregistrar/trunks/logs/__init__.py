"""Logs and console tables: what a line about a registration means, what can cause it, what to check first.

`parse` reads the lines of Asterisk (chan_sip, PJSIP, IAX2), FreeSWITCH, Kamailio, OpenSIPS and of some clients, bare or
as their logs have them, and the tables of `sip show registry`, `pjsip show registrations`, `iax2 show registry` and
`sofia status`. The known lines are data, in a module for each system; `reading` finds them in a text.
"""

from __future__ import annotations

from .reading import parse, recognise

__all__ = ["parse", "recognise"]

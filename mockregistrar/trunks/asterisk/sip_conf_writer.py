"""A sip.conf for one trunk: the registration in [general] and the peer section for its calls."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.several import section_name, section_names

from .chan_sip import escape, registration_line

NAME = "asterisk-sip.conf"


def render(trunk: Trunk, name: str = "") -> str:
    """The config text; `name` is that of the peer section, made from the host when empty.

    Raises CannotRender for what a register line or an option cannot hold.
    """
    lines = ["[general]", registration_line(trunk), "", *_peer(trunk, name or section_name(trunk))]
    return "\n".join(lines) + "\n"


def render_all(trunks: Sequence[Trunk]) -> str:
    """One config for several trunks: [general] counts once. Raises CannotRender as `render` does."""
    lines = ["[general]", *map(registration_line, trunks)]
    for trunk, name in zip(trunks, section_names(trunks), strict=True):
        lines += ["", *_peer(trunk, name)]
    return "\n".join(lines) + "\n"


def _peer(trunk: Trunk, name: str) -> list[str]:
    """The lines of the section for a trunk's calls."""
    if re.search(r"[\]\r\n\0;]", name) or name.lower() in ("general", "authentication"):
        raise CannotRender(name, f"`{name}` cannot be the name of a peer section")
    options = [("type", "peer"), ("host", trunk.dial_host)]
    if trunk.dial_port != (5061 if trunk.dial_transport == "tls" else 5060):
        options.append(("port", str(trunk.dial_port)))
    if trunk.dial_transport != "udp":
        options.append(("transport", trunk.dial_transport))
    options.append(("defaultuser", trunk.effective_auth_user))
    if trunk.secret:
        options.append(("secret", trunk.secret))
    elif trunk.ha1:
        options.append(("md5secret", trunk.ha1))
    options.append(("fromuser", trunk.user))
    if trunk.domain:
        options.append(("fromdomain", trunk.domain))
    options.append(("insecure", "port,invite"))
    return [f"[{name}]", *(_option(key, value) for key, value in options)]


def _option(name: str, value: str) -> str:
    """One option. The blank behind `=` keeps a `>` at the beginning of the value from being eaten."""
    if value != value.strip("".join(map(chr, range(33)))):
        raise CannotRender(" ", f"`{name}` begins or ends with a blank, which Asterisk strips")
    if re.search(r"[\r\n\0]", value):
        raise CannotRender("\n", f"`{name}` holds a line break")
    return f"{name} = {escape(value)}"

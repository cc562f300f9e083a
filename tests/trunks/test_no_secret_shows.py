"""No piece of a password shows in what is said of a mistake, whatever the dialect and the character that breaks it."""

from __future__ import annotations

import json
import re

import pytest

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.explanation import explain, report

SECRET = "kD7mWq2x"
PIECES = ("Zq9", "Xw8", "kD7m")
# chan_sip takes what stands behind the second `:` for the name of the login: it cannot know better.
NAMES_BEHIND_COLON = frozenset(
    ("asterisk-chan_sip", "asterisk-chan_sip-1.4", "asterisk-sip.conf", "vicidial-carrier", "freepbx-chan_sip-form")
)
CHARACTERS = ";:@/?#~\"'\\ &<>|$`,%+*()[]{}=!\t\u200b\u00e9\u2019"


def written(dialect):
    for transport, port, expiry in (("udp", 5060, 300), ("udp", 5060, 120), ("wss", 8443, 300)):
        trunk = Trunk("100", "sip.acme.example", SECRET, transport=transport, port=port, expiry=expiry)
        try:
            return registry.render_config(dialect, trunk)
        except CannotRender:
            continue
    raise AssertionError(f"no trunk can be written in {dialect}")


@pytest.mark.parametrize("dialect", [name for name in registry.names() if registry.renders(name)])
def test_no_piece_of_a_broken_password_shows(dialect):
    text = written(dialect)
    shown = set()
    for character in CHARACTERS.replace(":", "") if dialect in NAMES_BEHIND_COLON else CHARACTERS:
        for secret in (
            f"kD7m{character}Zq9",
            f"Zq9{character}kD7m",
            f"Zq9{character}Xw8",
            f"kD7mWq{character}",
            f"Zq9{character}kD7m{character}Xw8",
        ):
            explanation = explain(text.replace(SECRET, secret), dialect=dialect)
            told = report(explanation) + json.dumps(explanation.to_json(), ensure_ascii=False)
            for finding in explanation.parsed.findings:
                told += f"{finding.message} {finding.fix} {finding.log}"
            shown |= {(character, piece, secret) for piece in PIECES if re.search(piece, told)}
    assert sorted(shown) == []

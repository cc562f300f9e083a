"""What the tests of all dialects share: fields and findings of a text, and nasty values for round trips."""

from __future__ import annotations

from hypothesis import strategies as st

from mockregistrar.trunks import CODES, registry
from mockregistrar.trunks.parsed import Parsed

NASTY = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_characters="\x7f"), min_size=1, max_size=12
)
SECRETS = st.one_of(
    NASTY,
    st.text(alphabet="ab@:/;#?\"' \\([{<>&%$=~,.!|`-", min_size=1, max_size=10),
    st.sampled_from(
        ["p;a", "p\\;a", "a--;b", ";--x", "p:w", "p@w", 'p"w', "p/w", "p?w", "p#w", "p w", "pässword", "#x"]
    ),
)
USERS = st.one_of(
    st.text(alphabet="abc019+_-.", min_size=1, max_size=10), st.sampled_from(["a@b", "+49@t-online.de", "ä", "a;b"])
)
LABELS = st.text(alphabet="abcxyz019", min_size=1, max_size=8)
HOSTS = st.builds(lambda a, b: f"{a}.{b}.example", LABELS, LABELS)


def parsed(dialect: str, text: str, **more: object) -> Parsed:
    found = registry.named(dialect).parse(text, **more)
    assert found.dialect == registry.named(dialect).NAME
    assert found.form in registry.named(dialect).FORMS
    lines = text.split("\n")
    for finding in found.findings:
        assert finding.code in CODES
        if not finding.path:
            assert 1 <= finding.span.line <= len(lines) + 1
            assert finding.span.column >= 1
    found.to_json()
    return found


def fields(found: Parsed, index: int = 0) -> dict[str, object]:
    return found.registrations[index].to_json()


def codes_of(found: Parsed) -> list[str]:
    return [finding.code for finding in found.findings]


def loud(found: Parsed) -> list[str]:
    return [f"{f.code} {f.message}" for f in found.findings if f.severity != "hint"]


def says(found: Parsed, code: str, severity: str | None = None, line: int | None = None) -> str:
    matching = [f for f in found.findings if f.code == code and line in (None, f.span.line)]
    assert matching, f"no {code} in {codes_of(found)}"
    if severity is not None:
        assert matching[0].severity == severity
    return matching[0].message


def under(text: str, found: Parsed, code: str) -> str:
    """The text that the carets of a finding stand under."""
    finding = next(f for f in found.findings if f.code == code)
    line = text.split("\n")[finding.span.line - 1]
    return line[finding.span.column - 1 : finding.span.end - 1]

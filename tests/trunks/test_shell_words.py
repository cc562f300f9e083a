"""Command lines as the shell hands them over: words and places, and what is told only on evidence."""

from __future__ import annotations

import shlex

import pytest
from growth import assert_linear_reading
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.shell_words import Commands, plain_words, read, starts_with, take_secrets, word_for


def commands(text: str) -> tuple[Commands, list[str]]:
    notes = Notes()
    found = read(text, notes, "tool", "-a|--password")
    return found, [finding.code for finding in notes.done()]


def words(text: str) -> list[list[str]]:
    return [[word.text for word in command] for command in commands(text)[0].real]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tool -a b", [["tool", "-a", "b"]]),
        ("tool 'a b' \"c d\" e\\ f", [["tool", "a b", "c d", "e f"]]),
        ("tool '' \"\"", [["tool", "", ""]]),
        ("tool a'b'\"c\"d", [["tool", "abcd"]]),
        ('tool "a\\$b\\`c\\"d\\\\e\\f"', [["tool", 'a$b`c"d\\e\\f']]),
        ("tool a \\\n b", [["tool", "a", "b"]]),
        ("tool a\\\r\n b", [["tool", "a", "b"]]),
        ("tool $'a' $\"b\"", [["tool", "a", "b"]]),
        ("one; two & three | four && five || six", [["one"], ["two"], ["three"], ["four"], ["five"], ["six"]]),
        ("one\n\ntwo # note\n# all of it\nthree\n", [["one"], ["two"], ["three"]]),
        ("(cd x && tool a)", [["cd", "x"], ["tool", "a"]]),
        ("tool a > log 2>&1 < /dev/null &> 'my file' >>x", [["tool", "a"]]),
        ("tool a >log 2>/dev/null b", [["tool", "a", "b"]]),
        ("tool -a;echo x", [["tool", "-a"], ["echo", "x"]]),
        ("tool -a|grep x", [["tool", "-a"], ["grep", "x"]]),
        ("tool a#b c", [["tool", "a#b", "c"]]),
        ('"', []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "tool -a x | grep 200",
        "tool -a x; tool -a y;",
        "tool -a x &",
        "tool -a x && echo up || echo down",
        "tool -a x > /dev/null 2>&1",
        "tool -a x >>out.log",
        "if tool -a x; then echo up; fi",
        "while true; do tool -a x; sleep 5; done",
        "tool -a x # a note",
        "tool -v #note",
        "tool -a 'p;a&s|s>w<o$r`d!#*~\\'",
        "tool -a x\ntool -a y\n",
        "tool -a x\\;y",
        "tool -a Hello! world",
    ],
)
def test_the_usual_ways_of_a_shell_are_left_alone(text):
    found, codes = commands(text)
    assert codes == []
    assert found.meant is None


@pytest.mark.parametrize(
    ("text", "code", "real", "meant"),
    [
        ("tool -a p;w", "SR531", ["tool", "-a", "p"], ["tool", "-a", "p;w"]),
        ("tool -a p;;w x", "SR531", ["tool", "-a", "p"], ["tool", "-a", "p;;w", "x"]),
        ("tool -a p&w", "SR531", ["tool", "-a", "p"], ["tool", "-a", "p&w"]),
        ("tool -a p>w -b", "SR531", ["tool", "-a", "p", "-b"], ["tool", "-a", "p>w", "-b"]),
        ("tool -a <p@w> -b", "SR531", ["tool", "-a"], ["tool", "-a", "<p@w>", "-b"]),
        ("tool -a #pw -b", "SR531", ["tool", "-a"], ["tool", "-a", "#pw", "-b"]),
        ("tool -a\n  -b", "SR531", ["tool", "-a"], ["tool", "-a", "-b"]),
        ("tool -a p\\w", "SR779", ["tool", "-a", "pw"], ["tool", "-a", "p\\w"]),
        ("tool sip:h;transport=tcp -b", "SR531", ["tool", "sip:h"], ["tool", "sip:h;transport=tcp", "-b"]),
    ],
)
def test_what_was_meant_where_there_is_evidence(text, code, real, meant):
    found, codes = commands(text)
    assert codes == [code]
    assert [word.text for word in found.real[0]] == real
    assert found.meant is not None
    assert [word.text for word in found.meant[0]] == meant


@pytest.mark.parametrize(
    ("word", "code", "severity", "whole"),
    [
        ("$PASS", "SR532", "hint", True),
        ('"$PASS"', "SR532", "hint", True),
        ("${pass}", "SR532", "hint", True),
        ("$(cat x)", "SR532", "hint", True),
        ("`cat x`", "SR532", "hint", True),
        ("p$w", "SR532", "warning", False),
        ('"p$$"', "SR532", "warning", False),
        ("p`", "SR532", "warning", None),
        ("p!w", "SR532", "hint", None),
        ("*", "SR532", "warning", None),
        ("~/x", None, None, None),
        ("$", None, None, None),
        ("'$PASS'", None, None, None),
        ("\\$PASS", None, None, None),
    ],
)
def test_what_the_shell_replaces(word, code, severity, whole):
    notes = Notes()
    found = read(f"tool -a {word}", notes, "tool", "-a")
    assert [(f.code, f.severity) for f in notes.done()] == ([(code, severity)] if code else [])
    last = found.real[0][-1]
    assert (last.whole if last.replaced else None) == whole


def test_a_quote_that_is_never_closed_hides_what_stands_behind():
    notes = Notes()
    assert not read("tool -a hunter22 'x", notes, "tool", "-a").closed
    assert notes.findings[0].code == "SR530"
    assert "hunter22" in notes.secrets


def test_places_are_those_of_the_characters():
    found = commands("tool 'a b'\"c\"\\ d")[0].real[0][1]
    assert (found.span.line, found.span.column) == (1, 7)
    assert [found.part(index, index + 1).span.column for index in range(len(found.text))] == [7, 8, 9, 12, 15, 16]
    rows = commands("tool 'a\nbc' d")[0].real[0]
    assert [(span.line, span.column, span.length) for span in rows[1].spans] == [(1, 6, 2), (2, 1, 3)]
    assert (rows[2].span.line, rows[2].span.column) == (2, 5)


def test_the_words_behind_a_program():
    found = commands("A=b sudo -u me /usr/bin/Tool.exe -a b; other -a c; tool -d")[0]
    assert [[word.text for word in real] for real, _ in found.of("tool")] == [["-a", "b"], ["-d"]]
    assert [[word.text for word in real] for real, _ in commands("-a b")[0].of("tool")] == [["-a", "b"]]
    assert [[word.text for word in real] for real, _ in commands("-a tool")[0].of("tool")] == [["-a", "tool"]]


@pytest.mark.parametrize(
    "line", ["tool -a", "$ tool -a", "  A=b sudo -u me /opt/tool --x", "timeout 5 tool -a", "x\ntool \\\n  -a"]
)
def test_a_line_that_runs_a_program(line):
    assert starts_with("tool").search(line)


@pytest.mark.parametrize("line", ["tool", "# tool -a", "; tool -a", "my tool -a", "tool=-a", "toolbox -a", "a.tool -b"])
def test_a_line_that_does_not(line):
    assert starts_with("tool").search(line) is None


def test_files_of_options_know_only_quotes():
    found = plain_words("-a 'p w' p;w&x $y\n-b \"c#\"", Notes(), "tool", "-a")
    assert found is not None
    assert [word.text for word in found] == ["-a", "p w", "p;w&x", "$y", "-b", "c#"]
    notes = Notes()
    assert plain_words("-a 'p", notes, "tool", "-a") is None
    assert notes.findings[0].code == "SR530"


def test_secrets_are_taken_over():
    notes, other = Notes(), Notes()
    other.secret("hunter22")
    take_secrets(notes, other)
    assert notes.secrets == {"hunter22"}


@given(
    st.lists(st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=("Cs",)), max_size=12), max_size=5)
)
@settings(max_examples=300, deadline=None)
def test_what_is_quoted_comes_back(values):
    text = " ".join(["tool", *(word_for(value, "value") for value in values)])
    found, codes = commands(text)
    assert [word.text for word in found.real[0]] == ["tool", *values]
    assert codes == []
    assert shlex.split(text) == ["tool", *values]


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"])
def test_what_no_word_can_hold(value):
    with pytest.raises(CannotRender):
        word_for(value, "value")


@given(st.text(alphabet="ab '\"\\=-", max_size=24))
@settings(max_examples=500, deadline=None)
def test_quotes_and_blanks_are_those_of_shlex(text):
    try:
        expected = shlex.split(text)
    except ValueError:
        expected = None
    assume(expected is not None and not text.endswith("\\"))
    assert [word for command in words(text) for word in command] == expected


@given(st.text(alphabet="ab ;&|<>()#'\"\\$`!*~{}\n\r\t-=é", max_size=60))
@settings(max_examples=500, deadline=None)
def test_no_text_makes_it_raise_and_every_place_is_in_the_text(text):
    notes = Notes()
    found = read(text, notes, "tool", "-a")
    rows = text.split("\n")
    for command in (*found.real, *(found.meant or ())):
        for word in command:
            for span in (*word.spans, word.span):
                assert 1 <= span.line <= len(rows)
                assert 1 <= span.column <= span.end <= len(rows[span.line - 1]) + 1
    for finding in notes.done():
        assert 1 <= finding.span.line <= len(rows)


@pytest.mark.parametrize(
    "unit", [*";&|<>()#'\"\\$`!*~ -\n", "$(", "a;", "<a:", ">a", "a\\b", "1>", "\n-", "';'", "x=y "]
)
def test_time_is_linear(unit):
    for reader in (commands, starts_with("tool").search):
        assert_linear_reading(reader, unit, ("tool -a x{}", "{}"))

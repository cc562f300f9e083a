"""What stands behind `write` can be typed: in each example of a mistake it is text, and it mends the mistake."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from mockregistrar.trunks import CODES
from mockregistrar.trunks.explanation import explain

EXAMPLES = json.loads(Path(__file__, "../../../docs/examples/mistakes.json").resolve().read_text("utf-8"))
TEXTS = [each for each in EXAMPLES if each["form"] != "log"]
PROSE = re.compile(r"\b(?:the|without|around|instead|in place|another|a line|own|above|below|behind|or)\b")
ELSEWHERE = {
    "SR175": "a line in [general]",
    "SR176": "a line in [general]",
    "SR233": "then the credentials are missing",
    "SR516": "a comment",
    "SR533": "a word of the command",
    "SR536": "a word of the command",
    "SR537": "a word of the command",
    "SR705": "the line has to be the first",
    "SR770": "a word of the command",
    "SR771": "a word of the command",
    "SR446": "the whole value of a column",
}
"""Where the text belongs, or what more there is to do, in examples that it alone does not mend."""


def found(text, example, **more):
    return explain(text, dialect=example["dialect"], form=example["form"], **more).parsed


def told(parsed, code):
    return Counter(each.code for each in parsed.findings if each.severity != "hint" or each.code == code)


def tried(example, finding):
    """Return the text with the fix in each place that it may be meant for."""
    lines = example["text"].split("\n")
    at, span = finding.span.line - 1, finding.span
    line = lines[at]
    blank = line[: len(line) - len(line.lstrip())]
    end = "\r" if line.endswith("\r") else ""
    value = f"{line[: span.column - 1]}{finding.fix}{line[span.end - 1 :]}"
    for instead in ([f"{blank}{finding.fix}{end}"], [finding.fix, line], [line, finding.fix], [value]):
        yield "\n".join([*lines[:at], *instead, *lines[at + 1 :]])
    yield f"{example['text'].rstrip()}\n{finding.fix}\n"


def fixes(example, **more):
    return [each for each in found(example["text"], example, **more).findings if each.code == example["code"]]


def mends(text, example):
    before, after = found(example["text"], example), found(text, example)
    was, now = told(before, example["code"]), told(after, example["code"])
    return (
        now[example["code"]] < was[example["code"]]
        and now <= was
        and bool(after.registrations or after.peers or after.meant)
        and (after.ok or not before.ok)
    )


@pytest.mark.parametrize("example", TEXTS, ids=[each["code"] for each in TEXTS])
def test_a_fix_is_text_and_not_about_it(example):
    for each in fixes(example):
        assert not PROSE.search(each.fix.partition("://")[0]), each.fix


@pytest.mark.parametrize("example", TEXTS, ids=[each["code"] for each in TEXTS])
def test_a_fix_mends_what_it_is_for(example):
    shown = [each for each in fixes(example, show_secrets=True) if each.fix and "…" not in each.fix]
    if not shown or example["code"] in ELSEWHERE:
        return
    assert any(mends(text, example) for text in tried(example, shown[0])), shown[0].fix


def test_what_is_said_to_belong_elsewhere_does_not_mend():
    for example in (each for each in TEXTS if each["code"] in ELSEWHERE):
        shown = fixes(example, show_secrets=True)
        assert not any(mends(text, example) for text in tried(example, shown[0])), example["code"]


@pytest.mark.parametrize("example", TEXTS, ids=[each["code"] for each in TEXTS])
def test_a_page_says_when_a_finding_is_graver_than_usual(example):
    code = CODES[example["code"]]
    for each in fixes(example):
        if each.severity != code.severity:
            assert re.search(rf"\b{each.severity}\b", code.explanation, re.IGNORECASE)


def test_a_line_in_a_fix_hides_a_password_that_is_too_short_to_be_hidden_by_value():
    text = "<sip:100@sip.acme.example>;auth_pass=abc;regint=5m"
    assert [each.fix for each in explain(text, dialect="baresip").parsed.findings if each.code == "SR509"] == [
        "<sip:100@sip.acme.example>;auth_pass=•••;regint=3600"
    ]


def test_what_is_wrong_twice_in_a_line_is_put_right_in_both_places():
    text = "account.1.user_name = 1\u200b0\u200b0\naccount.1.sip_server.1.address = sip.acme.example\n"
    found = explain(text, dialect="yealink").parsed.findings
    assert [each.fix for each in found if each.code == "SR150"] == ["account.1.user_name = 100"] * 2


def test_a_line_that_is_too_long_to_be_typed_is_not_written_again():
    text = f"pjsua --id=sip:100@sip.acme.example --registar=sip:sip.acme.example {'--null-audio ' * 20}"
    [fix] = [each.fix for each in explain(text, dialect="pjsua").parsed.findings if each.code == "SR538"]
    assert fix == "--registrar"

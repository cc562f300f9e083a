"""Masks and excerpts: what people see of a line, and what they do not."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from growth import assert_at_most

from mockregistrar.trunks import Span, Veil, excerpt, finding_excerpt, mask
from mockregistrar.trunks.asterisk import sip_conf

DATA = Path(__file__).parent / "data"


def test_the_first_page_of_the_product():
    item = sip_conf.read(DATA / "sip.conf").items[0]
    shown = finding_excerpt("asterisk/sip.conf", item.source_line, item.findings[0], item.reading)
    assert shown.splitlines() == [
        "  asterisk/sip.conf:6:21",
        "   6 | register => 100:••••;•••@sip.acme.example/100",
        "     |                     ^^^^^^^^^^^^^^^^^^^^^^^^^ SR104",
        "     `;` starts a comment in sip.conf: the password is cut there. Asterisk reads `100:••••` and",
        "     finds no `@`.",
        (
            "       WARNING ... Format for registration is [peer?][transport://]user[@domain][:secret[:authuser]]"
            "@host[:port][/extension][~expiry] at line 6"
        ),
        r"     write   register => 100:••••\;•••@sip.acme.example/100",
    ]


def test_a_long_line_is_shown_around_the_place():
    line = "x" * 300 + "HERE" + "y" * 300
    body, carets = excerpt("f", 1, line, [Span(1, 301, 4)], "SR107").splitlines()[1:3]
    assert len(body) < 120
    assert body.count("…") == 2
    assert carets.index("^") == body.index("HERE")
    assert carets.count("^") == 4


def test_carets_stand_below_wide_and_invisible_characters():
    body, carets = excerpt("f", 1, "日本\u200b\tx!", [Span(1, 6, 1)]).splitlines()[1:]
    assert body.endswith("日本␣ x!")
    assert carets.index("^") - carets.index("|") == 2 + 2 + 2 + 1 + 1 + 1


def test_a_span_behind_the_end_of_the_line_gets_a_caret():
    assert excerpt("f", 1, "ab", [Span(1, 3, 0)]).splitlines()[2].count("^") == 1


def test_octets_that_are_not_utf8_can_be_printed():
    excerpt("f", 1, "p\udce4ss", [Span(1, 1, 1)]).encode()


def test_a_mask_is_one_dot_for_each_character():
    spans = [Span(1, 5, 3), Span(1, 9, 2)]
    assert mask("100:abc;de@h", spans) == "100:•••;••@h"
    assert mask("100:abc;de@h", [Span(1, 5, 6)], keep=[Span(1, 8, 1)]) == "100:•••;••@h"
    assert mask("abc", [Span(1, 13, 2)], column=12) == "a••"
    assert mask("abc", [Span(1, 90, 5)]) == "abc"


@pytest.mark.parametrize(
    ("secrets", "text", "shown"),
    [
        (["hunter22"], "it is hunter22!", "it is ••••••••!"),
        (["abc"], "abcdef abc", "abcdef abc"),
        (["hunter", "hunter22"], "hunter22 hunter", "•••••••• ••••••"),
        ([""], "text", "text"),
    ],
)
def test_a_veil_hides_by_value(secrets, text, shown):
    assert Veil(secrets)(text) == shown


def test_a_short_secret_is_hidden_where_it_is_the_whole_word():
    veil = Veil(["abc"])
    assert veil.word("abc") == "•••"
    assert veil.word("abcd") == "abcd"
    assert veil.knows("abc")
    assert not veil.knows("abcd")


def test_a_secret_elsewhere_in_the_line_is_masked_too():
    line = "register => hunter22:hunter22@sip.acme.example ; password hunter22"
    (item,) = sip_conf.read(Path("sip.conf"), read_file=lambda _path: f"[general]\n{line}\n".encode()).items
    assert "hunter22" not in mask(item.source_line, item.reading.secret_spans)
    assert item.id == "register[line-2]"
    assert item.keywords == ("sip.acme.example",)


@pytest.mark.parametrize("at", [0, 5, 50, 99, 100, 3000, 99_990])
def test_a_very_long_line_is_cut_before_it_is_looked_at(at):
    """The part that is shown is what it was when the whole line was made ready, carets and dots included."""
    secret = Span(1, max(1, at - 3), 8)

    told = excerpt("f", 1, "x" * 100_000, [Span(1, at + 1, 4)], "SR000", secret_spans=[secret])
    shown, carets = told.split("\n")[1:3]
    assert shown.count("•") == min(8, 100_000 - secret.column + 1)
    column = carets.index("^")
    assert carets[column : column + 4] == "^^^^"
    assert shown[column : column + 4] in ("••••", "x•••") or at < 4


def test_a_line_a_hundred_times_as_long_is_told_as_fast():
    def tell(length):
        for at in range(0, length, length // 20):
            excerpt("f", 1, "x" * length, [Span(1, at + 1, 4)], "SR000", secret_spans=[Span(1, max(1, at - 3), 8)])

    assert_at_most(4, partial(tell, 100_000), partial(tell, 1000), "a long line")

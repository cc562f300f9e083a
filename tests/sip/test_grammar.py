"""The shared grammar: lists, parameters, quotes, escapes, names."""

from __future__ import annotations

import pytest

from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.grammar import (
    LONG_NAMES,
    excerpt,
    find_param,
    format_params,
    is_token,
    parse_number,
    parse_params,
    printed_name,
    quote,
    split_head,
    split_list,
    split_params,
    unescape,
    unfold,
    unquote,
)


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        ("", []),
        ("  \t", []),
        ("a", ["a"]),
        (" a , b\t,c ", ["a", "b", "c"]),
        ("a,,b", ["a", "", "b"]),
        (",", ["", ""]),
        ('"a,b" <sip:x>, c', ['"a,b" <sip:x>', "c"]),
        (r'"a\",b", c', [r'"a\",b"', "c"]),
        (r'"a\\", b', [r'"a\\"', "b"]),
        ("<sip:a,b;c@h>;x, <sip:d>", ["<sip:a,b;c@h>;x", "<sip:d>"]),
        ('<sip:a>;+sip.instance="<urn:uuid:1,2>", <sip:b>', ['<sip:a>;+sip.instance="<urn:uuid:1,2>"', "<sip:b>"]),
        ('"<", ">"', ['"<"', '">"']),
    ],
)
def test_split_list(value: str, pieces: list[str]) -> None:
    assert split_list(value) == pieces


@pytest.mark.parametrize(("value", "offset"), [('a, "b', 3), ("<a, b", 0), ('a, "b\\"', 3), ('"a", <b', 5)])
def test_split_list_says_where_it_never_ends(value: str, offset: int) -> None:
    with pytest.raises(ParseError, match=f"character {offset + 1} is never closed") as caught:
        split_list(value)
    assert (caught.value.status, caught.value.offset) == (400, offset)


@pytest.mark.parametrize(
    ("text", "head", "params"),
    [
        ("a", "a", ()),
        (" a ", "a", ()),
        ("a;b", "a", (("b", None),)),
        ("a ; b = c ;D", "a", (("b", "c"), ("D", None))),
        ('a;b="x;y\\"z";c=1', "a", (("b", '"x;y\\"z"'), ("c", "1"))),
        ("<sip:a;b>;c", "<sip:a;b>", (("c", None),)),
        ('"a;b" <sip:x>;c', '"a;b" <sip:x>', (("c", None),)),
        ("x;received=2001:db8::1", "x", (("received", "2001:db8::1"),)),
        ("x;received=[2001:db8::1]", "x", (("received", "[2001:db8::1]"),)),
        ("x;tag=abc==", "x", (("tag", "abc=="),)),
    ],
)
def test_split_params(text: str, head: str, params: tuple[tuple[str, str | None], ...]) -> None:
    assert split_params(text) == (head, params)


@pytest.mark.parametrize(
    "text", ["a;", "a;;b", "a;b=", "a;b=c d", 'a;b="c', "a;=c", 'a;b="c"d', "a;b c", 'a;b="\x01"', "a;é=1"]
)
def test_what_is_no_parameter(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        split_params(text)
    assert caught.value.status == 400
    assert caught.value.offset is not None


def test_params_say_where() -> None:
    with pytest.raises(ParseError, match="at character 6, found '; ,'") as caught:
        parse_params(";a=b ; ,", 0)
    assert caught.value.offset == 5


def test_find_and_format_params() -> None:
    params = (("Tag", '"a\\"b"'), ("lr", None), ("tag", "second"))
    assert find_param(params, "TAG") == (True, 'a"b')
    assert find_param(params, "lr") == (True, None)
    assert find_param(params, "x") == (False, None)
    assert format_params(params) == ';Tag="a\\"b";lr;tag=second'


@pytest.mark.parametrize("text", ["", "plain", 'a"b', "a\\b", "a, <b>;c", "\\", '"', "é"])
def test_quote_and_back(text: str) -> None:
    assert unquote(quote(text)) == text
    assert split_list(quote(text)) == [quote(text)]


@pytest.mark.parametrize(("text", "meant"), [("token", "token"), ('"', '"'), (r'"\a\b"', "ab"), ('"a', '"a')])
def test_unquote(text: str, meant: str) -> None:
    assert unquote(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a%20b", "a b"),
        ("100%", "100%"),
        ("%zz%4", "%zz%4"),
        ("%C3%A9", "é"),
        ("%ff", "\udcff"),
        ("%00", "\0"),
        ("%2541", "%41"),
    ],
)
def test_unescape(text: str, meant: str) -> None:
    assert unescape(text) == meant


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("0068", 68),
        ("255", 255),
        ("256", 255),
        ("9" * 10000, 255),
        ("0" * 10000 + "7", 7),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1_0", None),
        ("٣", None),
        ("²", None),
        ("1 ", None),
        ("0x1", None),
    ],
)
def test_parse_number(text: str, number: int | None) -> None:
    assert parse_number(text, 255) == number


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("v", "Via"),
        ("CALL-ID", "Call-ID"),
        ("i", "Call-ID"),
        ("cseq", "CSeq"),
        ("www-authenticate", "WWW-Authenticate"),
        ("max-forwards", "Max-Forwards"),
        ("x-anything", "X-Anything"),
    ],
)
def test_printed_name(name: str, printed: str) -> None:
    assert printed_name(name) == printed


def test_compact_names_are_one_letter_each() -> None:
    assert {len(name) for name in LONG_NAMES} == {1}
    assert LONG_NAMES["m"] == "contact"
    assert len(set(LONG_NAMES.values())) == len(LONG_NAMES)


def test_is_token() -> None:
    assert is_token("-.!%*_+`'~aZ09")
    assert not any(is_token(text) for text in ("", "a b", "a/b", "é", "a\n", "(a)"))


def test_excerpt_is_short_and_ascii() -> None:
    assert excerpt("a\r\nb\udcff") == "'a\\r\\nb\\udcff'"
    assert len(excerpt("x" * 1000)) < 40


def test_split_head_and_unfold() -> None:
    assert split_head(b"\r\n\r\nA: 1\r\n b\r\n\r\nbody\r\n\r\n") == ("A: 1\r\n b", 16)
    assert split_head(b"A: 1\r\n") == ("A: 1\r\n", -1)
    assert unfold(["A: 1 \t", " \t 2", "\t3 ", "B:", " "]) == ["A: 1 2 3", "B: "]

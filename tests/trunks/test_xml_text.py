"""XML configs: what is read, where it stands, and what is let pass or refused."""

from __future__ import annotations

import re

import pytest
from growth import assert_linear_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, xml_text
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes

NO_SECRET = re.compile(r"(?!)")


def only(text: str, name: str = "a") -> xml_text.Element:
    document = xml_text.read(text)
    assert document.problem is None
    return next(element for element in document.elements if element.name == name)


def at(text: str, span: Span) -> str:
    return text.split("\n")[span.line - 1][span.column - 1 : span.end - 1]


@pytest.mark.parametrize(
    ("text", "value", "place"),
    [
        ("<a>host</a>", "host", "host"),
        ("<a> host\t</a>", "host", "host"),
        ("<a>\n  host\n</a>", "host", "host"),
        ("<a>x&amp;y</a>", "x&y", "x&amp;y"),
        ("<a>x&#38;&#x26;y</a>", "x&&y", "x&#38;&#x26;y"),
        ("<a>x&y</a>", "x&y", "x&y"),
        ("<a><![CDATA[x&amp;<y]]></a>", "x&amp;<y", "x&amp;<y"),
        ("<a>x<!-- -- -->y</a>", f"x{' ' * 11}y", None),
        ("<a>one\n two</a>", "one two", "one"),
        ("<a></a>", "", ""),
        ("<a>pä&amp;ß</a>", "pä&ß", "pä&amp;ß"),
        ("\r\n<a>\r\nhost\r\n</a>", "host", "host"),
        ('<?xml version="1.0" encoding="latin1"?>\n<a>ä</a>', "ä", "ä"),
        ('<!-- -- first -->\n<?xml version="1.0"?>\n<a>x</a>', "x", "x"),
        ("\ufeff<a>x</a>", "x", "x"),
        ("<b/><a>x</a><c>y</c>", "x", "x"),
        ("// text in between\n<a>x</a>", "x", "x"),
    ],
)
def test_texts_and_their_places(text, value, place):
    found = only(text).value
    assert found.text == value
    if place is not None:
        assert at(text, found.span) == place


def test_attributes_and_their_places():
    text = "<a one='1'\n  two=\"a&quot;>b\" three='x\ny'/>"
    element = only(text)
    assert {name: piece.text for name, piece in element.attributes.items()} == {
        "one": "1",
        "two": 'a">b',
        "three": "x y",
    }
    assert at(text, element.attribute("one").span) == "1"
    assert at(text, element.attribute("two").span) == "a&quot;>b"
    assert at(text, element.attribute("two").part(1, 2).span) == "&quot;"
    assert at(text, element.attribute("three").span) == "x"
    assert at(text, element.span) == "a"
    assert element.attribute("none").text == ""


def test_an_empty_element_says_less_than_an_element_without_text():
    assert only("<a/>").empty
    assert only("<a x='1' />").empty
    assert not only("<a></a>").empty


def test_only_elements_without_elements_have_a_text():
    document = xml_text.read("<b>x<a>y</a>z</b>")
    assert [(e.name, e.leaf, e.value.text) for e in document.elements] == [("b", False, ""), ("a", True, "y")]
    outer, inner = document.elements
    assert outer.start < inner.start < inner.stop < outer.stop


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<a>\n<b>x<y</b></a>", "<"),
        ("<a>x</b>", "b"),
        ("<a>\n  <b>x</b>", None),
        ("<a x=1/>", "1"),
        ("<!DOCTYPE x [<!ENTITY b 'c'>]><a>&b;</a>", "<!DOCTYPE"),
        ("<!-- <!DOCTYPE --><a><!ENTITY b 'c'></a>", "<!ENTITY "),
    ],
)
def test_what_is_no_xml(text, place):
    document = xml_text.read(text)
    notes = Notes()
    assert not document.judge(notes, "the reader", NO_SECRET)
    (finding,) = notes.done()
    assert finding.code == "SR401"
    if place is not None:
        assert at(text, finding.span) == place


def test_what_was_read_before_it_broke():
    document = xml_text.read("<a><b>x</b><c>y<z</c></a>")
    assert [e.name for e in document.elements if e.leaf] == ["b"]


def test_a_password_in_a_broken_line_is_hidden():
    notes = Notes()
    text = "<a>\n<p>hunter<22</p></a>"
    xml_text.read(text).judge(notes, "the reader", re.compile("<p>(.*?)</p>"))
    assert notes.secrets == {"hunter<22"}
    assert notes.secret_spans == [Span(2, 4, 9)]


def test_a_comment_with_a_document_type_is_a_comment():
    assert only("<!-- <!DOCTYPE x> --><a>y</a>").value.text == "y"


def test_bare_ampersands_are_told_but_not_all_of_them():
    text = "<a>x&y</a><b>&amp;</b><c>&nbsp;</c>"
    assert [at(text, span) for span in xml_text.read(text).strays] == ["&", "&"]
    assert len(xml_text.read("<a>" + "&" * 1000 + "</a>").strays) == 8


HOLDABLE = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ue000\ufffe\uffff"), min_size=1, max_size=20
)


@given(HOLDABLE)
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read_again(value):
    text = f"<a b={xml_text.attribute_text('b', value)}>{xml_text.element_text('a', value)}</a>"
    element = only(text)
    assert element.attribute("b").text == value
    assert "".join(piece.text for piece in element.lines) == value
    assert at(text, element.lines[0].span) == xml_text.element_text("a", value)


@pytest.mark.parametrize("character", ["\x01", "\n", "\ufffe", "\ud800", "\ue000"])
def test_what_xml_cannot_hold_is_refused(character):
    for write in (xml_text.element_text, xml_text.attribute_text):
        with pytest.raises(CannotRender) as caught:
            write("password", f"hunter{character}22")
        assert caught.value.character == character
        assert "hunter" not in str(caught.value)


@given(st.text(alphabet="<>/!-[]CDAT&;ampx='\" \r\n\ud800é\ue000?", max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_raise(text):
    for whole in (text, f"<a>{text}</a>", f"<a b='{text}'/>"):
        document = xml_text.read(whole)
        lines = whole.split("\n")
        for element in document.elements:
            for piece in (element.value, *element.attributes.values(), *element.lines):
                assert 1 <= piece.span.line <= len(lines)
                assert 1 <= piece.span.column <= piece.span.end <= len(lines[piece.span.line - 1]) + 1


@pytest.mark.parametrize(
    "unit",
    ["<", "<a>", "<!--", "<!-- -->", "<![CDATA[", "&", "&amp;", "<a b='", "<a b='&amp;'/>", "\n", "<a>\n</a>", "é"],
)
def test_time_is_linear(unit):
    assert_linear_reading(xml_text.read, unit, ("{}", "<a>{}</a>"), small=2000)

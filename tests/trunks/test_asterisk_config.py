"""The file reader: comments, options, sections, includes, and what makes Asterisk give a file up."""

from __future__ import annotations

from pathlib import Path

import pytest
from growth import assert_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks.asterisk.config_reader import Comments, Config, read_config, strip_comments


def config(text: str | bytes, **files: str | bytes) -> Config:
    held = {Path("/c") / name.replace("__", "/"): content for name, content in files.items()}
    held[Path("/c/sip.conf")] = text

    def read_file(path: Path) -> bytes:
        if path not in held:
            raise FileNotFoundError(path)
        content = held[path]
        return content if isinstance(content, bytes) else content.encode()

    def list_files(pattern: str) -> list[str]:
        return [str(path) for path in held if path.match(pattern)]

    return read_config(Path("/c/sip.conf"), read_file, list_files)


def options(text: str | bytes, section: str = "general", **files: str | bytes) -> list[tuple[str, str]]:
    found = config(text, **files).section(section)
    return [(o.name, o.text) for o in found.options] if found else []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=b", ("a", "b")),
        ("a => b", ("a", "b")),
        ("a=>b", ("a", "b")),
        ("a = > b", ("a", "> b")),
        ("a==b", ("a", "=b")),
        ("  A \t=\t b  ", ("A", "b")),
        ("a=b=c", ("a", "b=c")),
        ("a=b;c", ("a", "b")),
        ('a="b;c"', ("a", '"b')),
        (r"a=b\;c", ("a", "b;c")),
        (r"a=b\\;c", ("a", r"b\;c")),
        (r"a=b\;\;c;d", ("a", "b;;c")),
        ("a=b#c", ("a", "b#c")),
        ("a=b # c", ("a", "b # c")),
        ("a=b;-- c --;d", ("a", "bd")),
        ("a=b;--- c", ("a", "b")),
        ("a=b\r", ("a", "b")),
        ("a=b\u00a0", ("a", "b\u00a0")),
        ("a=\u200bb", ("a", "\u200bb")),
        ("a=", ("a", "")),
        (r"\#a=b", ("#a", "b")),
    ],
)
def test_a_line_is_an_option(line, expected):
    assert options(f"[general]\n{line}\n") == [expected]


def test_a_line_without_an_equals_sign_is_kept_as_a_stray():
    found = config("[general]\nregister -> u:p@h ; note\n")
    assert [(s.why, s.content.text, s.line) for s in found.strays] == [("no-equals", "register -> u:p@h", 2)]
    assert found.strays[0].tail is not None
    assert found.strays[0].tail.text == "; note"


def test_a_byte_order_mark_is_skipped_at_the_very_start_only():
    assert options(b"\xef\xbb\xbf[general]\na=b\n") == [("a", "b")]
    found = config(b"[general]\n\xef\xbb\xbfa=b\n")
    assert found.section("general").options[0].name == "\ufeffa"


def test_octets_that_are_not_utf8_keep_going():
    found = config(b"[general]\nsecret=p\xe4ss\nb=c\n").section("general")
    assert found.options[0].value.data == b"p\xe4ss"
    assert found.options[0].text == "p\udce4ss"
    assert found.options[1].text == "c"


def test_columns_count_code_points_and_survive_escapes():
    option = config("[general]\n é=\\;ü;x\n").section("general").options[0]
    assert option.text == ";ü"
    span = option.value.span(0, len(option.value))
    assert (span.line, span.column, span.length) == (2, 5, 2)
    assert option.tail.columns[0] == 7


def test_a_block_comment_hides_lines():
    text = "[general]\na=1\n;-- b=2\nc=3\n--; d=4\ne=5\n"
    assert options(text) == [("a", "1"), ("d", "4"), ("e", "5")]


def test_block_comments_nest():
    assert options("[general]\n;--\n;--\na=1\n--;\nb=2\n--;\nc=3\n") == [("c", "3")]


def test_a_block_comment_that_never_ends_hides_the_rest_and_says_where_it_began():
    found = config("[general]\na=1\n;-- Trunks\nregister => u:p@h\n")
    assert [s.why for s in found.strays] == ["swallowed"]
    assert found.strays[0].opened == 3
    assert [(f.code, f.span.line) for f in found.findings] == [("SR168", 3)]


def test_closing_what_is_not_open_hides_the_rest():
    found = config("[general]\na=1--;\nb=2\n")
    assert [(o.name, o.text) for o in found.section("general").options] == [("a", "1--;")]
    assert [f.code for f in found.findings] == ["SR185"]


@pytest.mark.parametrize(
    ("line", "code", "refused"),
    [
        ("a=b", "SR160", "parse error: No category context for line 1 of sip.conf"),
        ("[general", "SR171", "parse error: no closing ']', line 1 of sip.conf"),
        ("[x](!", "SR171", "parse error: no closing ')', line 1 of sip.conf"),
        ("[x](+)", "SR171", "Category addition requested, but category 'x' does not exist, line 1 of sip.conf"),
        ("[x](y)", "SR171", "Inheritance requested, but category 'y' does not exist, line 1 of sip.conf"),
    ],
)
def test_one_bad_line_refuses_the_file_but_not_the_reading_of_it(line, code, refused):
    found = config(f"{line}\n[general]\nc=d\n")
    assert found.refused == refused
    assert [f.code for f in found.findings] == [code]
    assert found.section("general").options[0].unread == refused


def test_templates_and_additions():
    text = "[general]\na=1\n[t](!)\nsecret=x\nport=1\n[p](t)\nport=2\n[general](+)\nb=2\n"
    found = config(text)
    assert [(o.name, o.text) for o in found.section("general").options] == [("a", "1"), ("b", "2")]
    assert found.section("t") is None
    peer = found.section("p")
    assert (peer.get("secret"), peer.get("port")) == ("x", "2")


def test_what_is_inherited_is_bounded():
    text = (
        "[a](!)\n"
        + "x=1\n" * 10
        + "".join(f"[{b}]({a},{a})\n" for a, b in zip("abcdefghijklmnopqrst", "bcdefghijklmnopqrstu", strict=False))
    )
    assert sum(len(s.options) for s in config(text).sections) < 500_000


def test_appending_to_a_value():
    assert options("[general]\na=1\na+=2\n") == [("a", "12")]
    assert options("[general]\na+=2\n") == [("a", "2")]


@pytest.mark.parametrize(
    "directive", ["#include more.conf", '#include "more.conf"', "#include <more.conf>", "#INCLUDE more.conf"]
)
def test_an_include_goes_on_in_the_same_section(directive):
    assert options(f"[general]\na=1\n{directive}\nb=2\n", **{"more.conf": "m=1\n"}) == [
        ("a", "1"),
        ("m", "1"),
        ("b", "2"),
    ]


def test_behind_an_include_the_section_is_the_one_in_front_of_it():
    found = config("[general]\n#include more.conf\nb=2\n", **{"more.conf": "[x]\nm=1\n"})
    assert [o.name for o in found.section("general").options] == ["b"]
    assert [o.name for o in found.section("x").options] == ["m"]


def test_includes_are_looked_for_beside_the_main_file_then_beside_the_including_one():
    files = {
        "sub__a.conf": "#include b.conf\n#include c.conf\n",
        "b.conf": "b=main\n",
        "sub__b.conf": "b=sub\n",
        "sub__c.conf": "c=sub\n",
    }
    assert options("[general]\n#include sub/a.conf\n", **files) == [("b", "main"), ("c", "sub")]


def test_an_absolute_include_is_looked_for_here_too():
    files = {"deep__x.conf": "x=1\n", "y.conf": "y=1\n"}
    text = "[general]\n#include /etc/asterisk/deep/x.conf\n#include /opt/else/y.conf\n"
    assert options(text, **files) == [("x", "1"), ("y", "1")]


def test_a_glob_takes_all_in_order():
    files = {"t-b.conf": "b=1\n", "t-a.conf": "a=1\n"}
    assert options("[general]\n#include t-*.conf\n", **files) == [("a", "1"), ("b", "1")]


def test_a_missing_include_is_a_finding_and_a_tried_one_is_none():
    found = config("[general]\n#include gone.conf\n#tryinclude gone-too.conf\na=1\n")
    assert [(f.code, f.span.line, f.span.column) for f in found.findings] == [("SR165", 2, 10)]
    assert "'gone.conf' was listed as a #include but it does not exist." in found.findings[0].log
    assert found.section("general").options[0].name == "a"
    assert not found.refused


def test_circles_and_depth_are_bounded():
    found = config("[general]\n#include sip.conf\na=1\n")
    assert [f.code for f in found.findings] == ["SR167"]
    deep = {f"d{i}.conf": f"#include d{i + 1}.conf\n" for i in range(30)}
    found = config("[general]\n#include d0.conf\n", **deep)
    assert [f.code for f in found.findings] == ["SR167"]
    assert len(found.files) == 10


def test_exec_is_never_run_and_other_directives_are_named():
    found = config('[general]\n#exec "/bin/touch /tmp/x"\n#register => u:p@h\n# note\n')
    assert [f.code for f in found.findings] == ["SR166", "SR169", "SR169"]
    assert "'#register'" in found.findings[1].log


def test_a_line_that_is_too_long_is_not_read():
    found = config("[general]\na=" + "x" * 8189 + "\nb=1\n")
    assert [o.name for o in found.section("general").options] == ["b"]
    assert [f.code for f in found.findings] == ["SR170"]
    assert options("[general]\na=" + "x" * 8188 + "\n")[0][0] == "a"


@given(st.lists(st.sampled_from([*list("a\\;- ="), ";--", "--;", "\\;"]), max_size=25).map("".join))
@settings(max_examples=120, deadline=None)
def test_comments_are_stripped_as_the_c_loop_does(line):
    """Against a transliteration of the mutation in place."""
    state = Comments()
    pieces, _ = strip_comments(line.encode(), state)
    kept = None if pieces is None else b"".join(line.encode()[a:b] for a, b in pieces)
    assert (kept, state.depth) == _in_place(line.encode())


def _in_place(octets: bytes) -> tuple[bytes | None, int]:
    buffer = bytearray(octets) + b"\0" * 8
    depth, new = 0, 0

    def end(start: int) -> int:
        return buffer.index(0, start)

    while True:
        at = buffer.find(b";", new, end(new))
        if at < 0:
            break
        if at > new and buffer[at - 1] == 0x5C:
            buffer[at - 1 : end(at)] = buffer[at : end(at)] + b""
            buffer.extend(b"\0")
            new = at
        elif buffer[at + 1 : at + 3] == b"--" and buffer[at + 3 : at + 4] != b"-":
            buffer[at] = 0
            new, depth = at + 3, depth + 1
        elif at >= new + 2 and buffer[at - 2 : at] == b"--":
            depth, new = depth - 1, at + 1
            if depth == 0:
                old = end(0)
                rest = bytes(buffer[new : end(new)])
                buffer = buffer[:old] + bytearray(rest) + b"\0" * 8
                new = old
        elif depth == 0:
            buffer[at] = 0
            new = at
        else:
            new = at + 1
    return bytes(buffer[: end(0)]), depth


@given(
    st.binary(max_size=300)
    | st.lists(
        st.sampled_from([b"[a]", b"(!)", b"(+)", b"\n", b"=", b"x", b";--", b"--;", b"#include sip.conf", b"\\"]),
        max_size=40,
    ).map(b"".join)
)
@settings(max_examples=120, deadline=None)
def test_no_octets_make_it_raise(octets):
    found = config(octets)
    for section in found.sections:
        for option in section.options:
            assert option.value.span(0, len(option.value)).column >= 1


def test_a_large_file_takes_linear_time():
    text = "register => user:secret@sip.acme.example/100 ; note\n"
    assert_linear(lambda lines: config("[general]\n" + text * lines), 125)

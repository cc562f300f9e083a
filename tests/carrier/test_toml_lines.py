"""Lines of keys: against the lines that the TOML's author meant."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar.carrier.toml_lines import lines_of_keys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TEXT = '''\
# [not.a.header]
top = "x # no comment"  # comment

[carrier.acme]  # header
realm = """
[inside] = 'text'
say \\"\\"\\" and "quotes""""
"quoted key" = \'\'\'
key = 1
\'\'\'
dotted . inner = 3
accounts = [ # one
    { user = "}", networks = ["a", "b]"] },

    { user = '{', ha1 = { MD5 = "x" } },
]
after = 2026-01-01T00:00:00Z
[[carrier.acme.trunk]]
name = 1
[[carrier.acme.trunk]]
name = 2
[carrier.acme.trunk.deep]
x = [[1, 2], [3]]
["carrier"."\\u00fcber"]
last = true'''

EXPECTED = {
    ("top",): 2,
    ("carrier",): None,
    ("carrier", "acme"): 4,
    ("carrier", "acme", "realm"): 5,
    ("carrier", "acme", "quoted key"): 8,
    ("carrier", "acme", "dotted", "inner"): 11,
    ("carrier", "acme", "accounts"): 12,
    ("carrier", "acme", "accounts", 0): 13,
    ("carrier", "acme", "accounts", 0, "user"): 13,
    ("carrier", "acme", "accounts", 1): 15,
    ("carrier", "acme", "accounts", 1, "ha1", "MD5"): 15,
    ("carrier", "acme", "after"): 17,
    ("carrier", "acme", "trunk"): 18,
    ("carrier", "acme", "trunk", 0): 18,
    ("carrier", "acme", "trunk", 0, "name"): 19,
    ("carrier", "acme", "trunk", 1): 20,
    ("carrier", "acme", "trunk", 1, "name"): 21,
    ("carrier", "acme", "trunk", 1, "deep"): 22,
    ("carrier", "acme", "trunk", 1, "deep", "x", 1): 23,
    ("carrier", "über"): 24,
    ("carrier", "über", "last"): 25,
}


def test_every_kind_of_key():
    lines = lines_of_keys(TEXT)
    assert {path: lines.get(path) for path in EXPECTED} == EXPECTED


def paths_of(value, at=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*at, key)
            yield from paths_of(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths_of(inner, (*at, index))


def test_every_key_that_a_toml_reader_finds_has_a_line():
    lines = lines_of_keys(TEXT)
    missing = [path for path in paths_of(tomllib.loads(TEXT)) if path not in lines]
    assert missing == [("carrier",)]  # it has no header of its own


@given(st.text(alphabet="ab=[]{}\"'#.,\\ \n\t1", max_size=60))
def test_it_ends_whatever_the_text_is(text):
    try:
        root = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        lines_of_keys(text)
        return
    lines = lines_of_keys(text)
    for path in paths_of(root):
        if isinstance(path[-1], str) and not any(longer[: len(path)] == path for longer in lines):
            pytest.fail(f"no line for {path} in {text!r}")

"""JSON lines: one record per line, stable keys, secrets masked."""

from __future__ import annotations

import io
import json

import pytest

from mockregistrar.sip.flow import Flow
from mockregistrar.trace import Masker, MessageSeen, Note, Refused, jsonl

FLOW = Flow("tcp", ("127.0.0.1", 5060), ("127.0.0.1", 41822), 3)
MESSAGE = MessageSeen(1, 0.25, 1000.25, "in", FLOW, b"REGISTER sip:a SIP/2.0\r\n\r\ngeheim\x1b", "alice")
REFUSED = Refused(2, 0.5, 1000.5, "alice", "geheim", "wrong-password", "sent geheim", 401, "REGISTER", FLOW)


def test_one_line_per_record_with_keys_in_order():
    file = io.StringIO()
    assert jsonl.write([MESSAGE, REFUSED], file) == 2
    first, second = file.getvalue().splitlines()
    assert list(json.loads(first)) == [
        "kind", "seq", "wire", "carrier", "direction", "flow", "data", "account", "note",
    ]  # fmt: skip
    assert list(json.loads(second))[:4] == ["kind", "seq", "wire", "carrier"]
    assert file.getvalue().isascii()
    assert file.getvalue().replace("\n", "").isprintable()


def test_what_was_written_is_read_back():
    file = io.StringIO()
    jsonl.write([MESSAGE, REFUSED], file)
    assert list(jsonl.read(io.StringIO(file.getvalue() + "\n"))) == [MESSAGE, REFUSED]


def test_secrets_are_masked_and_words_of_ours_are_not():
    masker = Masker(["geheim", "REGISTER", "wrong-password"])
    message, refused = jsonl.read(jsonl.lines([MESSAGE, REFUSED], masker))
    assert message.data == b"REGISTER sip:a SIP/2.0\r\n\r\n******\x1b"
    assert (refused.user, refused.detail) == ("••••••", "sent ••••••")
    assert (refused.because, refused.method) == ("wrong-password", "REGISTER")
    assert "geheim" not in "".join(jsonl.lines([MESSAGE, REFUSED], masker))


@pytest.mark.parametrize("line", ["{", "[]", '"x"', '{"kind": "weather"}'])
def test_a_line_that_is_no_record_is_named(line):
    good = next(jsonl.lines([Note(1, 0.0, 0.0, "x")]))
    with pytest.raises(ValueError, match=r"^line 2: "):
        list(jsonl.read([good, line]))

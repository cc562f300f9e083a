"""The torture messages of RFC 4475 and RFC 5118 at an engine: answered as the RFC says or dropped, and on it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playbook import SOURCE, Ask
from stage import UDP, Stage

from mockregistrar.engine import Close, Send
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import parse
from mockregistrar.trace import MessageSeen

DATA = Path(__file__).parent.parent / "sip" / "torture"
NAMES = sorted(path.stem for path in DATA.glob("*.dat"))

# What a registrar that knows REGISTER and OPTIONS answers. None: a response, or nobody to answer.
EXPECTED: dict[str, int | None] = {
    # REGISTER: a challenge, unless it is malformed or in a way of its own
    "dblreq": 401, "regaut01": 401, "cparam01": 401, "cparam02": 401, "regescrt": 401, "ipv6-good": 401,
    "port-ambiguous": 401, "port-unambiguous": 401, "escnull": 401, "scalar02": 400, "regbadct": 400, "unksm2": 401,
    "ipv6-bad": 400,
    # OPTIONS
    "esc02": 501, "bext01": 420, "zeromf": 200, "lwsdisp": 200, "badvers": 505, "badbranch": 200, "insuf": 400,
    "trws": 400, "unkscm": 416, "novelsc": 416, "mismatch01": 400,
    "semiuri": 200, "transports": 200, "via-received-param-no-delim": 200, "ipv6-bug-abnf-3-colons": 200,
    "ipv6-correct-abnf-2-colons": 200,
    # responses
    "unreason": None, "noreason": None, "bigcode": None, "bcast": None, "scalarlg": None,
    # methods nobody knows
    "intmeth": 501, "mismatch02": 400,
    # malformed
    "badinv01": 400, "clerr": 400, "ncl": 400, "quotbal": 400, "ltgtruri": 400, "lwsruri": 400, "lwsstart": 400,
    "escruri": 400, "badaspec": 400, "baddn": 400, "multi01": 400, "mcl01": 400,
}  # fmt: skip


def expected(name: str) -> int | None:
    if name in EXPECTED:
        return EXPECTED[name]
    message = parse((DATA / f"{name}.dat").read_bytes())
    method = getattr(message, "method", "")
    return {"INVITE": 405, "MESSAGE": 405, "BYE": 405}[method]


@pytest.mark.parametrize("name", NAMES)
def test_a_datagram(name):
    stage = Stage("alice:x")
    data = (DATA / f"{name}.dat").read_bytes()
    outputs = stage.feed(data)
    assert [parse(o.data).status for o in outputs] == [s for s in [expected(name)] if s is not None]
    assert all(o.flow.remote[0] == UDP.remote[0] for o in outputs)
    assert stage.records(MessageSeen)[0].data == data, "it stands in the trace, whatever became of it"
    stage.sound()
    assert stage.register(source=(SOURCE[0], 5080)).status == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_stream(name):
    stage = Stage("alice:x")
    flow = stage.connect()
    data = (DATA / f"{name}.dat").read_bytes()
    outputs = stage.feed(data, flow)
    assert all(isinstance(o, (Send, Close)) and o.flow == flow for o in outputs)
    stage.until(3600)
    stage.sound()
    assert stage.register(flow=stage.connect(), transport="tcp").status == 200


def test_all_of_them_at_one_engine():
    stage = Stage("alice:x")
    for serial, name in enumerate(NAMES):
        stage.feed((DATA / f"{name}.dat").read_bytes(), Flow("udp", UDP.local, ("192.0.2.9", 5000 + serial)))
    stage.sound()
    assert stage.register().status == 200


@pytest.mark.parametrize("name", ["regbadct", "badvers", "ncl", "bext01"])
def test_the_answer_goes_back_whole(name):
    stage = Stage("alice:x")
    request = (DATA / f"{name}.dat").read_bytes()
    (send,) = stage.feed(request)
    answer = parse(send.data)
    for field in ("call-id", "cseq", "from"):
        assert answer.first(field).encode() in request
    assert answer.top_via.branch.encode() in request
    assert stage.ask(Ask()).status == 401

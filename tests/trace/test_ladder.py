"""The ladder: a person can follow it, it fits the page, and it gives nothing away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar.sip.flow import Flow
from mockregistrar.trace import Dropped, InternalError, Lapsed, Masker, MessageSeen, Note, Refused, Registered
from mockregistrar.trace.ladder import ladder

CARRIER = ("127.0.0.1", 35060)
FLOW = Flow("udp", CARRIER, ("127.0.0.1", 41822))
CHALLENGE = 'WWW-Authenticate: Digest realm="sip.acme.example", nonce="n1", algorithm=MD5, qop="auth"'


def seen(wire, direction, data, flow=FLOW, note=""):
    if isinstance(data, str):
        data = data.encode()
    return MessageSeen(0, wire / 1000, 0.0, direction, flow, data, "", note)


def register(cseq, *lines, uri="sip:sip.acme.example", expires=120):
    contact = [f"Contact: <sip:200@127.0.0.1:41822>;expires={expires}"] if expires is not None else []
    return request("REGISTER", uri, cseq, *contact, *lines)


def request(method, uri, cseq, *lines):
    return _message(
        f"{method} {uri} SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:41822;branch=z9hG4bKx;rport",
        "From: <sip:200@sip.acme.example>;tag=a",
        "To: <sip:200@sip.acme.example>",
        "Call-ID: cid",
        f"CSeq: {cseq} {method}",
        *lines,
    )


def response(status, phrase, cseq, *lines, method="REGISTER"):
    return _message(
        f"SIP/2.0 {status} {phrase}",
        "Via: SIP/2.0/UDP 127.0.0.1:41822;branch=z9hG4bKx;rport=41822",
        "From: <sip:200@sip.acme.example>;tag=a",
        "To: <sip:200@sip.acme.example>;tag=b",
        "Call-ID: cid",
        f"CSeq: {cseq} {method}",
        *lines,
    )


def _message(*lines):
    return "\r\n".join([*lines, "Content-Length: 0", "", ""])


def digest(nc, user="200"):
    return (
        f'Authorization: Digest username="{user}", realm="sip.acme.example", nonce="n1", uri="sip:sip.acme.example", '
        f'response="0123456789abcdef0123456789abcdef", algorithm=MD5, cnonce="c", qop=auth, nc={nc:08x}'
    )


def refused(wire, because="wrong-password", status=401, flow=FLOW, method="REGISTER"):
    return Refused(0, wire / 1000, 0.0, "200", "200", because, "", status, method, flow)


WRONG_PASSWORD = [
    seen(0.0, "in", register(102)),
    seen(0.6, "out", response(401, "Unauthorized", 102, CHALLENGE)),
    seen(1.4, "in", register(103, digest(1))),
    refused(1.8),
    seen(1.9, "out", response(401, "Unauthorized", 103, CHALLENGE)),
]


def test_a_wrong_password():
    assert ladder(WRONG_PASSWORD).splitlines() == [
        "  ladder    client udp 127.0.0.1:41822                       carrier 127.0.0.1:35060",
        "  +0.0 ms   REGISTER sip:sip.acme.example  cseq 102, asks 120 s  ------------------>",
        '  +0.6 ms   <------------  401 Unauthorized  realm "sip.acme.example", MD5, qop auth',
        "  +1.4 ms   REGISTER  cseq 103, Digest user 200, nc 1, asks 120 s  ---------------->",
        "  +1.9 ms   <------------  401 Unauthorized  refused: wrong-password",
    ]


def test_the_reason_may_be_recorded_behind_the_answer():
    late = [*WRONG_PASSWORD[:3], WRONG_PASSWORD[4], WRONG_PASSWORD[3]]
    assert ladder(late) == ladder(WRONG_PASSWORD)


def test_the_reason_goes_to_the_answer_of_its_own_client():
    other = Flow("udp", CARRIER, ("127.0.0.1", 41900))
    text = ladder(
        [
            seen(0.0, "in", register(1)),
            seen(0.1, "in", register(1, digest(1)), other),
            refused(0.2, flow=other),
            seen(0.3, "out", response(401, "Unauthorized", 1, CHALLENGE)),
            seen(0.4, "out", response(401, "Unauthorized", 1, CHALLENGE), other),
        ]
    )
    assert [line.split()[2] for line in text.splitlines() if "refused" in line] == [":41900"]


def test_an_answer_that_leaves_by_another_port_still_gets_its_reason():
    by_via = Flow("udp", CARRIER, ("127.0.0.1", 5062))
    text = ladder(
        [seen(0.0, "in", register(1)), refused(0.1), seen(0.2, "out", response(401, "Unauthorized", 1), by_via)]
    )
    assert "401 Unauthorized  refused: wrong-password" in text
    assert "not seen" not in text


def test_silence_has_a_line_of_its_own():
    lines = ladder([seen(0.0, "in", register(1)), refused(0.1, "ip-not-allowed", None)]).splitlines()
    assert lines[2].endswith("* no answer to REGISTER  refused: ip-not-allowed")


def test_a_reason_whose_answer_was_not_seen_is_not_lost():
    assert "answer 401 not seen  refused: wrong-password" in ladder(WRONG_PASSWORD[2:4])


def test_repeats_are_folded_though_their_numbers_grow():
    records = list(WRONG_PASSWORD)
    for number in range(3):
        at = 30.0 * (number + 1)
        records += [
            seen(at, "in", register(104 + number, digest(2 + number))),
            refused(at + 0.4),
            seen(at + 0.5, "out", response(401, "Unauthorized", 104 + number, CHALLENGE)),
        ]
    lines = ladder(records).splitlines()
    assert len(lines) == 6
    assert lines[5].strip() == "... the same again, 3 times, until +90.5 ms"


@pytest.mark.parametrize(("times", "says"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_a_run_is_folded_when_that_saves_a_line(times, says):
    pair = [seen(0.0, "in", request("OPTIONS", "sip:a", 1)), seen(0.1, "out", response(200, "OK", 1, method="OPTIONS"))]
    lines = ladder(pair * (times + 1)).splitlines()
    assert len(lines) == 4
    assert f"... the same again, {says}," in lines[3]


def test_a_single_line_said_twice_is_not_folded():
    line = seen(0.0, "in", request("OPTIONS", "sip:a", 1))
    assert len(ladder([line, line]).splitlines()) == 3
    assert len(ladder([line, line, line]).splitlines()) == 3


def test_what_differs_is_not_folded():
    records = [seen(0.0, "in", register(1, uri=uri)) for uri in ("sip:a", "sip:a", "sip:b", "sip:a", "sip:b")]
    lines = ladder(records).splitlines()
    assert "again" not in ladder(records[:3])
    assert "REGISTER sip:a" in lines[1]
    assert "REGISTER  cseq" in lines[2]
    assert "REGISTER sip:b" in lines[3]


def test_several_clients_are_named_in_a_column():
    flows = [FLOW, Flow("udp", CARRIER, ("127.0.0.1", 41823))]
    lines = ladder([seen(0.0, "in", register(1), flow) for flow in flows]).splitlines()
    assert "clients udp 127.0.0.1" in lines[0]
    assert [line.split()[2] for line in lines[1:]] == [":41822", ":41823"]
    flows = [FLOW, Flow("tls", ("::1", 35061), ("::1", 41823), 1)]
    lines = ladder([seen(0.0, "in", register(1), flow) for flow in flows]).splitlines()
    assert "clients udp/tls 2 addresses" in lines[0]
    assert "carrier 127.0.0.1:35060, [::1]:35061" in lines[0]
    assert [line.split()[2:4] for line in lines[1:]] == [["udp", "127.0.0.1:41822"], ["tls", "[::1]:41823"]]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (register(1, expires=0), "cseq 1, unregisters  --"),
        (register(1, "Contact: *", "Expires: 0", expires=None), "cseq 1, unregisters all  --"),
        (register(1, expires=None), "cseq 1, asks what is bound  --"),
        (register(1, "Contact: <sip:x@y>", "Expires: 60", expires=30), "asks 30 and 60 s  --"),
        (register(1, "Contact: <sip:x@y>", expires=None), "cseq 1  --"),
        (register(1, "Authorization: Basic dXNlcg=="), "Basic credentials"),
        (register(1, "Authorization: Digest nonce=1"), "Digest without user"),
        (register(1, 'Authorization: Digest username="a", nc=zz'), "Digest user a, nc zz"),
        (register(1, 'Authorization: Digest username="a'), "unreadable credentials"),
        (register(1, 'Proxy-Authorization: Digest username="b, c", nc=0000000a'), "Digest user b, c, nc 10"),
        ("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n", "OPTIONS sip:a  no CSeq  --"),
    ],
)
def test_what_a_request_is_about(data, says):
    assert says in ladder([seen(0.0, "in", data)])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (response(200, "OK", 1, "Contact: <sip:a@b>;expires=120"), "200 OK  granted 120 s"),
        (response(200, "OK", 1, "Contact: <sip:a@b>", "Expires: 60"), "200 OK  granted 60 s"),
        (response(200, "OK", 1, "Contact: <sip:a>;expires=9, <sip:c>;expires=60"), "2 contacts, granted 9 and 60 s"),
        (response(200, "OK", 1), "200 OK  nothing bound"),
        (response(200, "OK", 1, method="OPTIONS"), "200 OK"),
        (response(423, "Interval Too Brief", 1, "Min-Expires: 60"), "423 Interval Too Brief  Min-Expires 60"),
        (response(503, "Service Unavailable", 1, "Retry-After: 5"), "Retry-After 5"),
        (response(302, "Moved", 1, "Contact: <sip:x@y>"), "302 Moved  to <sip:x@y>"),
        (response(401, "Unauthorized", 1, CHALLENGE + ", stale=true"), "MD5, qop auth, stale"),
        (response(401, "Unauthorized", 1, CHALLENGE.replace("MD5", "SHA-256"), CHALLENGE), "SHA-256 or MD5, qop auth"),
        (response(407, "x", 1, 'Proxy-Authenticate: Digest realm="r", nonce="n"'), 'realm "r", MD5, no qop'),
        (response(401, "Unauthorized", 1, "WWW-Authenticate: Basic"), "unreadable challenge"),
    ],
)  # fmt: skip
def test_what_a_response_says(data, says):
    assert says in ladder([seen(0.0, "out", data)])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300), "311 octets, not SIP (TLS ClientHello)"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "27 octets, not SIP (HTTP)"),
        (b"\r\n\r\n", "keep-alive (CRLF CRLF)"),
        (b"\r\n", "keep-alive (CRLF)"),
        (b"\0", "keep-alive (NUL)"),
    ],
)
def test_what_is_not_sip_is_named_for_what_it_looks_like(data, says):
    assert f"{says}  --" in ladder([seen(0.0, "in", data)])


def test_what_is_nearly_sip_is_said_to_be_malformed():
    text = ladder([seen(0.0, "in", b"REGISTER sip:a SIP/2.0\r\nno colon here\r\n\r\n")])
    assert "octets, malformed  header: " in text


def test_notes_and_drops_stand_with_their_message():
    junk = b"REGISTER sip:a SIP/2.0\r\nno colon\r\n\r\n"
    drop = Dropped(0, 0.0, 0.0, FLOW, "malformed", "no colon", len(junk))
    after = ladder([seen(0.0, "in", junk), drop])
    assert ladder([drop, seen(0.0, "in", junk)]) == after
    assert len(after.splitlines()) == 2
    assert "36 octets, malformed  dropped: malformed  header: " in after
    noted = ladder([seen(0.0, "in", junk, note="dropped: no colon"), drop])
    assert "36 octets, malformed  (dropped: no colon)  --" in noted
    assert len(noted.splitlines()) == 2
    assert "7 octets  dropped: not-sip" in ladder([Dropped(0, 0.0, 0.0, FLOW, "not-sip", "", 7)])
    assert "(retransmission)" in ladder([seen(0.0, "in", register(1), note="retransmission")])


def test_turns_of_events_stand_between_the_messages():
    binding = ("trunk1", "a@b", "sip:a", 0, None, "cid", 1, "ua", 0.0)
    lines = ladder(
        [
            seen(0.0, "in", register(1)),
            Registered(0, 0.0, 0.0, *binding),
            Note(0, 0.1, 0.0, "outage: down"),
            Lapsed(0, 5.0, 0.0, *binding, because="refresh-dropped"),
            Lapsed(0, 5.0, 0.0, *binding),
            InternalError(0, 6.0, 0.0, "KeyError: 'x'", "Traceback"),
        ]
    ).splitlines()
    assert [line.partition(" ms ")[2].strip() for line in lines[2:]] == [
        "* outage: down",
        "* trunk1 lapsed: refresh-dropped",
        "* trunk1 lapsed: no refresh",
        "* internal error: KeyError: 'x'",
    ]


def test_a_call_in_both_directions():
    lines = ladder(
        [
            seen(0.0, "out", request("INVITE", "sip:200@127.0.0.1:41822", 1)),
            seen(1.0, "in", response(180, "Ringing", 1, method="INVITE")),
        ]
    ).splitlines()
    assert "<------------  INVITE sip:200@127.0.0.1:41822  cseq 1" in lines[1]
    assert lines[2].split("ms")[1].strip().startswith("180 Ringing  --")
    assert lines[2].endswith("->")


def test_nothing_seen():
    assert ladder([]) == "no SIP traffic was seen"


def test_it_fits_the_page_whatever_comes():
    long = "x" * 300
    records = [seen(0.0, "in", register(1, digest(1, long), uri=f"sip:{long}")), Note(0, 1.0, 0.0, long)]
    records.append(seen(1e7, "out", response(200, long, 1), Flow("tls", ("::1", 5061), ("2001:db8::1", 4000), 1)))
    lines = ladder(records).splitlines()
    assert all(len(line) <= 110 for line in lines)
    assert sum("…" in line for line in lines) == 3
    assert lines[1].endswith("…  ------------>")
    assert max(len(line) for line in ladder(records, width=80).splitlines()) == 80


def test_secrets_are_masked_even_where_the_line_is_cut():
    secret = "geheim" * 10
    for padding in range(20, 80):
        text = ladder([seen(0.0, "in", register(1, uri=f"sip:{'x' * padding}{secret}"))], Masker([secret]))
        assert "ge" not in text.split("REGISTER")[1].split("cseq")[0]


def test_a_secret_sent_as_the_user_is_masked():
    text = ladder([seen(0.0, "in", register(1, digest(1, user="l3tmein")))], Masker(["l3tmein"]))
    assert "Digest user •••••••, nc 1" in text


def test_text_from_the_wire_cannot_harm_a_terminal():
    data = register(1, digest(1, user="a\x1b[31mb\x9bc\u202ed")).encode().replace(b"sip:sip", b"sip:\xffs")
    text = ladder([seen(0.0, "in", data), Note(0, 0.0, 0.0, "x\ny\udce9")])
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert len(text.splitlines()) == 3
    assert "x\\x0ay\\xe9" in text


@given(st.lists(st.tuples(st.sampled_from(["in", "out"]), st.binary(max_size=60)), max_size=6))
def test_any_octets_make_a_ladder(messages):
    text = ladder([seen(float(at), direction, data) for at, (direction, data) in enumerate(messages)])
    assert all(char.isprintable() for char in text.replace("\n", ""))

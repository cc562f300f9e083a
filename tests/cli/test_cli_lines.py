"""Lines for people and for programs, from records as a carrier makes them."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockregistrar import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.cli.opening import _PLAIN, _PLAIN_SECRET, opening_of, places, plain_string
from mockregistrar.cli.people import PeopleLines
from mockregistrar.cli.programs import ProgramLines
from mockregistrar.net.account import Account
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import (
    RECORD_TYPES,
    Dropped,
    FaultTouched,
    InternalError,
    Lapsed,
    Masker,
    MessageSeen,
    Note,
    Qualified,
    Refreshed,
    Refused,
    Registered,
    Unregistered,
    Verdict,
    jsonl,
)

FLOW = Flow("udp", ("127.0.0.1", 5060), ("127.0.0.1", 41822))
T0 = 14 * 3600 + 2 * 60 + 11.5  # 14:02:11 UTC on the first day of 1970


class Stage:
    """Makes records and shows their lines."""

    def __init__(self, secrets=(), known=("trunk2", "trunk1", "trunk3"), colour=False):
        self.clock = 0.0
        self.asked = 0
        self.known = known
        self.seq = 0
        self.lines = PeopleLines(
            Masker(secrets), self.names, colour=colour, clock=lambda: self.clock, local=time.gmtime
        )

    def names(self):
        self.asked += 1
        return self.known

    def show(self, record_type, at=0.0, **fields):
        self.seq += 1
        return self.lines.lines([record_type(self.seq, at, T0 + at, **fields)])

    def binding(self, kind, at=0.0, *, account="trunk1", expires=120, left=0.0, agent="Asterisk PBX 16.28", **more):
        fields = {"aor": f"{account}@127.0.0.1", "contact": "sip:trunk1@127.0.0.1:41822", "flow": FLOW, **more}
        return self.show(
            kind, at, account=account, expires=expires, call_id="c", cseq=1, user_agent=agent, left=left, **fields
        )

    def refused(self, at=0.0, **more):
        fields = {
            "account": "", "user": "trunkl", "because": "unknown-user", "detail": "no account logs in as 'trunkl'",
            "status": 401, "method": "REGISTER", "flow": FLOW, **more
        }  # fmt: skip
        return self.show(Refused, at, **fields)

    def dropped(self, at=0.0, host="127.0.0.1", detail="TLS ClientHello, not SIP"):
        flow = Flow("udp", ("127.0.0.1", 5060), (host, 41822))
        return self.show(Dropped, at, flow=flow, because="not-sip", detail=detail, size=12)


def test_the_life_of_a_binding():
    stage = Stage()
    told = (
        stage.binding(Registered)
        + stage.binding(Refreshed, 96.0, left=24.0)
        + stage.refused(171)
        + stage.binding(Lapsed, 336, expires=0)
        + stage.binding(Unregistered, 337, expires=0, left=80.4)
    )
    assert told == (
        "14:02:11  trunk1  registered    127.0.0.1:41822 udp        Asterisk PBX 16.28  120 s\n"
        "14:03:47  trunk1  refreshed     24 s before the lapse\n"
        "14:05:02  trunkl  refused       unknown user; did you mean trunk1?  (127.0.0.1:41822 udp)\n"
        "14:07:47  trunk1  lapsed        no refresh since 14:03:47\n"
        "14:07:48  trunk1  unregistered  80 s before the lapse\n"
    )


def test_what_a_ping_showed():
    stage = Stage()
    ping = {"account": "trunk1", "contact": "sip:trunk1@127.0.0.1:41822", "after": 0.1, "flow": FLOW}
    told = stage.show(Qualified, reachable=True, status=200, **ping)
    told += stage.show(Qualified, 60.0, reachable=False, status=None, detail="no answer to OPTIONS within 3 s", **ping)
    assert told == (
        "14:02:11  trunk1  reachable     127.0.0.1:41822 udp        answers OPTIONS with 200\n"
        "14:03:11  trunk1  unreachable   127.0.0.1:41822 udp        no answer to OPTIONS within 3 s\n"
    )


def test_a_refusal_says_why():
    stage = Stage()
    wrong = {"account": "trunk1", "user": "trunk1", "because": "wrong-password", "detail": "position 7 differs"}
    assert stage.refused(**wrong).endswith(
        "trunk1  refused       wrong password: position 7 differs  (127.0.0.1:41822 udp)\n"
    )
    assert "  (127.0.0.1:41822 udp  no answer)\n" in stage.refused(**wrong, status=None)
    assert "INVITE: wrong password" in stage.refused(**wrong, method="INVITE")
    assert stage.refused(user="nobody-like-it").endswith("unknown user  (127.0.0.1:41822 udp)\n")
    assert stage.refused(account="trunk1", user="trunk1", because="nonce-stale") == ""  # how a refresh often begins


def test_the_nearest_name_is_looked_for_at_a_bounded_pace():
    stage = Stage()
    for number in range(50):
        stage.refused(user=f"trunk{number}x")
    assert stage.asked == 1
    assert "did you mean" in stage.refused(user="trunk0x")
    assert stage.asked == 1
    stage.clock += 1
    stage.refused(user="trunkl")
    assert stage.asked == 2


def test_a_flood_of_drops_is_one_line_for_each_source_and_second():
    stage = Stage()
    told = [stage.dropped(number / 1000) for number in range(1500)]
    assert [bool(line) for line in told].count(True) == 2
    assert told[0] == (
        "14:02:11          dropped       127.0.0.1:41822 udp        TLS ClientHello, not SIP (12 octets)\n"
    )
    assert told[1000].endswith("TLS ClientHello, not SIP (12 octets; 999 more since the line before)\n")
    assert stage.dropped(1.5, host="192.0.2.1")


def test_secrets_are_masked_by_value_before_anything_is_cut():
    stage = Stage(secrets=["hunter2hunter2"])
    assert "hunter" not in stage.refused(user="hunter2hunter2")
    assert "hunter" not in stage.binding(Registered, agent="x" * 35 + "hunter2hunter2")
    assert "••••••••••••••" in stage.refused(because="malformed", detail="'hunter2hunter2' is no user")


def test_text_from_the_wire_cannot_command_the_terminal():
    stage = Stage()
    told = stage.binding(Registered, agent="evil\x1b[2J\x07\u202e") + stage.refused(user="a\nb\udcff")
    assert "\\x1b[2J" in told
    assert all(char.isprintable() or char == "\n" for char in told)
    assert told.count("\n") == 2


def test_notes_and_defects_of_ours():
    stage = Stage()
    assert stage.show(Note, text="allow 10.0.0.0/8").endswith("note          allow 10.0.0.0/8\n")
    assert "please report it: KeyError" in stage.show(InternalError, detail="KeyError('x')", traceback="")


def test_columns_stay_where_they_are():
    stage = Stage()
    long = stage.binding(Refreshed, account="a-very-long-name-for-a-trunk", left=5)
    short = stage.binding(Refreshed, account="t", left=5)
    assert long.startswith("14:02:11  a-very-long-name-for-a-trunk  refreshed ")
    assert short.index("refreshed") == len("14:02:11") + 2 + 20 + 2


def test_colours_only_colour():
    plain, coloured = Stage().refused(), Stage(colour=True).refused()
    assert "\x1b[31mrefused     \x1b[0m" in coloured
    assert coloured.replace("\x1b[31m", "").replace("\x1b[0m", "") == plain


def test_programs_get_one_object_a_line_masked():
    lines = ProgramLines(Masker(["hunter2hunter2"]))
    record = Refused(7, 1.0, 2.0, "", "hunter2hunter2", "unknown-user", "caf\udce9", 401, "REGISTER", FLOW)
    (line,) = lines.lines([record]).splitlines()
    twin = json.loads(line)
    assert (twin["kind"], twin["seq"], twin["because"]) == ("refused", 7, "unknown-user")
    assert twin["user"] == "•" * 14
    assert json.loads(lines.lost(3)) == {"event": "lost", "kind": "lost", "records": 3}
    assert json.loads(lines.closing([Path("/t/x.pcap")])) == {
        "event": "stopped",
        "kind": "stopped",
        "files": ["/t/x.pcap"],
    }
    assert lines.opening(opening(machine=True)).isascii()


RECORDS = [
    Registered(1, 0.5, T0, "100", "100@a", "sip:100@a", 120, FLOW, "c", 1, "agent", 0.0),
    Refreshed(2, 0.5, T0, "100", "100@a", "sip:100@a", 120, None, "c", 2, "café", 1.5, "d", "refresh-dropped"),
    Refused(3, 0.5, T0, "", "hunter2hunter2", "unknown-user", "digest", None, "digest", FLOW),
    Refused(
        4, 0.5, T0, "", "a\udce9", "malformed", 'quo"te\n', 400, "REGISTER", Flow("tls", ("::1", 1), ("::2", 2), 7)
    ),
    Dropped(5, 0.5, T0, FLOW, "not-sip", "hunter2hunter2 came", 3),
    MessageSeen(6, 0.5, T0, "in", FLOW, b"REGISTER hunter2hunter2", "100"),
    InternalError(7, 0.5, T0, "x", "y"),
    Note(8, 0.5, T0, "up"),
    FaultTouched(9, 0.5, T0, 1, "drop REGISTER from hunter2hunter2", "dropped", "in", FLOW, "", "REGISTER", None),
    Qualified(9, 0.5, T0, "100", "sip:hunter2hunter2@a", True, 200, 0.25, FLOW),
    Verdict(9, 0.5, T0, 3, "", "u", "unknown-user", "", "hunter2hunter2 came", "", "c", "f", "", None, FLOW),
]


@pytest.mark.parametrize("secrets", [[], ["hunter2hunter2", "digest"]])
def test_a_record_is_written_exactly_as_the_trace_writes_it(secrets):
    masker = Masker(secrets)
    assert {type(record) for record in RECORDS} >= set(RECORD_TYPES.values()) - {Unregistered, Lapsed}
    written = ProgramLines(masker).lines(RECORDS * 2)
    assert written.splitlines() == list(jsonl.lines(RECORDS * 2, masker if secrets else None))


# -- the opening -------------------------------------------------------------------------------------------
LISTENING = (ListenSpec("udp", "127.0.0.1", 5070), ListenSpec("tcp", "127.0.0.1", 5070))


def opening(*, listening=LISTENING, machine=False, show_secrets=False, ca=None, **overrides):
    overrides.setdefault("accounts", [AccountSpec(user="trunk1", secret="kD7mWq2x", made_up=True)])
    settings = CarrierSettings().changed(**{"listen": listening, **overrides})
    return opening_of(settings, listening, "realm", ca=ca, show_secrets=show_secrets, machine=machine)


def told(**options):
    return Stage().lines.opening(opening(**options))


def test_what_is_made_up_is_shown_ready_to_paste():
    assert told().startswith("mock carrier on 127.0.0.1:5070 udp tcp     Ctrl-C ends it\naccount  trunk1  ")
    assert "\n  register => trunk1:kD7mWq2x@127.0.0.1:5070/trunk1\n" in told()


def test_what_was_given_is_masked_unless_asked_for():
    given = [AccountSpec(user="100", secret="hunter2")]
    assert "register => 100:•••••••@127.0.0.1:5070/100" in told(accounts=given)
    assert "hunter2" not in json.dumps(opening(accounts=given, machine=True).to_json())
    assert "register => 100:hunter2@127.0.0.1:5070/100" in told(accounts=given, show_secrets=True)


def test_what_one_dialect_cannot_write_another_may():
    text = told(accounts=[AccountSpec(user="100", secret="a;b", made_up=True)])
    assert "register => 100:a\\;b@127.0.0.1:5070/100\n  (for sip.conf alone, as VICIdial" in text
    text = told(accounts=[AccountSpec(user="a@b", secret="hunter2")])
    assert "a@b     cannot be written as a registration string: " in text
    assert "hunter2" not in text


def test_a_hash_has_no_secret_to_show():
    text = told(accounts=[AccountSpec(user="100", ha1={"MD5": "0" * 32})])
    assert "register => 100:SECRET@127.0.0.1:5070/100" in text
    assert "SECRET stands for the password" in text


def test_an_account_let_in_by_address_has_nothing_to_paste():
    text = told(accounts=[AccountSpec(user="100", networks=("10.0.0.0/8", "192.0.2.7"))])
    assert "100     no login: let in by address, from 10.0.0.0/8, 192.0.2.7" in text
    assert "register =>" not in text
    assert "from 10.9.0.0/16" in told(accounts=[AccountSpec(user="100")], allow=["10.9.0.0/16"])


def test_more_accounts_than_a_screen_holds_are_counted():
    many = [AccountSpec(user=str(number), secret=f"made-up-{number}", made_up=True) for number in range(1003)]
    text = told(accounts=many)
    assert text.count("register =>") == 3
    assert "and 1,000 more" in text
    assert len(opening(accounts=many, machine=True).logins) == 100


def test_the_advertised_host_and_another_transport():
    tcp = (ListenSpec("tcp", "127.0.0.2", 5072),)
    assert "@192.0.2.1:5070/trunk1" in told(advertise="192.0.2.1")
    assert "tcp://trunk1:kD7mWq2x@127.0.0.2:5072/trunk1" in told(listening=tcp)


def test_tls_says_how_to_trust_it():
    tls = (*LISTENING, ListenSpec("tls", "127.0.0.1", 5061))
    assert "127.0.0.1:5070 udp tcp, 5061 tls     Ctrl-C" in told(listening=tls)
    assert "--tls-ca FILE" in told(listening=tls)
    assert "trust the certificate in /t/ca.pem" in told(listening=tls, ca=Path("/t/ca.pem"))


@pytest.mark.parametrize(
    ("listening", "text"),
    [
        (["udp:127.0.0.1:5070", "tcp:127.0.0.1:5062"], "127.0.0.1:5070 udp, 5062 tcp"),
        (["tcp:[::1]:5070", "udp:[::1]:5070"], "[::1]:5070 udp tcp"),
        (["udp:127.0.0.1:1", "udp:10.0.0.1:1"], "127.0.0.1:1 udp, 10.0.0.1:1 udp"),
    ],
)
def test_places_as_people_say_them(listening, text):
    assert places(tuple(map(ListenSpec.parse, listening))) == text


@given(
    user=st.from_regex(_PLAIN, fullmatch=True),
    secret=st.from_regex(_PLAIN_SECRET, fullmatch=True),
    port=st.integers(1, 65535) | st.just(5060),
    shown=st.booleans(),
)
@example(user="s", secret="x", port=5060, shown=True)
@example(user="100", secret="7aB", port=5060, shown=True)
def test_a_plain_string_is_what_the_dialect_writes(user, secret, port, shown):
    spec = AccountSpec(user=user, secret=secret)
    made = plain_string(spec, CarrierSettings(), ("127.0.0.1", port), "udp", shown=shown)
    account = Account(
        name=user,
        user=user,
        secret=secret if shown else "•" * len(secret),
        auth_user=user,
        domain="",
        address=lambda _: ("127.0.0.1", port),
    )
    assert made == account.registration_string("vicidial")


@pytest.mark.parametrize(
    ("fields", "domains", "host", "transport"),
    [
        ({"user": "tls"}, (), "127.0.0.1", "udp"),
        ({"user": "a:b"}, (), "127.0.0.1", "udp"),
        ({"secret": "p@ss"}, (), "127.0.0.1", "udp"),
        ({"secret": None, "ha1": {"MD5": "0" * 32}}, (), "127.0.0.1", "udp"),
        ({"domain": "a.example"}, (), "127.0.0.1", "udp"),
        ({"auth_user": "b"}, (), "127.0.0.1", "udp"),
        ({}, ("a.example",), "127.0.0.1", "udp"),
        ({}, (), "::1", "udp"),
        ({}, (), "127.0.0.1", "tcp"),
    ],
)
def test_what_is_not_plain_is_left_to_the_dialect(fields, domains, host, transport):
    spec = AccountSpec(**{"user": "a", "secret": "b", **fields})
    settings = CarrierSettings(domains=domains)
    assert plain_string(spec, settings, (host, 5070), transport, shown=True) is None

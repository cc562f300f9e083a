"""The grammar of faults: what is read, what is printed, and what is said of what is wrong."""

from __future__ import annotations

import dataclasses
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.faults import ACTIONS, KEYS, FaultError, FaultSpec
from mockregistrar.faults.words import COMMON
from mockregistrar.sip.grammar import METHODS

TEXTS = {
    "drop": FaultSpec(action="drop"),
    "drop REGISTER from trunk1": FaultSpec(action="drop", method="REGISTER", user="trunk1"),
    "drop register from trunk1 nth=2": FaultSpec(action="drop", method="REGISTER", user="trunk1", nth=2),
    "drop 4xx out every=3 transport=udp": FaultSpec(
        action="drop", status="4xx", direction="out", every=3, transport="udp"
    ),
    "drop noauth p=0.25 seed=7 optional": FaultSpec(action="drop", auth=False, p=0.25, seed=7, optional=True),
    "delay 401 2s": FaultSpec(action="delay", status="401", by=2.0),
    "delay 401 by=500ms jitter=1.5s": FaultSpec(action="delay", status="401", by=0.5, jitter=1.5),
    "answer REGISTER 503 retry-after=30": FaultSpec(
        action="answer", method="REGISTER", answer_status=503, retry_after=30
    ),
    'answer 486 reason="Try \\"later\\"" header="Warning: 399 a b" header=X-A:1': FaultSpec(
        action="answer",
        answer_status=486,
        reason='Try "later"',
        headers=(("Warning", "399 a b"), ("X-A", "1")),
    ),
    'drop from "in" in': FaultSpec(action="drop", user="in", direction="in"),
    "drop from in": FaultSpec(action="drop", user="in"),
    "drop from a=b": FaultSpec(action="drop", user="a=b"),
    "drop REGISTER 401": FaultSpec(action="drop", method="REGISTER", status="401"),
    "drop REGISTER 200 out": FaultSpec(action="drop", method="REGISTER", status="200", direction="out"),
    "skew by=-1h": FaultSpec(action="skew", by=-3600.0),
    "outage nth=3 10s kind=503 forget=bindings,nonces": FaultSpec(
        action="outage", nth=3, by=10.0, kind="503", forget=("bindings", "nonces")
    ),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_fault_is_read(text):
    spec = FaultSpec.parse(text)
    assert spec == TEXTS[text]
    assert FaultSpec.parse(str(spec)) == spec


@pytest.mark.parametrize("action", ACTIONS)
def test_the_example_of_each_action_is_what_it_prints(action):
    spec = FaultSpec.parse(ACTIONS[action].example)
    assert spec.action == action
    again = FaultSpec.parse(str(spec))
    assert again == spec
    assert str(again) == str(spec)


def test_every_key_has_a_meaning_and_is_taken_by_something():
    taken = {key for action in ACTIONS.values() for key in action.keys} | set(COMMON)
    assert taken == set(KEYS)
    assert all(action.needs in ("", *action.keys) for action in ACTIONS.values())


@pytest.mark.parametrize(
    ("text", "column", "length", "message"),
    [
        ("drp REGISTER", 1, 3, "no action `drp`; did you mean `drop`?"),
        ("drop REGITER", 6, 7, "no word `REGITER`; did you mean `REGISTER`?"),
        ("drop form trunk1", 6, 4, "no word `form`; did you mean `from`?"),
        ("drop REGISTER nht=2", 15, 3, "no key `nht`; did you mean `nth`?"),
        ("drop REGISTER by=2s", 15, 2, "drop takes no by="),
        ("drop REGISTER from", 15, 4, "names no user"),
        ("drop REGISTER nth=two", 15, 7, "is not a whole number"),
        ("drop REGISTER nth=0", 15, 5, "nth=0 is not between 1 and"),
        ("drop REGISTER nth=2 first=3", 21, 7, "has nth= and first=; a fault counts in one way"),
        ("drop in out", 9, 3, "the direction is there twice"),
        ("delay 401 by=2", 11, 4, "has no unit; write 2s or 2ms"),
        ("delay 401 by=soon", 11, 7, "is not a time"),
        ("delay 401", 0, 0, "delay needs by=, a time: 2s, 500ms, 1m, 1h; e.g. delay 401 by=2s"),
        ("delay 401 by=-2s", 11, 6, "only goes on"),
        ("answer REGISTER", 0, 0, "answer needs status="),
        ("answer 5xx", 8, 3, "is a class of statuses"),
        ("answer 503 out", 12, 3, "answer acts on what goes in"),
        ("answer 503 header=Via:x", 12, 12, "'Via' is no header field that an answer can be given"),
        ("drop p=1.5", 6, 5, "no probability"),
        ("drop p=x", 6, 3, "is not a number"),
        ("drop source=10.0.0.1/8", 6, 17, "is not an address or CIDR network"),
        ("drop transport=upd", 6, 13, "no transport `upd`; did you mean `udp`?"),
        ("reset transport=udp", 7, 13, "reset acts on tcp, tls alone"),
        ('drop from "trunk1', 11, 1, "this quote is never closed"),
        ('drop "REGISTER"', 6, 10, "is quoted, and belongs to nothing"),
        ("outage kind=503 forget=nonce", 17, 12, "did you mean `nonces`?"),
        ("password noauth", 10, 6, "password acts on requests with credentials"),
        ("", 0, 0, "is empty; a fault is ACTION"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, column, length, message):
    with pytest.raises(FaultError) as caught:
        FaultSpec.parse(text)
    error = caught.value
    assert message in str(error)
    assert (error.column, error.length) == (column, length)
    if column:
        assert str(error).splitlines()[-1] == "  " + " " * (column - 1) + "^" * length


def test_control_characters_do_not_reach_the_terminal():
    with pytest.raises(FaultError, match=r"control character \(column 6\)") as caught:
        FaultSpec.parse("drop \x1b[2J")
    assert "\x1b" not in str(caught.value)


def test_a_value_that_cannot_be_is_refused_without_text():
    for fields in (
        {"action": "drp"},
        {"action": "drop", "nth": 0},
        {"action": "drop", "by": 2.0},
        {"action": "drop", "method": "NOPE"},
        {"action": "drop", "user": "a\nb"},
        {"action": "delay"},
    ):
        with pytest.raises(FaultError):
            FaultSpec(**fields)


# -- printing and reading are inverse ----------------------------------------------------------------------------
TIMES = st.integers(0, 86400 * 1000).map(lambda ms: ms / 1000)
TEXT = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=("Cs",)), max_size=12)
FIELDS = {
    "by": TIMES,
    "jitter": TIMES,
    "copies": st.integers(1, 10),
    "octets": st.integers(1, 65535),
    "at": st.integers(0, 65535),
    "keep": st.integers(0, 65535),
    "port": st.integers(1, 65535),
    "status": st.integers(100, 699),
    "reason": TEXT.map(str.strip),
    "retry-after": st.integers(0, 2**32 - 1),
    "header": st.lists(
        st.tuples(
            st.text(string.ascii_letters + "-", min_size=2, max_size=8).map(lambda n: f"X-{n}"), TEXT.map(str.strip)
        ),
        max_size=3,
    ).map(tuple),
    "kind": st.sampled_from(["silent", "refused", "503"]),
    "look-up": st.sampled_from(["nxdomain", "servfail", "silent"]),
    "forget": st.sampled_from([("bindings",), ("nonces",), ("bindings", "nonces")]),
    "seed": st.integers(0, 2**32 - 1),
    "burst": st.integers(2, 10_000),
    "source": st.sampled_from(["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]),
}
NAMES = {"status": "answer_status", "retry-after": "retry_after", "header": "headers"}


@st.composite
def specs(draw):
    action = draw(st.sampled_from(list(ACTIONS.values())))
    fields = {"action": action.name}
    for key in (*action.keys, "seed", "burst", "source"):
        if key == action.needs or draw(st.booleans()):
            fields[NAMES.get(key, key)] = draw(FIELDS["look-up" if (key, action.name) == ("kind", "dns") else key])
    count = draw(st.sampled_from(["", "nth", "first", "every", "p"]))
    if count == "p":
        fields["p"] = draw(st.integers(1, 10**6)) / 10**6
    elif count:
        fields[count] = draw(st.integers(1, 10**6))
    sip = action.side != "names"
    if sip and draw(st.booleans()):
        fields["user"] = draw(TEXT.filter(bool))
    if draw(st.booleans()):
        fields["direction"] = draw(st.sampled_from(action.directions))
    if draw(st.booleans()):
        fields["transport"] = draw(st.sampled_from(action.transports))
    if sip:
        fields["auth"] = draw(st.sampled_from([None, True, *([] if action.name == "password" else [False])]))
    fields["optional"] = draw(st.booleans())
    out = fields.get("direction") == "out"
    if sip and draw(st.booleans()):
        fields["method"] = draw(st.sampled_from(sorted(METHODS)))
    if action.side == "wire" and (out or "method" not in fields) and draw(st.booleans()):
        fields["status"] = draw(st.sampled_from(["401", "200", "4xx", "503"]))
    return FaultSpec(**fields)


@given(specs())
@settings(max_examples=300)
def test_what_is_printed_is_read_back(spec):
    text = str(spec)
    assert FaultSpec.parse(text) == spec
    assert str(FaultSpec.parse(text)) == text


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*ACTIONS, *METHODS, "from", "in", "nth=2", "x", '"'])).map(" ".join)
)
def test_any_text_is_read_or_refused_with_a_place_in_it(text):
    caught = None
    try:
        FaultSpec.parse(text)
    except FaultError as error:
        caught = error
    assert caught is None or (str(caught) and 0 <= caught.column <= len(text))


def test_every_field_can_be_written():
    written = {NAMES.get(key, key) for key in KEYS} | {
        "action",
        "method",
        "status",
        "user",
        "direction",
        "auth",
        "optional",
    }
    assert written == {f.name for f in dataclasses.fields(FaultSpec)}

"""JsSIP, SIP.js, drachtio and pyVoIP: what people paste, what goes wrong in it, and what is written for them."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial

import pytest
from dialect_checks import HOSTS, LABELS, SECRETS, codes_of, fields, loud, parsed, says
from growth import assert_linear_reading
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from library_programs import (
    CALL,
    DIALECTS,
    DRACHTIO,
    DRACHTIO_CODE,
    DRACHTIO_FIELDS,
    GREEN,
    JSSIP,
    JSSIP_CODE,
    JSSIP_FIELDS,
    PYVOIP,
    PYVOIP_CODE,
    PYVOIP_FIELDS,
    SIP_UA_CODE,
    SIPJS,
    SIPJS_CODE,
    SIPJS_FIELDS,
)

from mockregistrar.trunks import CannotRender, Target, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.libraries.js_literals import Program
from mockregistrar.trunks.libraries.literals import Text, javascript_number


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        (JSSIP, JSSIP_CODE, JSSIP_FIELDS),
        (SIPJS, SIPJS_CODE, SIPJS_FIELDS),
        (SIPJS, SIP_UA_CODE, SIPJS_FIELDS | {"outbound_proxy": "wss://sip.acme.example", "expiry": 600}),
        (DRACHTIO, DRACHTIO_CODE, DRACHTIO_FIELDS),
        (PYVOIP, PYVOIP_CODE, PYVOIP_FIELDS),
    ],
)
def test_what_people_paste(dialect, text, expected):
    found = parsed(dialect, text)
    assert (detect(text).dialect, detect(text).form) == (dialect, "code")
    assert found.findings == ()
    assert found.ok
    assert found.meant == ()
    assert fields(found) == expected
    assert "hunter22" not in report(explain(text))


JSON_TEXTS = [
    (
        JSSIP,
        {"sockets": ["wss://sip.acme.example:8089/ws"], "uri": "sip:100@acme.example", "password": "hunter22"},
        JSSIP_FIELDS,
    ),
    (
        SIPJS,
        {
            "uri": "sip:100@acme.example",
            "transportOptions": {"server": "wss://sip.acme.example:8089/ws"},
            "authorizationUsername": "login",
            "authorizationPassword": "hunter22",
        },
        {name: value for name, value in SIPJS_FIELDS.items() if name != "register"} | {"expiry": 600},
    ),
    (
        DRACHTIO,
        {
            "uri": "sip:sip.acme.example",
            "method": "REGISTER",
            "headers": {"To": "sip:100@acme.example", "Contact": "<sip:200@localhost>", "Expires": 300},
            "auth": {"username": "100", "password": "hunter22"},
        },
        DRACHTIO_FIELDS,
    ),
    (
        PYVOIP,
        {"server": "192.0.2.1", "port": 5060, "username": "100", "password": "hunter22", "myIP": "192.0.2.2"},
        PYVOIP_FIELDS,
    ),
]


@pytest.mark.parametrize(("dialect", "options", "expected"), JSON_TEXTS)
@pytest.mark.parametrize("indent", [None, 2])
def test_the_configuration_as_json(dialect, options, expected, indent):
    text = json.dumps(options, indent=indent)
    assert (detect(text).dialect, detect(text).form) == (dialect, "json")
    found = parsed(dialect, text)
    assert found.form == "json"
    assert found.findings == ()
    assert fields(found) == expected
    assert "hunter22" not in report(explain(text))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_json_is_refused_with_its_place_and_read_all_the_same(dialect):
    options = next(options for name, options, _ in JSON_TEXTS if name == dialect)
    text = json.dumps(options, indent=2)[:-2] + ",\n}"
    found = parsed(dialect, text, form="json")
    assert not found.ok
    says(found, "SR781", "error", text.count("\n") + 1 if "property" in found.findings[0].message else None)
    assert found.meant[0].secret == "hunter22"
    assert "hunter22" not in report(explain(text, dialect=dialect, form="json"))


@pytest.mark.parametrize(("dialect", "text"), GREEN)
def test_correct_programs_are_left_alone(dialect, text):
    found = parsed(dialect, text)
    assert detect(text).dialect == dialect
    assert loud(found) == []
    assert found.ok
    assert len(found.registrations) == 1
    assert found.meant == ()


def test_the_words_of_a_program_that_only_runs_can_settle_stay_open():
    text = JSSIP_CODE.replace("'hunter22'", "process.env.PASS || 'hunter22'").replace("'sip:100@", "'sip:' + x + '@")
    found = parsed(JSSIP, text)
    made = fields(found)
    assert not {"secret", "user", "domain", "host"} & set(made)
    assert made["transport"] == "wss"
    assert "hunter22" not in report(explain(text))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("'sip:100@acme.example'", "'100@acme.example'", {"user": "100", "domain": "acme.example"}),
        ("'sip:100@acme.example'", "'sip:a%20b@ACME.example:5070'", {"user": "a b", "domain_port": 5070}),
        ("'sip:100@acme.example'", "`sip:${'1' + '00'}@acme.example`", {"user": "100"}),
        ("'hunter22'", "12345678", {"secret": "12345678"}),
        ("'hunter22'", '"pa\\u0041\\x42\\\\\\"s"', {"secret": 'paAB\\"s'}),
        ("'hunter22'", "`hunter${22}`", {"secret": "hunter22"}),
        ("password :", "register: false, password :", {"register": False}),
        ("password :", "authorization_user: 'login', password :", {"effective_auth_user": "login"}),
        ("password :", "registrar_server: 'reg.example', password :", {"host": "reg.example"}),
        ("password :", "register_expires: '120', password :", {"expiry": 120}),
        ("password :", "register_expires: null, realm: '', password :", {"expiry": 600, "realm": ""}),
        ("password :", "contact_uri: 'sip:me@x.invalid', password :", {"extension": "me"}),
        ("password :", "display_name: 'Al', realm: 'r', password :", {"display_name": "Al", "realm": "r"}),
        ("'wss://sip.acme.example:8089/ws'", "'ws://192.0.2.1:8088/ws'", {"transport": "ws"}),
        ("var ua", "configuration.password = 'later';\nvar ua", {"secret": "later"}),
    ],
)
def test_what_jssip_reads(old, new, expected):
    text = JSSIP_CODE.replace(old, new)
    assert text != JSSIP_CODE
    found = parsed(JSSIP, text)
    assert loud(found) == []
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize(
    ("written", "value", "text"),
    [
        ("0123", 83, "83"),
        ("0189", 189, "189"),
        ("1e3", 1000, "1000"),
        ("1e21", 1e21, "1e+21"),
        ("1e-7", 1e-7, "1e-7"),
        ("0.10", 0.1, "0.1"),
        ("0x1F", 31, "31"),
        ("1_000", 1000, "1000"),
        ("12345678901234567890n", 12345678901234567890, "12345678901234567890"),
    ],
)
def test_numbers_of_javascript(written, value, text):
    assert javascript_number(written) == (value, text)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f'P = "other"\ndef f(P):\n    return {CALL.replace(chr(34) + "hunter22" + chr(34), "P")}\n', None),
        (f'P = "hunter22"\ndef f():\n    return {CALL.replace(chr(34) + "hunter22" + chr(34), "P")}\n', "hunter22"),
        (f'if x:\n    P = "a1"\nelse:\n    P = "b1"\n{CALL.replace(chr(34) + "hunter22" + chr(34), "P")}\n', None),
        (f'P = "a1"\nP = "b1"\n{CALL.replace(chr(34) + "hunter22" + chr(34), "P")}\n', "b1"),
        (f'P = "a1"\n{CALL.replace(chr(34) + "hunter22" + chr(34), "P + " + chr(39) + "x" + chr(39))}\n', "a1x"),
        (CALL.replace('"hunter22"', "os.environ.get('P', 'hunter22')"), None),
        (CALL.replace('"hunter22"', "'hunter' '22'"), "hunter22"),
        (CALL.replace('"hunter22"', "r'hun\\ter'"), "hun\\ter"),
        (CALL.replace('"hunter22"', "'hun\\ser\\''"), "hun\\ser'"),
    ],
)
def test_names_and_strings_of_python(text, secret):
    found = parsed(PYVOIP, text)
    assert loud(found) == []
    assert found.registrations[0].secret == secret
    assert "hunter22" not in report(explain(text))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("const p = 'a1'; function f(p) { return new JsSIP.UA({uri: u, sockets: s, password: p}); }", None),
        ("const p = 'a1'; const f = p => new JsSIP.UA({uri: u, sockets: s, password: p});", None),
        ("const p = 'a1'; function f() { return new JsSIP.UA({uri: u, sockets: s, password: p}); }", "a1"),
        ("let p = 'a1'; if (x) { p = 'b1'; } new JsSIP.UA({uri: u, sockets: s, password: p});", None),
        ("let p = 'a1'; p = 'b1'; new JsSIP.UA({uri: u, sockets: s, password: p});", "b1"),
        ("const { password } = props; new JsSIP.UA({uri: u, sockets: s, password});", None),
        ("const c = {user: {p: 'a1'}}; new JsSIP.UA({uri: u, sockets: s, password: c.user.p});", "a1"),
        ("class A { constructor() { this.p = 'a1'; } go() { new UA({uri: u, sockets: s, password: this.p}); } }", "a1"),
        ("const o = {password: 'a1'}; new JsSIP.UA({uri: u, sockets: s, ...o});", "a1"),
        ("new JsSIP.UA({uri: u, sockets: s, password: getPassword('a1')});", None),
        ("new JsSIP.UA({uri: u, sockets: s, password: String.raw`a1`});", None),
        ("new JsSIP.UA({uri: u, sockets: s, password: x ? 'a1' : 'b1'});", None),
        ("new JsSIP.UA({uri: u, sockets: s, password: ('a' + '1')});", "a1"),
        ("new JsSIP.UA({uri: /[/]'/, sockets: s, password: 'a1'});", "a1"),
        ("/* 'x */ new JsSIP.UA({uri: u, sockets: s, /* ' */ password: 'a1' // '\n});", "a1"),
    ],
)
def test_names_and_strings_of_javascript(text, secret):
    found = parsed(JSSIP, text)
    assert loud(found) == []
    assert found.registrations[0].secret == secret


# --- together


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("other", DIALECTS)
def test_the_program_of_another_library_is_named(dialect, other):
    text = {JSSIP: JSSIP_CODE, SIPJS: SIPJS_CODE, DRACHTIO: DRACHTIO_CODE, PYVOIP: PYVOIP_CODE}[other]
    found = parsed(dialect, text)
    if dialect == other:
        assert found.findings == ()
    elif not found.registrations and PYVOIP not in (dialect, other):
        assert "SR820" in codes_of(found) or not found.ok
    else:
        assert found.findings


def test_two_of_one_account():
    twice = (
        JSSIP_CODE
        + "var other = new JsSIP.UA({ sockets: [socket], uri: 'sip:100@acme.example', password: 'hunter22' });\n"
    )
    found = parsed(JSSIP, twice)
    assert codes_of(found) == ["SR163"]
    assert len(found.registrations) == 2
    found = parsed(PYVOIP, f"a = {CALL}\nb = {CALL}\n")
    assert "SR163" in codes_of(found)


@pytest.mark.parametrize("dialect", [JSSIP, SIPJS])
@given(
    secret=SECRETS,
    host=HOSTS,
    auth_user=st.sampled_from(["", "login", "a'b"]),
    user=st.one_of(LABELS, st.sampled_from(["+49@t-online.de", "a;b", "\xe4"])),
    domain=st.sampled_from(["", "d.example"]),
    transport=st.sampled_from(["ws", "wss"]),
    port=st.sampled_from([80, 443, 8089]),
    expiry=st.integers(60, 7200),
)
@settings(max_examples=100, deadline=None)
def test_web_sockets_go_round(dialect, secret, host, auth_user, user, domain, transport, port, expiry):
    trunk = Trunk(
        user, host, secret=secret, auth_user=auth_user, domain=domain, transport=transport, port=port, expiry=expiry
    )
    text = registry.render(dialect, trunk)
    assert detect(text).dialect == dialect
    found = parsed(dialect, text)
    assert [f for f in loud(found) if not f.startswith(("SR150", "SR151"))] == []
    made = found.registrations[0]
    usual = 443 if transport == "wss" else 80
    assert made.outbound_proxy == f"{transport}://{host}" + (f":{port}" if port != usual else "")
    assert (made.user, made.secret, made.auth_user) == (user, secret, auth_user)
    assert (made.domain, made.transport, made.expiry) == (trunk.aor_host, transport, expiry)


@pytest.mark.parametrize("dialect", [JSSIP, SIPJS])
def test_the_address_of_a_web_socket_is_kept(dialect):
    trunk = Trunk("100", "h.example", secret="x", target=Target("h.example", 443, "wss", "wss://h.example/ws?a=b"))
    assert parsed(dialect, registry.render(dialect, trunk)).registrations[0].outbound_proxy == "wss://h.example/ws?a=b"


@given(
    secret=SECRETS,
    host=HOSTS,
    user=LABELS,
    auth_user=st.sampled_from(["", "lo'gin"]),
    domain=st.sampled_from(["", "d.example"]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.sampled_from([5060, 5061, 5080]),
    expiry=st.integers(60, 7200),
    extension=st.sampled_from(["x1", "200"]),
)
@settings(max_examples=100, deadline=None)
def test_drachtio_goes_round(secret, host, user, auth_user, domain, transport, port, expiry, extension):
    trunk = Trunk(
        user,
        host,
        secret=secret,
        auth_user=auth_user,
        domain=domain,
        transport=transport,
        port=port,
        expiry=expiry,
        extension=extension,
    )
    text = registry.render(DRACHTIO, trunk)
    assert detect(text).dialect == DRACHTIO
    found = parsed(DRACHTIO, text)
    assert found.ok
    assert found.registrations[0].trunk == trunk


@given(secret=SECRETS, host=HOSTS, user=LABELS, port=st.sampled_from([5060, 5061, 5080]), expiry=st.integers(60, 7200))
@settings(max_examples=100, deadline=None)
def test_pyvoip_goes_round(secret, host, user, port, expiry):
    trunk = Trunk(user, host, secret=secret, port=port, expiry=expiry, extension=user)
    text = registry.render(PYVOIP, trunk)
    assert detect(text).dialect == PYVOIP
    found = parsed(PYVOIP, text)
    assert found.ok
    made = found.registrations[0] if not found.meant else found.meant[0]
    assert found.registrations[0].trunk == trunk, made
    assert secret == eval(text.split(", ", 3)[3].partition(")\nphone")[0])


def test_what_pyvoip_is_given_is_what_was_written():
    pytest.importorskip("pyVoIP.VoIP")
    trunk = Trunk("100", "sip.acme.example", secret="p'a\"s\\t;\u00e4\n", port=5080, expiry=300)
    scope: dict[str, object] = {}
    exec(registry.render(PYVOIP, trunk).replace("phone.start()", ""), scope)
    phone = scope["phone"]
    assert (phone.server, phone.port, phone.username, phone.password) == (trunk.host, 5080, "100", trunk.secret)
    assert phone.sip.default_expires == 300


NASTY = [
    "p'a",
    'p"a',
    "p\\a",
    "p\\ta",
    "`${x}`",
    "a\nb",
    "a\r\u2028b",
    "</script>",
    "\U0001f600\u00e4",
    "\x00\x7f",
    "$&$$",
]


def test_node_reads_what_was_written():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the rendered strings are checked by the reader of this project only")
    trunks = [Trunk("100", "h.example", secret=secret, transport="wss", port=8089) for secret in NASTY]
    programs = [registry.render(JSSIP, trunk) for trunk in trunks]
    script = (
        "let seen = null; const JsSIP = { WebSocketInterface: function (url) { this.url = url; },"
        " UA: function (options) { seen = options.password; this.start = () => {}; } };"
        f"console.log(JSON.stringify({json.dumps(programs)}.map((program) => {{ eval(program); return seen; }})));"
    )
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True, encoding="utf-8")
    assert json.loads(done.stdout) == NASTY
    assert [parsed(JSSIP, program).registrations[0].secret for program in programs] == NASTY


ESCAPES = (
    *(
        "a",
        "7",
        "8",
        "\\n",
        "\\t",
        "\\v",
        "\\0",
        "\\1",
        "\\12",
        "\\377",
        "\\400",
        "\\8",
        "\\x41",
        "\\u0041",
        "\\u{1F600}",
    ),
    *("\\ud83d", "\\ude00", "\\q", "\\$", "\\'", '\\"', "\\\\", "\\\n", "\\/", "\u00e4"),
)


def test_node_reads_strings_as_they_are_read_here():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: escapes are checked against the tables of this project only")
    literals = [f"'{one}{two}'" for one in ESCAPES for two in ESCAPES]
    script = f"console.log(JSON.stringify({json.dumps(literals)}.map((literal) => eval(literal))));"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True, encoding="utf-8")
    for literal, expected in zip(literals, json.loads(done.stdout), strict=True):
        found = Program(literal).first()
        assert isinstance(found, Text)
        assert found.text == expected, literal


@pytest.mark.parametrize(
    ("dialect", "trunk", "character"),
    [
        (JSSIP, Trunk("100", "h.example", secret="x"), "udp"),
        (SIPJS, Trunk("100", "h.example", secret="x", transport="tls", port=5061), "tls"),
        (JSSIP, Trunk("100", "h.example", secret="x", transport="wss", port=5060), "5060"),
        (JSSIP, Trunk("100", "h.example", ha1="0" * 32, transport="wss", port=443), "ha1"),
        (JSSIP, Trunk("100", "h.example", auth_user='a"b', transport="wss", port=443), '"'),
        (JSSIP, Trunk("100", "h..example", secret="x", transport="wss", port=443), "h..example"),
        (JSSIP, Trunk("100", "h.example", secret="x", transport="wss", port=443, expiry=0), "0"),
        (SIPJS, Trunk("", "h.example", secret="x", transport="wss", port=443), ""),
        (DRACHTIO, Trunk("100", "h.example", secret="x", transport="wss", port=443), "wss"),
        (DRACHTIO, Trunk("100", "h.example", ha1="0" * 32), "ha1"),
        (PYVOIP, Trunk("100", "h.example", secret="x", transport="tcp"), "tcp"),
        (PYVOIP, Trunk("100", "h.example", secret="x", auth_user="login"), "login"),
        (PYVOIP, Trunk("100", "h.example", secret="x", domain="d.example"), "d.example"),
        (PYVOIP, Trunk("100@d.example", "h.example", secret="x"), "@"),
        (PYVOIP, Trunk("100", "h.example", ha1="0" * 32), "ha1"),
    ],
)
def test_what_cannot_be_written(dialect, trunk, character):
    with pytest.raises(CannotRender) as caught:
        registry.render(dialect, trunk)
    assert caught.value.character == character


def test_sipjs_takes_a_digest():
    trunk = Trunk("100", "h.example", ha1="0123456789abcdef" * 2, transport="wss", port=443)
    found = parsed(SIPJS, registry.render(SIPJS, trunk))
    assert found.registrations[0].ha1 == trunk.ha1
    assert found.registrations[0].secret is None
    assert found.findings == ()


JUNK = st.text(alphabet="{}()[]'\"`$\\:,;=+./*@ \n\tabsipuroext01\u201c\u00e9\ud800", max_size=120)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(junk=JUNK, at=st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_no_text_makes_them_raise(dialect, junk, at):
    base = {JSSIP: JSSIP_CODE, SIPJS: SIPJS_CODE, DRACHTIO: DRACHTIO_CODE, PYVOIP: PYVOIP_CODE}[dialect]
    for text in (junk, base[:at] + junk + base[at:], base[:at], base[at:]):
        for form in ("code", "json"):
            parsed(dialect, text, form=form)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    secret=st.text(alphabet="ABCXYZ0123456789", min_size=6, max_size=12),
    at=st.integers(0, 300),
    junk=st.text(alphabet="{}()'\"`,: \n", max_size=3),
)
@settings(max_examples=80, deadline=None)
def test_a_broken_program_does_not_show_its_secret(dialect, secret, at, junk):
    base = {JSSIP: JSSIP_CODE, SIPJS: SIPJS_CODE, DRACHTIO: DRACHTIO_CODE, PYVOIP: PYVOIP_CODE}[dialect]
    text = base.replace("hunter22", secret)
    at = min(at, text.index(secret) - 1)
    assume(not (text[at - 1 : at].isalnum() and text[at].isalnum()))
    assert secret not in report(explain(text[:at] + junk + text[at:], dialect=dialect))


UNITS = (
    *("'", "`${", "\u201c", "(", "{uri:", "f(", "a=", "/", "/*", "x={a:'b'};", "a=a+a;", "const {a}=", "(a)=>{"),
    *("UA({...a,", "password:'hunter22',", '{"uri":', "\\t", "a='b'\n", "VoIPPhone('a',5060,'u','p')\n"),
    "new JsSIP.UA({uri:'sip:a@b.c',sockets:[s]});\n",
    "srf.request('sip:a@b',{method:'REGISTER',headers:{To:'sip:a@b'}});",
)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear(dialect, unit):
    for form in ("code", "json"):
        assert_linear_reading(partial(parsed, dialect, form=form), unit, ("{}", "new JsSIP.UA({uri:'{}"))

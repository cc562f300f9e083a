"""MikoPBX's providers and 3CX's trunks: what their pages, APIs and files say, and what is registered from it."""

from __future__ import annotations

import base64
import json
from functools import partial

import pytest
from dialect_checks import HOSTS, SECRETS, codes_of, fields, loud, parsed, says, under
from growth import assert_linear_reading
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

MIKO, CX = "mikopbx-provider", "3cx-trunk"

# --- MikoPBX

PAGE = {
    "Provider name": "Acme",
    "Account type": "Outgoing registration",
    "Provider server address": "sip.acme.example",
    "Login": "100",
    "Password": "hunter22",
    "SIP connection port": "5060",
    "Transport protocol": "udp",
}


def page(**changes: str | None) -> str:
    rows = PAGE | {key.replace("_", " "): value for key, value in changes.items()}
    return "".join(f"{label}: {value}\n" for label, value in rows.items() if value is not None)


def test_a_provider_that_registers():
    found = parsed(MIKO, page())
    assert (detect(page()).dialect, detect(page()).form) == (MIKO, "form")
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "100",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
        "domain_port": 5060,
        "host": "sip.acme.example",
        "port": 5060,
        "transport": "udp",
        "extension": "100",
        "expiry": 120,
        "realm": "",
        "outbound_proxy": "",
        "server_uri": "sip:sip.acme.example:5060",
        "client_uri": "sip:100@sip.acme.example:5060",
        "retry_interval": 45,
        "max_retries": 200,
    }
    assert found.auth_method == "digest"
    assert found.identify[0]["match"] == ["sip.acme.example"]


RECORD = {
    "id": "SIP-1687",
    "type": "SIP",
    "description": "Acme",
    "disabled": False,
    "username": "100",
    "secret": "hunter22",
    "host": "sip.acme.example",
    "port": 5060,
    "transport": "udp",
    "qualify": True,
    "qualifyfreq": 60,
    "registration_type": "outbound",
    "networkfilterid": "none",
    "manualattributes": "",
    "dtmfmode": "auto",
    "fromuser": "",
    "fromdomain": "",
    "outbound_proxy": "",
    "disablefromuser": False,
    "receive_calls_without_auth": False,
    "cid_source": "default",
    "did_parser_regex": "",
    "additionalHosts": [],
}


@pytest.mark.parametrize("wrapped", [lambda r: r, lambda r: {"result": True, "data": r}, lambda r: [r]])
def test_a_record_of_the_api(wrapped):
    text = json.dumps(wrapped(RECORD), indent=2)
    found = parsed(MIKO, text)
    assert (detect(text).dialect, detect(text).form) == (MIKO, "json")
    assert found.findings == ()
    assert found.dial_peer == "SIP-1687"
    assert fields(found) == fields(parsed(MIKO, page()))


def test_a_row_of_the_table():
    columns = "id|uniqid|disabled|type|host|port|username|secret|manualattributes|registration_type|transport"
    text = f"{columns}\n1|SIP-1687|0|friend|sip.acme.example|5060|100|hunter22||outbound|udp\n"
    text += "2|SIP-PHONE|0|peer||5060|201|other555||none|udp\n"
    found = parsed(MIKO, text)
    assert (detect(text).dialect, detect(text).form) == (MIKO, "row")
    assert [(r.user, r.secret) for r in found.registrations] == [("100", "hunter22")]
    assert loud(found) == []


def test_where_calls_come_from():
    record = RECORD | {
        "outbound_proxy": "proxy.acme.example:5070",
        "additionalHosts": [{"id": "1", "address": "203.0.113.9"}, {"id": "2", "address": "198.51.100.0/24"}],
    }
    found = parsed(MIKO, json.dumps(record))
    match = ["sip.acme.example", "proxy.acme.example", "203.0.113.9", "198.51.100.0/24"]
    assert found.identify == ({"name": "SIP-1687", "endpoint": "SIP-1687", "match": match},)
    assert fields(found)["outbound_proxy"] == "sip:proxy.acme.example:5070;lr"
    assert loud(found) == []


@pytest.mark.parametrize(
    ("text", "method", "auth"),
    [
        (page(Account_type="No registration (IP authentication)"), "ip", False),
        (page(Account_type="none", Login=None, Password=None), "ip", False),
        (page(Account_type="Incoming registration"), "digest", True),
        (page(Account_type="inbound", Provider_server_address=None), "digest", True),
        (json.dumps(RECORD | {"registration_type": "none"}), "ip", False),
        (json.dumps({k: v for k, v in RECORD.items() if k != "registration_type"} | {"noregister": "1"}), "ip", False),
        (json.dumps(RECORD | {"registration_type": "inbound"}), "digest", True),
        (
            json.dumps(RECORD | {"registration_type": "inbound", "secret": "", "receive_calls_without_auth": True}),
            "ip",
            True,
        ),
    ],
)
def test_providers_that_do_not_register(text, method, auth):
    found = parsed(MIKO, text)
    assert found.registrations == ()
    assert found.ok
    assert found.auth_method == method
    assert (found.auth is not None) is auth
    assert codes_of(found) == ["SR310"]
    assert found.findings[0].severity == "hint"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Account_type": "outbound"}, {}),
        ({"Account_type": None}, {}),
        ({"SIP_connection_port": None}, {"port": 5060, "domain_port": 5060}),
        ({"SIP_connection_port": "5080"}, {"port": 5080, "domain_port": 5080}),
        ({"Transport_protocol": "tls", "SIP_connection_port": "5061"}, {"transport": "tls", "port": 5061}),
        ({"Transport_protocol": "udp,tcp"}, {"transport": "udp"}),
        ({"Transport_protocol": None}, {"transport": "udp"}),
        ({"Password": "hun\\;ter22"}, {"secret": "hun;ter22"}),
        ({"Password": "a:b@c/d#e?f"}, {"secret": "a:b@c/d#e?f"}),
        ({"User": "x", "Login": "100"}, {"user": "100"}),
    ],
)
def test_what_mikopbx_writes(changes, expected):
    found = parsed(MIKO, page(**changes))
    assert loud(found) == []
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize("port", ["", "0"])
def test_without_a_port_dns_decides(port):
    found = parsed(MIKO, page(SIP_connection_port=port, Transport_protocol="auto"))
    assert loud(found) == []
    assert not {"port", "domain_port", "transport"} & set(fields(found))


def test_additional_attributes_overrule_options():
    lines = "[registration]\nexpiration=300\nclient_uri=sip:100@other.example\n[registration-auth]\nusername=login\n"
    lines += "password=other555\n[endpoint]\nfrom_domain=y.example\n[aor]\nqualify_frequency=60\n"
    for text in (
        page() + "Additional PJSIP attributes:\n" + lines,
        json.dumps(RECORD | {"manualattributes": lines}),
        json.dumps(RECORD | {"manualattributes": base64.b64encode(lines.encode()).decode()}),
    ):
        found = parsed(MIKO, text)
        assert loud(found) == []
        assert {"expiry": 300, "domain": "other.example", "auth_user": "login"}.items() <= fields(found).items()
        assert found.registrations[0].secret == "other555"
        assert found.peers[0]["from_domain"] == "y.example"
        told = report(explain(text, dialect=MIKO))
        assert "other555" not in told
        assert "hunter22" not in told
    behind = page() + "Additional PJSIP attributes:\n[registration]\nexpiration=300\nOutbound proxy: p.example\n"
    assert {"expiry": 300, "outbound_proxy": "sip:p.example;lr"}.items() <= fields(parsed(MIKO, behind)).items()


MIKO_MISTAKES = [
    (
        {"Provider_server_address": "sip:sip.acme.example"},
        "SR341",
        "error",
        "sip:",
        False,
        {"host": "sip.acme.example"},
    ),
    ({"Provider_server_address": "sip.acme.example:5070"}, "SR343", "error", "5070", False, {"port": 5070}),
    ({"Provider_server_address": "sip.acme,example"}, "SR204", "error", None, False, None),
    ({"Provider_server_address": None}, "SR347", "error", None, False, None),
    ({"SIP_connection_port": "5O60"}, "SR362", "error", "5O60", False, {"port": 5060}),
    ({"SIP_connection_port": "70000"}, "SR362", "error", "70000", False, {"port": 5060}),
    ({"SIP_connection_port": "5061"}, "SR117", "hint", "5061", True, None),
    ({"SIP_connection_port": "4569"}, "SR144", "warning", "4569", True, None),
    (
        {"Outbound_proxy": "sip:p.example:5070"},
        "SR341",
        "error",
        "sip:",
        False,
        {"outbound_proxy": "sip:p.example:5070;lr"},
    ),
    ({"Outbound_proxy": "p.example;lr"}, "SR344", "error", ";lr", True, {"outbound_proxy": "sip:p.example;lr"}),
    ({"Outbound_proxy": "p.example\\;lr"}, "SR344", "error", ";lr", True, {"outbound_proxy": "sip:p.example;lr"}),
    ({"Provider_server_address": "h.example;transport=tls"}, "SR205", "error", ";transport=tls", True, None),
    ({"Login": None}, "SR347", "error", None, False, None),
    ({"Login": "+49301"}, "SR346", "hint", "+", True, None),
    ({"Login": "a@b"}, "SR204", "error", "@", False, {"user": "a@b"}),
    ({"Login": "1;0"}, "SR205", "error", ";0", True, None),
    ({"Login": "USERNAME"}, "SR109", "hint", "USERNAME", True, None),
    ({"Password": "hun;ter22"}, "SR225", "warning", ";", True, None),
    ({"Password": '"hunter22"'}, "SR212", "warning", '"hunter22"', True, None),
    ({"Password": "hunter\u200b22"}, "SR150", "error", "\u200b", True, None),
    ({"Password": "XXXXXXXX"}, "SR109", "hint", "XXXXXXXX", True, None),
    ({"Password": None}, "SR347", "warning", None, True, None),
    ({"Password": None, "Pasword": "hunter22"}, "SR342", "warning", "Pasword", True, {"secret": "hunter22"}),
    ({"Transport_protocol": "sctp"}, "SR348", "warning", "sctp", True, None),
    ({"Account_type": "sometimes"}, "SR350", "warning", "sometimes", True, None),
    ({"Disabled": "yes"}, "SR345", "hint", "yes", True, None),
    (
        {"Additional_PJSIP_attributes": "\n[registration]\noutboundproxy=x"},
        "SR207",
        "error",
        "outboundproxy",
        False,
        None,
    ),
    ({"Additional_PJSIP_attributes": "\n[registration]\nexpiration=soon"}, "SR208", "error", "soon", False, None),
    (
        {"Additional_PJSIP_attributes": "\n[registrations]\nexpiration=300"},
        "SR349",
        "warning",
        "[registrations]",
        True,
        None,
    ),
    ({"Additional_PJSIP_attributes": "expiration=300"}, "SR349", "warning", "expiration=300", True, None),
    ({"Additional_PJSIP_attributes": "\n[registration]\nmax_retries=0"}, "SR214", "warning", "0", True, None),
]


@pytest.mark.parametrize(("changes", "code", "severity", "place", "ok", "meant"), MIKO_MISTAKES)
def test_mistakes_in_a_provider(changes, code, severity, place, ok, meant):
    text = page(**changes)
    found = parsed(MIKO, text)
    says(found, code, severity)
    assert found.ok is ok
    if place is not None:
        assert under(text, found, code) == place
    if meant is not None:
        assert meant.items() <= found.meant[0].to_json().items()
    told = report(explain(text, dialect=MIKO))
    assert "hunter" not in told
    assert "ter22" not in told


def test_a_semicolon_in_the_password_is_a_comment_in_the_file_behind_the_page():
    found = parsed(MIKO, page(Password="hun;ter22"))
    assert found.registrations[0].secret == "hun"


def test_tls_on_its_usual_port_is_no_hint():
    assert parsed(MIKO, page(SIP_connection_port="5061", Transport_protocol="tls")).findings == ()
    assert codes_of(parsed(MIKO, page(Transport_protocol="tls"))) == ["SR117"]


def test_a_disabled_provider_writes_nothing():
    found = parsed(MIKO, json.dumps(RECORD | {"disabled": True}))
    assert found.registrations == ()
    assert found.peers is None
    assert codes_of(found) == ["SR345"]


def test_a_provider_of_iax():
    found = parsed(MIKO, json.dumps(RECORD | {"type": "IAX", "port": 4569}))
    assert {"protocol": "iax2", "port": 4569, "user": "100"}.items() <= fields(found).items()
    says(found, "SR304", "hint")


def test_two_providers_with_one_account():
    found = parsed(MIKO, json.dumps([RECORD, RECORD | {"id": "SIP-2", "description": "Again"}], indent=1))
    assert len(found.registrations) == 2
    assert "`Acme`" in says(found, "SR163", "warning")
    assert loud(parsed(MIKO, json.dumps([RECORD, RECORD | {"id": "SIP-2", "username": "200"}]))) == []


@pytest.mark.parametrize("dialect", [MIKO, CX])
def test_broken_json_hides_its_password(dialect):
    text = '{"registration_type": "outbound", "AuthPassword": "hunter22", "secret": "hunter22",\n "host": "h.example",}'
    found = parsed(dialect, text, form="json")
    assert not found.ok
    says(found, "SR340", "error")
    assert "hunter22" not in report(explain(text, dialect=dialect, form="json"))


@example(
    secret="0",
    host="a.example",
    user="100",
    auth_user="",
    domain="",
    transport="udp",
    port=5060,
    extension="s",
    expiry=120,
)
@given(
    secret=SECRETS,
    host=HOSTS,
    user=st.sampled_from(["100", "+49301", "a.b-c_d"]),
    auth_user=st.sampled_from(["", "login", "a@b.example"]),
    domain=st.sampled_from(["", "d.example"]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.sampled_from([5060, 5061, 5080]),
    extension=st.sampled_from(["s", "200"]),
    expiry=st.sampled_from([120, 600]),
)
@settings(max_examples=100, deadline=None)
def test_round_trips_of_mikopbx(secret, host, user, auth_user, domain, transport, port, extension, expiry):
    trunk = Trunk(
        user,
        host,
        secret=secret,
        auth_user=auth_user,
        domain=domain,
        transport=transport,
        port=port,
        extension=extension,
        expiry=expiry,
    )
    try:
        text = registry.render(MIKO, trunk)
    except CannotRender:
        assert secret in ("", "0") or secret != secret.strip() or "\\;" in secret or secret.endswith("\\")
        return
    found = parsed(MIKO, text)
    assert found.ok, found.findings
    back = found.registrations[0].trunk
    assert (back.user, back.secret, back.effective_auth_user) == (user, secret, auth_user or user)
    assert (back.host, back.port, back.transport, back.aor_host) == (host, port, transport, domain or host)
    assert back.domain_port == (None if domain else port)
    assert (back.expiry, back.extension) == (expiry, user if extension == "s" else extension)


@pytest.mark.parametrize(
    ("dialect", "changes", "character"),
    [
        (MIKO, {"user": "a@b"}, "@"),
        (MIKO, {"user": "a b"}, " "),
        (MIKO, {"secret": "0"}, "0"),
        (MIKO, {"secret": ""}, ""),
        (MIKO, {"secret": "", "ha1": "0" * 32}, "ha1"),
        (MIKO, {"secret": "a\nb"}, "\n"),
        (MIKO, {"host": "[2001:db8::1]"}, "["),
        (MIKO, {"transport": "ws"}, "ws"),
        (CX, {"secret": "a\nb"}, " "),
        (CX, {"secret": " a"}, " "),
        (CX, {"secret": "", "ha1": "0" * 32}, "ha1"),
        (CX, {"secret": ""}, ""),
        (CX, {"domain": "d.example"}, "d.example"),
        (CX, {"domain_port": 5070}, "5070"),
        (CX, {"transport": "ws"}, "ws"),
        (CX, {"expiry": 0}, "0"),
    ],
)
def test_what_the_pages_cannot_hold(dialect, changes, character):
    fine = {"user": "100", "host": "h.example", "secret": "hunter22"}
    with pytest.raises(CannotRender) as caught:
        registry.render(dialect, Trunk(**(fine | changes)))
    assert caught.value.character == character
    assert "hunter22" not in caught.value.why


# --- 3CX

TRUNK = {
    "Enter name of Trunk": "Acme",
    "Registrar/Server/Gateway Hostname or IP": "sip.acme.example",
    "Outbound Proxy": None,
    "Number of SIM Calls": "3",
    "Type of Authentication": "Register/Account based",
    "Authentication ID (aka SIP User ID)": "100",
    "Authentication Password": "hunter22",
    "Main Trunk No": "16503604607",
    "Destination for calls during the office hours": "Extension 100",
    "Destination for calls outside the office hours": "End Call",
}
SHORT = {
    "host": "Registrar/Server/Gateway Hostname or IP",
    "proxy": "Outbound Proxy",
    "kind": "Type of Authentication",
    "user": "Authentication ID (aka SIP User ID)",
    "secret": "Authentication Password",
}


def trunk_page(**changes: str | None) -> str:
    rows = TRUNK | {SHORT.get(key, key.replace("_", " ")): value for key, value in changes.items()}
    return "".join(f"{label}: {value}\n" for label, value in rows.items() if value is not None)


def test_a_trunk_that_registers():
    text = trunk_page()
    found = parsed(CX, text)
    assert (detect(text).dialect, detect(text).form) == (CX, "form")
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "100",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
        "domain_port": 5060,
        "host": "sip.acme.example",
        "port": 5060,
        "transport": "udp",
        "extension": "100",
        "expiry": 600,
        "outbound_proxy": "",
    }
    assert found.auth_method == "digest"
    assert found.dial_peer == "Acme"
    assert found.peers == ({"name": "Acme", "host": "sip.acme.example", "port": 5060, "number": "16503604607"},)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"host": "sip.acme.example:5070"}, {"host": "sip.acme.example", "port": 5070, "domain_port": 5070}),
        ({"Port": "5070"}, {"port": 5070, "domain_port": 5070}),
        ({"proxy": "sip.acme.example"}, {"outbound_proxy": "sip.acme.example", "host": "sip.acme.example"}),
        ({"proxy": "p.example:5080"}, {"outbound_proxy": "p.example:5080"}),
        ({"proxy": "p.example", "Outbound_Proxy_Port": "5080"}, {"outbound_proxy": "p.example:5080"}),
        ({"Re-Register_Timeout": "120"}, {"expiry": 120}),
        ({"Re-Register_Timeout": "120 sec"}, {"expiry": 120}),
        ({"Transport_Protocol": "TLS", "Port": "5061"}, {"transport": "tls"}),
        ({"3_Way_Authentication": "No"}, {"effective_auth_user": "100", "secret": "hunter22"}),
        ({"3_Way_Authentication": "Yes", "3_Way_Authentication_ID": "login"}, {"effective_auth_user": "login"}),
        ({"kind": None}, {"user": "100"}),
        ({"secret": "a:b;c@d/e"}, {"secret": "a:b;c@d/e"}),
    ],
)
def test_what_3cx_registers(changes, expected):
    found = parsed(CX, trunk_page(**changes))
    assert loud(found) == []
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize("changes", [{"Auto_Discovery": "Yes"}, {"Port": "0"}])
def test_auto_discovery_leaves_the_port_to_dns(changes):
    found = parsed(CX, trunk_page(**changes))
    assert loud(found) == []
    assert not {"port", "domain_port", "transport"} & set(fields(found))


@pytest.mark.parametrize("kind", ["Do not require - IP Based", "Do not require \u2013 IP Based"])
def test_a_trunk_known_by_its_address(kind):
    for changes in ({"secret": None}, {"secret": ""}, {"secret": "", "3_Way_Authentication": "Disabled"}):
        found = parsed(CX, trunk_page(kind=kind, **changes))
        assert found.registrations == ()
        assert (found.ok, found.auth_method) == (True, "ip")
        assert loud(found) == []
    hinted = parsed(CX, trunk_page(kind=kind))
    assert codes_of(hinted) == ["SR363"]


CX_MISTAKES = [
    ({"host": "sip:sip.acme.example"}, "SR341", "error", "sip:", {"host": "sip.acme.example"}),
    ({"proxy": "sip:p.example"}, "SR341", "error", "sip:", {"outbound_proxy": "p.example"}),
    ({"host": "sip.acme.example:5O60"}, "SR362", "error", "5O60", {"port": 5060}),
    ({"Port": "70000"}, "SR362", "error", "70000", {"port": 5060}),
    ({"Port": "4569"}, "SR144", "warning", "4569", None),
    ({"Port": "5060", "Transport_Protocol": "TLS"}, "SR117", "hint", "5060", None),
    ({"host": "sip.acme,example"}, "SR140", "error", "sip.acme,example", None),
    ({"host": None}, "SR360", "error", None, None),
    ({"user": ""}, "SR361", "error", "", None),
    ({"secret": ""}, "SR361", "warning", "", None),
    ({"user": "100@sip.acme.example"}, "SR366", "warning", "@sip.acme.example", {"user": "100"}),
    ({"user": "YOUR_USERNAME"}, "SR109", "hint", "YOUR_USERNAME", None),
    ({"user": "1\u041e0"}, "SR151", "error", "\u041e", None),
    ({"secret": "hunter22\u00a0x"}, "SR150", "error", "\u00a0", None),
    ({"kind": "Sometimes"}, "SR364", "warning", "Sometimes", None),
    ({"kind": "Outgoing - Outbound Only"}, "SR365", "hint", "Outgoing - Outbound Only", None),
    ({"Re-Register_Timeout": "soon"}, "SR362", "error", "soon", None),
    ({"Re-Register_Timeout": "30"}, "SR136", "hint", "30", None),
    ({"secret": None, "Authentification_Password": "hunter22"}, "SR342", "warning", None, {"secret": "hunter22"}),
]


@pytest.mark.parametrize(("changes", "code", "severity", "place", "meant"), CX_MISTAKES)
def test_mistakes_in_a_trunk(changes, code, severity, place, meant):
    text = trunk_page(**changes)
    found = parsed(CX, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code) == place
    if meant is not None:
        assert meant.items() <= found.meant[0].to_json().items()
    assert "hunter22" not in report(explain(text, dialect=CX))


SETUP = """<?xml version="1.0" encoding="utf-8"?>
<SetupConfig>
  <siptrunk>
    <Name>Acme</Name>
    <TemplateFilename>acme.pv.xml</TemplateFilename> <!-- C:\\ProgramData\\3CX -->
    <Host>sip.acme.example</Host> <!-- Registrar/Server/Gateway Hostname or IP -->
    <Port>5060</Port>
    <ProxyHost></ProxyHost>
    <ProxyPort>5060</ProxyPort>
    <SimultaneousCalls>100</SimultaneousCalls>
    <RequireRegistrationFor>InOutCalls</RequireRegistrationFor>
    <AuthID>100</AuthID>
    <AuthPassword>hun&amp;ter22</AuthPassword>
    <Use3WayAuth>false</Use3WayAuth>
    <TimeBetweenReg>60</TimeBetweenReg>
    <Codecs><codec>G729</codec></Codecs>
  </siptrunk>
  <OutboundRules><OutboundRule><Name>0</Name></OutboundRule></OutboundRules>
</SetupConfig>
"""

TEMPLATE = """<doc>
<header><name>Acme</name><type>gateway-template</type></header>
<data><device>
<field name="Name">Acme</field>
<field name="RegistrarHost">sip.acme.example</field>
<field name="RegistrarPort">5070</field>
<field name="ProxyHost"/>
<field name="RequireAuthFor">4</field>
<field name="TimeBetweenRegistration">600</field>
<field name="ParameterOut" custom="" parameter="ContactUser">$AuthID</field>
</device></data></doc>
"""


def test_the_xml_of_a_setup():
    found = parsed(CX, SETUP)
    assert (detect(SETUP).dialect, detect(SETUP).form) == (CX, "file")
    assert found.findings == ()
    assert {"user": "100", "secret": "hun&ter22", "port": 5060, "expiry": 60}.items() <= fields(found).items()
    assert found.dial_peer == "Acme"
    wrong = SETUP.replace("<Port>5060", "<Port>5O60")
    assert under(wrong, parsed(CX, wrong), "SR362") == "5O60"
    assert "ter22" not in report(explain(wrong))
    for bad in ("<Host>sip.acme", "<Host>sip<acme"), ("<SetupConfig>", '<!DOCTYPE x [<!ENTITY e "x">]><SetupConfig>'):
        text = SETUP.replace(bad[0], bad[1])
        if text != SETUP:
            assert "SR401" in codes_of(parsed(CX, text))
            assert "ter22" not in report(explain(text, dialect=CX))


def test_two_trunks_with_one_account():
    block = SETUP[SETUP.index("  <siptrunk>") : SETUP.index("  <OutboundRules>")]
    text = SETUP.replace("  <OutboundRules>", block.replace("Acme", "Again") + "  <OutboundRules>")
    found = parsed(CX, text)
    assert [r.name for r in found.registrations] == ["Acme", "Again"]
    says(found, "SR163", "warning")


def test_a_template_has_no_account():
    found = parsed(CX, TEMPLATE)
    assert detect(TEMPLATE).dialect == CX
    assert found.registrations == ()
    assert found.peers == ({"name": "Acme", "host": "sip.acme.example", "port": 5070},)
    assert codes_of(found) == ["SR367"]


def test_trunks_of_the_api():
    trunk = {"Id": 1, "Number": "10000", "AuthID": "100", "AuthPassword": "hunter22", "SimultaneousCalls": 10}
    gateway = {
        "Name": "Acme",
        "Host": "sip.acme.example",
        "Port": 5060,
        "ProxyHost": "",
        "ProxyPort": 5060,
        "RequireRegistrationFor": "InOutCalls",
        "TimeBetweenReg": 600,
    }
    second = trunk | {"AuthID": "200", "Gateway": gateway | {"RequireRegistrationFor": "Nothing"}}
    text = json.dumps({"value": [trunk | {"Gateway": gateway}, second]}, indent=1)
    found = parsed(CX, text)
    assert (detect(text).dialect, detect(text).form) == (CX, "json")
    assert fields(found) == fields(parsed(CX, trunk_page()))
    assert len(found.registrations) == 1
    assert [peer["name"] for peer in found.peers] == ["Acme", "Acme"]
    assert loud(found) == []
    plain = parsed(CX, json.dumps(trunk | gateway))
    assert fields(plain)["user"] == "100"


@given(
    secret=SECRETS,
    host=HOSTS,
    user=st.sampled_from(["100", "+49301", "a.b-c_d"]),
    auth_user=st.sampled_from(["", "login"]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.sampled_from([5060, 5061, 5080]),
    expiry=st.integers(60, 7200),
)
@settings(max_examples=100, deadline=None)
def test_round_trips_of_3cx(secret, host, user, auth_user, transport, port, expiry):
    trunk = Trunk(
        user,
        host,
        secret=secret,
        auth_user=auth_user,
        transport=transport,
        port=port,
        expiry=expiry,
        domain_port=port,
        extension=user,
    )
    try:
        text = registry.render(CX, trunk)
    except CannotRender:
        assert not secret or secret != secret.strip()
        return
    found = parsed(CX, text)
    assert found.ok, found.findings
    assert found.registrations[0].trunk == trunk


# --- both


@pytest.mark.parametrize(
    ("text", "name", "dialect"),
    [
        ("Account type: SIP\nUsername: 100\nPassword: x1\nHost: h.example\n", None, None),
        ("registration_type: outbound\nhost: h.example\nusername: 100\n", None, MIKO),
        ("Account type: No registration (IP authentication)\nRemote server IP address: 203.0.113.5\n", None, MIKO),
        ("INSERT INTO m_Sip (uniqid, host, username, registration_type) VALUES ('a', 'b', 'c', 'none');", None, MIKO),
        ("Registrar/Server: h.example\nAuthentication ID: 100\n", None, CX),
        ("Type of Authentication: Do not require - IP Based\nHostname: h.example\n", None, CX),
        (TEMPLATE.replace("RegistrarHost", "ProxyHost"), "acme.pv.xml", CX),
        ('{"host": "h.example", "username": "100", "password": "x1"}', None, None),
        ("Trunk Name: acme\nSIP Server: h.example\nSIP Server Port: 5060\n", None, "freepbx-pjsip-form"),
    ],
)
def test_forms_are_told_from_others(text, name, dialect):
    found = detect(text, name).dialect
    assert found == dialect if dialect else found not in (MIKO, CX)


@pytest.mark.parametrize("dialect", [MIKO, CX])
@given(st.text(alphabet='Provider name:LogHst<siptrunk>/&;[]{}"\\@\n\t 053é=|', max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_them_raise(dialect, text):
    for form in registry.named(dialect).FORMS:
        parsed(dialect, text, form=form)
        parsed(dialect, page() + text, form=form)
        parsed(dialect, trunk_page() + text, form=form)
        parsed(dialect, '[{"host": "' + text, form=form)
        parsed(dialect, page(Provider_server_address=text.replace("\n", "")), form=form)
        parsed(dialect, trunk_page(host=text.replace("\n", "")), form=form)


@pytest.mark.parametrize("dialect", [MIKO, CX])
@pytest.mark.parametrize(
    ("unit", "frame", "small"),
    [
        ("Login: a\n", "{}", 1000),
        (" ", "{}", 1000),
        ("x = y\n", "{}", 1000),
        ('{"host":"a","username":"b"},', "{}", 150),
        ("<siptrunk><Host>a</Host></siptrunk>", "{}", 1000),
        (" ", "host{}", 1000),
        ("[registration]\n", "Additional PJSIP attributes:\n{}", 1000),
        (" ", "Additional PJSIP attributes:\n[registration]\nx{}", 1000),
    ],
)
def test_time_is_linear(dialect, unit, frame, small):
    frames = (frame, f"[{frame}{unit.rstrip(',')}]")
    for form in registry.named(dialect).FORMS:
        assert_linear_reading(partial(parsed, dialect, form=form), unit, frames, small)

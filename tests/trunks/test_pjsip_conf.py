"""pjsip.conf: what Asterisk makes of its objects, what it prints, and that what is rendered is read back."""

from __future__ import annotations

from functools import partial

import pytest
from dialect_checks import HOSTS, SECRETS, USERS, codes_of, fields, loud, parsed, says, under
from growth import assert_linear, assert_linear_reading
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk
from mockregistrar.trunks.asterisk import pjsip_conf
from mockregistrar.trunks.uris import pjsip_uri

PJSIP = "asterisk-pjsip.conf"
AUTH = "[acme]\ntype=auth\nauth_type=userpass\nusername=100\npassword=hunter22\n"


def registration(*options: str, server: str = "sip:sip.acme.example", client: str = "sip:100@sip.acme.example") -> str:
    own = [f"server_uri={server}", f"client_uri={client}", "contact_user=100", "outbound_auth=acme", *options]
    return "\n".join(["[acme]", "type=registration", *own]) + "\n" + AUTH


def test_the_usual_trunk():
    found = parsed(PJSIP, registration())
    assert found.ok
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "100",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
        "host": "sip.acme.example",
        "extension": "100",
        "expiry": 3600,
        "realm": "",
        "outbound_proxy": "",
        "server_uri": "sip:sip.acme.example",
        "client_uri": "sip:100@sip.acme.example",
        "retry_interval": 60,
        "max_retries": 10,
    }
    assert found.findings == ()
    assert found.auth_method == "digest"


@pytest.mark.parametrize(
    ("server", "option", "port", "transport"),
    [
        ("sip:sip.acme.example", "", None, None),
        ("sip:sip.acme.example:5060", "", 5060, "udp"),
        (r"sip:sip.acme.example:5061\;transport=tls", "", 5061, "tls"),
        (r"sip:sip.acme.example\;transport=TCP", "", None, "tcp"),
        ("sips:sip.acme.example", "", None, "tls"),
        ("sip:203.0.113.5", "", 5060, "udp"),
        ("sip:[2001:db8::1]", "", 5060, "udp"),
        (r"sip:203.0.113.5\;transport=tls", "", 5061, "tls"),
    ],
)
def test_where_requests_go(server, option, port, transport):
    found = parsed(PJSIP, registration(server=server))
    assert (found.registrations[0].port, found.registrations[0].transport) == (port, transport)
    assert loud(found) == []


def test_the_transport_section_decides():
    text = "[t]\ntype=transport\nprotocol=tls\nbind=0.0.0.0:5061\n" + registration("transport=t")
    assert parsed(PJSIP, text).registrations[0].transport == "tls"
    says(parsed(PJSIP, text.replace("transport=t\n", "transport=tt\n")), "SR223", "warning")


GREEN = [
    registration("retry_interval=60", "forbidden_retry_interval=300", "max_retries=10000", "expiration=3600"),
    registration(r"outbound_proxy=sip:proxy.acme.example\;lr", "auth_rejection_permanent=no", "support_path=yes"),
    registration("line=yes", "endpoint=acme") + "[acme]\ntype=endpoint\naors=acme\noutbound_auth=acme\n"
    "[acme]\ntype=aor\ncontact=sip:sip.acme.example:5060\n[acme]\ntype=identify\nendpoint=acme\n"
    "match=203.0.113.0/24,sip.acme.example\n",
    registration(client="sip:%2B4930123@tel.t-online.de") + "[global]\ntype=global\nuser_agent=x\n",
    "; a comment\n[template](!)\ntype=registration\nexpiration=480 ; seconds\n" + registration("max_retries = 100"),
    registration().replace("hunter22", 'pa#ss:w/o?rd@"x') + "\n",
    "[simpletrans]\ntype=transport\nprotocol=udp\nbind=0.0.0.0\n" + registration("transport=simpletrans"),
    (
        "[6001]\ntype=endpoint\ncontext=from-internal\ndisallow=all\nallow=ulaw\nauth=6001\naors=6001\n"
        "[6001]\ntype=auth\nauth_type=userpass\npassword=6001\nusername=6001\n[6001]\ntype=aor\nmax_contacts=2\n"
    ),
]


@pytest.mark.parametrize("text", GREEN)
def test_correct_configs_are_left_alone(text):
    found = parsed(PJSIP, text)
    assert loud(found) == []
    assert found.ok


# text, code, severity, what the carets stand under, part of the log
MISTAKES = [
    (registration(client="100@sip.acme.example"), "SR203", "error", "100@sip.acme.example", "Client URI or hostname"),
    (registration(server="sip.acme.example"), "SR203", "error", "sip.acme.example", "Server URI or hostname length"),
    (registration(client="tel:+4930123"), "SR203", "error", "tel:+4930123", "is not a sip(s) uri: 'acme'"),
    (registration(server="sip:sip.acme.example;transport=tcp"), "SR205", "error", ";transport=tcp", ""),
    (registration("outbound_proxy=sip:proxy.acme.example;lr"), "SR205", "error", ";lr", ""),
    (registration("outbound_proxy=sip:proxy.acme.example"), "SR206", "warning", "sip:proxy.acme.example", ""),
    (registration(client="sip:a@b@sip.acme.example"), "SR204", "error", "@", "Invalid client URI"),
    (registration(server="sip:sip.acme.example:5O60"), "SR204", "error", "5O60", "Invalid server URI"),
    (registration(server="sip:sip.acme.example:70000"), "SR204", "error", "70000", "Invalid server URI"),
    (registration(server="sip:sip.acme.example/"), "SR204", "error", "/", "Invalid server URI"),
    (registration(server="sip:2001:db8::1"), "SR204", "error", "2001:db8::1", "Invalid server URI"),
    (registration("max_retries=0"), "SR214", "warning", "0", "Maximum retries reached"),
    (registration("expiration=10"), "SR215", "warning", "10", ""),
    (registration("expiration=0"), "SR135", "error", "0", ""),
    (registration("expiration=45"), "SR136", "hint", "45", ""),
    (registration("expiration=5m"), "SR208", "error", "5m", "Error parsing expiration=5m"),
    (registration("outboundproxy=sip:x"), "SR207", "error", "outboundproxy", "named 'outboundproxy' at line 7"),
    (registration("line=yes"), "SR216", "error", "line", "without providing an endpoint"),
    (registration("endpoint=acme"), "SR216", "error", "endpoint", "without enabling line support"),
    (registration().replace("outbound_auth=acme", "outbound_auth=acm"), "SR210", "error", "acm", ""),
    (registration().replace("username=100\n", ""), "SR211", "error", "[acme]", "acme: No authentication username"),
    (registration().replace("hunter22", '"hunter22"'), "SR212", "warning", '"hunter22"', ""),
    (registration().replace("hunter22", "hun;ter22"), "SR225", "warning", ";", ""),
    (registration().replace("username=100", "username=a%40b"), "SR213", "warning", "a%40b", ""),
    (registration().replace("hunter22", "“hunter22”"), "SR151", "error", "“", ""),
    (registration().replace("hunter22", "hunter22\u00a0"), "SR150", "error", "\u00a0", ""),
    (registration() + registration(), "SR209", "error", "[acme]", "duplicate object: 'acme' of type 'registration'"),
    (registration().replace("type=registration", "type=registraton"), "SR217", "error", "registraton", ""),
    (registration().replace("type=registration\n", ""), "SR218", "warning", "[acme]", ""),
    (registration().replace("server_uri=sip:sip.acme.example\n", ""), "SR201", "error", "[acme]", "No server URI"),
    (registration().replace("client_uri=sip:100@sip.acme.example\n", ""), "SR202", "error", "[acme]", "No client URI"),
    (registration(client="sip:100:hunter22@sip.acme.example"), "SR227", "warning", None, ""),
    (registration("register => 100:hunter22@sip.acme.example"), "SR219", "error", "register", ""),
    ("register => 100:hunter22@sip.acme.example\n" + registration(), "SR160", "error", None, "No category context"),
    (registration("contact_user 100"), "SR105", "error", "contact_user 100", "No '=' (equal sign) in line 7"),
    (registration(server="sip:sip.acme.example:4569"), "SR144", "warning", "4569", ""),
    (registration(server="sip:sip,acme.example"), "SR204", "error", ",acme.example", ""),
    (registration(server="sip:host..example"), "SR140", "error", "host..example", ""),
    (registration("contact_user="), "SR221", "hint", None, ""),
]


@pytest.mark.parametrize(("text", "code", "severity", "place", "log"), MISTAKES)
def test_mistakes(text, code, severity, place, log):
    found = parsed(PJSIP, text)
    message = says(found, code, severity)
    finding = next(f for f in found.findings if f.code == code)
    assert log in finding.log
    assert "hunter22" not in message + finding.fix + finding.log
    if place is not None:
        assert under(text, found, code) == place


def test_refused_means_not_ok_and_what_was_meant_is_said():
    found = parsed(PJSIP, registration(client="a@b@sip.acme.example", server="sip:sip.acme.example;transport=tcp"))
    assert not found.ok
    assert found.registrations == ()
    assert found.meant[0].transport == "tcp"
    assert found.meant[0].secret == "hunter22"


def test_the_parameter_is_lost_and_the_rest_is_used():
    found = parsed(PJSIP, registration(server="sip:sip.acme.example:5061;transport=tls"))
    assert found.ok
    assert found.registrations[0].transport == "udp"
    assert found.meant[0].transport == "tls"


def test_percent_is_decoded_in_the_uri_only():
    text = registration(client="sip:a%40b@sip.acme.example").replace("username=100", "username=a@b")
    found = parsed(PJSIP, text)
    assert (found.registrations[0].user, found.registrations[0].auth_user) == ("a@b", "a@b")
    assert loud(found) == []


def test_a_trunk_known_by_its_address():
    text = "[acme]\ntype=endpoint\naors=acme\n[acme]\ntype=identify\nendpoint=acme\nmatch=203.0.113.5, 203.0.113.6\n"
    found = parsed(PJSIP, text)
    assert found.auth_method == "ip"
    assert found.to_json()["identify"] == [
        {"name": "acme", "endpoint": "acme", "match": ["203.0.113.5", "203.0.113.6"]}
    ]
    assert codes_of(found) == ["SR224"]


def test_one_account_twice():
    text = registration() + registration().replace("[acme]\ntype=registration", "[other]\ntype=registration").replace(
        AUTH, ""
    )
    assert "`acme`" in says(parsed(PJSIP, text), "SR220", "warning")


def test_secrets_are_left_out_of_the_json():
    found = parsed(PJSIP, registration())
    assert "hunter22" not in str(found.to_json())
    assert "hunter22" in str(found.to_json(show_secrets=True))


def test_includes_of_a_pasted_text_are_a_hint():
    assert loud(parsed(PJSIP, "#include pjsip_custom.conf\n" + registration())) == []


TRUNKS = st.builds(
    Trunk,
    user=USERS,
    host=HOSTS,
    secret=SECRETS,
    auth_user=st.one_of(st.just(""), USERS),
    domain=st.one_of(st.just(""), HOSTS),
    domain_port=st.one_of(st.none(), st.integers(1, 65535)),
    port=st.sampled_from([5060, 5061, 5080]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    extension=st.sampled_from(["s", "100", "+49301"]),
    expiry=st.integers(11, 7200),
)


@pytest.mark.parametrize("dialect", [PJSIP, "asterisk-pjsip_wizard.conf"])
@given(trunk=TRUNKS)
@settings(max_examples=60, deadline=None)
def test_what_is_rendered_is_read_back(dialect, trunk):
    from mockregistrar.trunks import registry

    try:
        text = registry.render(dialect, trunk)
    except CannotRender:
        assume(False)
    found = parsed(dialect, text)
    assert found.ok, found.findings
    back = found.registrations[0].trunk
    wanted = trunk
    if wanted.domain == wanted.host:
        wanted = Trunk(**{**_fields(wanted), "domain": ""})
    if wanted.auth_user == wanted.user:
        wanted = Trunk(**{**_fields(wanted), "auth_user": ""})
    assert back == wanted


def _fields(trunk):
    return {name: getattr(trunk, name) for name in Trunk.__dataclass_fields__}


@given(st.text(alphabet='[]type=registrationauth\n;\\"server_uri=sip:@%.5060 #include-é\u00a0', max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_it_raise(text):
    parsed(PJSIP, text)
    parsed("asterisk-pjsip_wizard.conf", text.replace("auth", "wizard"))


@given(st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_uri_makes_the_reader_raise(text):
    for candidate in (text, f"sip:{text}", f"sip:a@{text}", f"<sip:{text}>", f'"{text}" <sip:h>'):
        found = pjsip_uri.parse(candidate)
        if isinstance(found, pjsip_uri.BadUri):
            assert 0 <= found.start <= found.stop <= len(candidate) + 1


# As the parser answered when it was run.
@pytest.mark.parametrize(
    "uri", ["sip:u#x@h", "sip:192.168.1.300", "sip:host..com", " sip:h ", "<sip:h>", '"n" <sip:h>']
)
def test_uris_that_pjsip_takes(uri):
    assert isinstance(pjsip_uri.parse(uri), pjsip_uri.PjUri)


@pytest.mark.parametrize(
    "uri",
    [
        "sip:a@b@h",
        "sip:2001:db8::1",
        "sip:h:",
        "sip:h:abc",
        "sip:h:65536",
        "sip:h/",
        "sip:h;",
        "sip:ä@h",
        "sip:h h",
        "u@h",
        "sip:u:p#x@h",
        "",
    ],
)
def test_uris_that_pjsip_refuses(uri):
    assert isinstance(pjsip_uri.parse(uri), pjsip_uri.BadUri)


def test_a_thousand_lines_take_linear_time():
    def work(count):
        text = "".join(
            registration()
            .replace("[acme]", f"[acme{i}]")
            .replace("=acme", f"=acme{i}")
            .replace("hunter22", f"hunter{i:04}")
            for i in range(count)
        )
        found = parsed(PJSIP, text)
        found.to_json()
        assert len(found.registrations) == count

    assert_linear(work, 15)


@pytest.mark.parametrize("unit", ["[", "sip:", ";", " ", "="])
def test_time_is_linear(unit):
    start = "[a]\ntype=registration\nclient_uri="
    frames = (start + "{}\n{}", start + 'sip:a@b\nserver_uri="{}<')
    assert_linear_reading(partial(parsed, PJSIP), unit, frames)


def test_a_section_name_must_be_one():
    with pytest.raises(CannotRender):
        pjsip_conf.render(Trunk("u", "h"), "a]b")

"""What findings advise: the fix does what was meant, the log is what the system prints, and nothing is told twice."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, parsed, says

from mockregistrar.trunks import logs
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.parsed import Parsed

SIP, SIP_CONF, PJSIP, WIZARD = (
    "asterisk-chan_sip",
    "asterisk-sip.conf",
    "asterisk-pjsip.conf",
    "asterisk-pjsip_wizard.conf",
)
MIKOPBX, YATE, TWINKLE, KAMAILIO = "mikopbx-provider", "yate-accfile", "twinkle-cfg", "kamailio-uacreg"

ACCFILE = "[acme]\nenabled=yes\nprotocol=sip\nusername=100\npassword=hunter22\nregistrar=sip.acme.example\n"
PROVIDER = (
    "Provider name: Acme\nAccount type: Outgoing registration\nProvider server address: sip.acme.example\n"
    "Login: 100\nPassword: hunter22\n"
)
OBJECTS = (
    "[acme]\ntype=registration\nserver_uri=sip:sip.acme.example\nclient_uri=sip:100@sip.acme.example\n"
    "outbound_auth=acme\n{option}\n[acme]\ntype=auth\nusername=100\npassword=hunter22\n{login}\n"
)
DB_TEXT = (
    "id(int,auto) l_uuid(str) l_username(str) l_domain(str) r_username(str) r_domain(str) realm(str,null) "
    "auth_username(str) auth_password(str) auth_ha1(str,null) auth_proxy(str) expires({kind}) flags(int) "
    "reg_delay(int)\n1:acme:100:203.0.113.5:100:sip.acme.example::100:hunter22::sip\\:sip.acme.example:5m:0:0\n"
)


def fix(found: Parsed, code: str) -> str:
    return next(f.fix for f in found.findings if f.code == code)


def log(found: Parsed, code: str) -> str:
    return next(f.log for f in found.findings if f.code == code)


# --- chan_sip: a backslash in front of the `@`


def test_a_backslash_in_front_of_the_at_reads_on_to_the_slash_and_is_refused():
    found = parsed(SIP, r"register => 100:hunter22\@sip.acme.example/100")
    assert not found.ok
    assert "refuses the line" in says(found, "SR139", "error")
    assert log(found, "SR139").startswith("WARNING ... Format for registration")
    [meant] = found.meant
    assert (meant.user, meant.host, meant.extension) == ("100", "sip.acme.example", "100")


@pytest.mark.parametrize(
    ("left", "written"),
    [
        (r"100:hunter22\@", "100:••••••••@"),
        (r"100:hunter22:200\@", "100:••••••••:200@"),
        (r"100:hun\:ter22\@", '100:"••••••••••"@'),
    ],
)
def test_a_backslash_in_front_of_the_at_stays_in_the_value(left, written):
    found = parsed(SIP, f"register => {left}sip.acme.example")
    assert "stays in the value" in says(found, "SR126", "warning")
    assert fix(found, "SR126") == f"register => {written}sip.acme.example"


@pytest.mark.parametrize("left", [r"100:hunter22\\", r'100:"hunter22\"', r"100:hun\ter22", r"100\\:hunter22"])
def test_other_backslashes_escape_no_at(left):
    assert "SR126" not in codes_of(parsed(SIP, f"register => {left}@sip.acme.example"))


def test_an_escaped_colon_does_not_show_the_rest_of_the_password_as_the_auth_user():
    found = parsed(SIP, r"register => 100:hun\:ter22\@sip.acme.example:5060")
    assert says(found, "SR139")
    assert [each.auth_user for each in found.meant] == [""]
    assert "ter22" not in str(found.to_json())


# --- what to write instead


@pytest.mark.parametrize(("word", "digit"), [("yes", "1"), ("On", "1"), ("true", "1"), ("no", "0"), ("off", "0")])
def test_a_switch_in_words_becomes_the_number_for_it(word, digit):
    text = f"account.1.enable = {word}\naccount.1.user_name = 100\naccount.1.password = hunter22\n"
    found = parsed("yealink-cfg", f"{text}account.1.sip_server.1.address = sip.acme.example\n")
    assert fix(found, "SR712") == f"account.1.enable = {digit}"


@pytest.mark.parametrize(
    ("dialled", "instead"),
    [
        ("${ACMETRUNK}/${EXTEN:1},60,tTo", "PJSIP/${EXTEN:1}@acme,60,tTo"),
        ("PJSIP/acme/${EXTEN}", "PJSIP/${EXTEN}@acme"),
        ("PJSIP/acme/${EXTEN:1},60,tTob(handler^addheader^1)", "PJSIP/${EXTEN:1}@acme,60,tTob(handler^addheader^1)"),
    ],
)
def test_a_number_that_pjsip_dials_keeps_its_options(dialled, instead):
    text = "Carrier ID: ACME\nCarrier Name: Acme\nRegistration String:\nTemplate ID: --NONE--\n"
    text += "Account Entry: [acme]\ntype=endpoint\naors=acme\nProtocol: PJSIP\nGlobals String: ACMETRUNK = PJSIP/acme\n"
    text += f"Dialplan Entry: exten => _9NXXNXXXXXX,1,Dial({dialled})\nServer IP: 203.0.113.5\nActive: Y\n"
    assert fix(parsed("vicidial-carrier", text), "SR332") == f"Dial({instead})"


@pytest.mark.parametrize("word", ["ssl", "SSL", "sips", "tsl"])
def test_another_word_for_tls_is_taken_for_it(word):
    found = parsed(YATE, f"{ACCFILE}ip_transport={word}\n")
    assert fix(found, "SR467") == "ip_transport=tls"
    assert [(each.transport, each.port) for each in found.meant] == [("tls", 5061)]
    text = '<include><gateway name="acme"><param name="username" value="100"/><param name="password" value="hunter22"/>'
    text += f'<param name="proxy" value="sip.acme.example"/><param name="register-transport" value="{word}"/>'
    text = text.replace("><", ">\n<")
    better = '<param name="register-transport" value="tls"/>'
    assert fix(parsed("freeswitch-gateway", f"{text}\n</gateway></include>"), "SR405") == better


def test_any_other_word_for_a_transport_of_yate_becomes_udp():
    assert fix(parsed(YATE, f"{ACCFILE}ip_transport=carrier\n"), "SR467") == "ip_transport=udp"


@pytest.mark.parametrize(("written", "seconds"), [("5m", 300), ("1 hour", 3600), ("3OO", 300), ("often", 600)])
def test_an_interval_with_a_unit_is_taken_for_seconds(written, seconds):
    found = parsed(YATE, f"{ACCFILE}interval={written}\n")
    assert fix(found, "SR465") == f"interval={seconds}"
    assert [each.expiry for each in (*found.registrations, *found.meant)] == list(dict.fromkeys((600, seconds)))


def test_a_kind_of_registration_is_named_as_the_page_does():
    found = parsed(MIKOPBX, PROVIDER.replace("Outgoing registration", "Peer"))
    assert fix(found, "SR350") == "Account type: Outgoing registration"
    fixed = parsed(MIKOPBX, PROVIDER.replace("Account type: Peer", fix(found, "SR350")))
    assert fixed.findings == ()
    json = '{"registration_type": "peer", "username": "100", "secret": "hunter22", "host": "sip.acme.example"}'
    assert fix(parsed(MIKOPBX, json), "SR350") == json.replace("peer", "outbound").replace("hunter22", "••••••••")


# --- what the systems print


def test_the_lines_of_asterisk_are_whole():
    found = parsed(PJSIP, OBJECTS.format(option="max_retries=0", login=""))
    assert log(found, "SR214").endswith("with client '...', stopping registration attempt")
    text = "[acme]\ntype=wizard\nsends_auth=yes\nsends_registrations=yes\nremote_hosts=sip.acme.example\n"
    told = log(parsed(WIZARD, f"{text}outbound_auth/password=hunter22\n"), "SR231")
    assert told.endswith("must have 'outbound_auth/username' if it sends authentication.")
    assert [f.code for f in logs.parse(told).findings] == ["SR947"]


def test_an_unknown_transport_is_advised_with_those_of_a_register_line():
    told = logs.parse("'ws' is not a valid transport type on line 4 of sip.conf. defaulting to udp.")
    assert fix(told, "SR921").endswith("udp, tcp or tls")


# --- once, and for what it is


def test_a_dialplan_is_no_section_without_a_type():
    found = parsed(SIP_CONF, "[from-trunk]\nexten => 100,1,Answer()\nregister => 100:hunter22@sip.acme.example\n")
    assert codes_of(found) == ["SR188"]


@pytest.mark.parametrize("written", ["[2001:db8::10]", "2001:db8::10", "[2001:db8::10]:5070"])
def test_twinkle_reaches_no_ipv6_domain(written):
    profile = f"user_name=100\nuser_domain={written}\nauth_name=100\nauth_pass=hunter22\n"
    found = parsed(TWINKLE, profile)
    assert codes_of(found) == ["SR574"]
    assert found.worst == "error"
    assert "SR574" not in codes_of(parsed(TWINKLE, f"{profile}registrar=sip.acme.example\n"))


@pytest.mark.parametrize(
    "line", ["Login: 100\n", "Provider server address: sip.acme.example\n", "Password: hunter22\n"]
)
def test_what_a_provider_lacks_is_told_once_and_without_names_of_objects(line):
    found = parsed(MIKOPBX, PROVIDER.replace(line, ""))
    assert codes_of(found) == ["SR347"]


@pytest.mark.parametrize(
    ("label", "section"),
    [
        ("Registration interval", "[registration] with expiration"),
        ("Expires", "[registration] with expiration"),
        ("Auth user", "[registration-auth] with username"),
        ("Realm", "[registration-auth] with realm"),
    ],
)
def test_what_mikopbx_has_no_field_for(label, section):
    found = parsed(MIKOPBX, f"{PROVIDER}{label}: 300\n")
    assert label in says(found, "SR342", "hint")
    assert fix(found, "SR342").startswith(section)


def test_notes_between_the_fields_of_mikopbx_are_nobodys_setting():
    assert codes_of(parsed(MIKOPBX, f"{PROVIDER}Contract until: 2031\nNote on expiry: ask Al\n")) == []


def test_db_text_is_no_mysql():
    assert codes_of(parsed(KAMAILIO, DB_TEXT.format(kind="int"))) == ["SR432"]
    assert "MySQL" not in says(parsed(KAMAILIO, DB_TEXT.format(kind="str")), "SR441")


def test_quotes_around_a_realm_are_an_error():
    found = parsed(PJSIP, OBJECTS.format(option="", login='realm="acme.example"'))
    assert "quotes included" in says(found, "SR226", "error")


# --- what is said in one sentence agrees with the findings


def told(dialect: str, text: str, label: str = "will log in as") -> list[str]:
    """The sentences of a label in the report, each in one line."""
    lines: list[str] = []
    for line in report(explain(text, dialect=dialect)).split("\n\n", maxsplit=1)[0].split("\n"):
        if line.startswith(" " * 10) and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return [line.strip().removeprefix(label).strip() for line in lines if line.strip().startswith(label)]


PJSUA = "pjsua --id=sip:100@sip.acme.example --registrar=sip:sip.acme.example --password=hunter22"
CISCO = (
    "<flat-profile><Line_Enable_1_>Yes</Line_Enable_1_><Proxy_1_>sip.acme.example</Proxy_1_><User_ID_1_>100"
    "</User_ID_1_><Password_1_>hunter22</Password_1_><Use_Auth_ID_1_>Yes</Use_Auth_ID_1_><Auth_ID_1_></Auth_ID_1_>"
    "</flat-profile>"
)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("pjsua-cmdline", f"{PJSUA} --username=100"),
        ("pjsua-cmdline", f"{PJSUA} --realm='*'"),
        (TWINKLE, "user_name=100\nuser_domain=sip.acme.example\nauth_pass=hunter22\n"),
        ("cisco-spa-xml", CISCO),
        (PJSIP, OBJECTS.format(option="", login="realm='acme.example'")),
    ],
)
def test_a_password_that_answers_no_challenge_is_not_used(dialect, text):
    [real], [meant] = told(dialect, text), told(dialect, text, "probably meant")
    assert "password •••••••• (not used)" in real
    assert meant == real.replace(" (not used)", "")
    assert "secret_used" not in str(parsed(dialect, text).to_json())


def test_the_user_name_that_a_password_of_pjsua_lacks():
    assert fix(parsed("pjsua-cmdline", f"{PJSUA} --realm='*'"), "SR536") == "--username=100"
    found = parsed("pjsua-cmdline", "pjsua --registrar=sip:sip.acme.example --password=hunter22")
    assert fix(found, "SR536") == "--username=…"


def test_what_was_meant_is_left_out_where_it_reads_the_same():
    twice = PROVIDER.replace("sip.acme.example\n", "sip.acme.example:5060\n") + "SIP connection port: 5060\n"
    for dialect, text in ((MIKOPBX, twice), (PJSIP, OBJECTS.format(option="", login="realm='x'"))):
        assert not set(told(dialect, text)) & set(told(dialect, text, "probably meant"))


@pytest.mark.parametrize(("written", "likely"), [("7200", 3600), ("0", 300)])
def test_what_was_meant_is_something_that_pjsua_takes(written, likely):
    found = parsed("pjsua-cmdline", f"{PJSUA} --username=100 --realm='*' --reg-timeout={written}")
    assert [each.expiry for each in found.meant] == [likely]
    assert fix(found, "SR537") == f"--reg-timeout={likely}"


def test_a_last_row_without_a_line_end_may_be_lost():
    text = DB_TEXT.format(kind="int").replace(":5m:", ":300:").rstrip("\n")
    assert says(parsed(KAMAILIO, text), "SR437", "hint").startswith("The last line has no end. If the file ends like")


SIPP = "SEQUENTIAL{counter}\n10%d;sip.acme.example;[authentication username=10%d password={secret}]\n"


def test_sipp_has_the_host_on_its_command_line():
    [line] = told("sipp-inf", SIPP.format(counter="", secret="hunter22"))
    assert line.endswith("to the host on SIPp's command line")


def test_many_accounts_are_counted_after_the_first():
    text = SIPP.format(counter=",PRINTF=100", secret="hunter22")
    lines = told("sipp-inf", text)
    assert len(lines) == 21
    assert lines[-1] == "... and 80 more"
    assert len(parsed("sipp-inf", text).registrations) == 100


def test_sipp_stops_at_what_is_no_number():
    text = SIPP.format(counter=",PRINTF=2", secret="hunt%er22")
    found = parsed("sipp-inf", text)
    assert says(found, "SR759", "error")
    assert found.registrations == ()
    assert [(each.auth_user, each.secret) for each in found.meant] == [("100", "hunt%er22"), ("101", "hunt%er22")]
    assert "password=•••••••••]" in report(explain(text, dialect="sipp-inf"))


# --- what is hidden, and what is not


def shown(dialect: str, text: str, code: str) -> str:
    """The line of the report that a finding points at."""
    lines = report(explain(text, dialect=dialect)).split("\n")
    index = next(i for i, line in enumerate(lines) if line.rstrip().endswith(f" {code}") or f" {code} " in line)
    return lines[index - 1].partition("| ")[2]


def test_an_auth_user_that_may_belong_to_the_password_is_shown_in_both_lines_or_in_neither():
    found = parsed(SIP, "100:hunter:q22@sip.acme.example")
    assert fix(found, "SR120") == '100:"••••••:q22"@sip.acme.example'
    assert shown(SIP, "100:hunter:q22@sip.acme.example", "SR120") == "100:••••••:q22@sip.acme.example"


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (
            "('192.0.2.10', 5060, '100', “hunter22”, myIP='203.0.113.5')",
            "('192.0.2.10', 5060, '100', “••••••••”, myIP='203.0.113.5')",
        ),
        ("('192.0.2.10', 5060, '100', “hunter22”)", "('192.0.2.10', 5060, '100', “••••••••”)"),
        ("('192.0.2.10', 5060, '100', 'hun'ter22')", "('192.0.2.10', 5060, '100', '•••'•••••'•"),
        ("('192.0.2.10', 5060, '100', hunter22')", "('192.0.2.10', 5060, '100'••••••••••'•"),
    ],
)
def test_a_call_that_is_no_python_shows_what_stands_between_its_strings(call, seen):
    text = f"from pyVoIP.VoIP import VoIPPhone\nphone = VoIPPhone{call}\n"
    lines = report(explain(text, dialect="pyvoip"))
    assert "hunter22" not in lines
    assert "ter22" not in lines
    assert next(line for line in lines.split("\n") if "VoIPPhone(" in line).partition("VoIPPhone")[2] == seen


def test_a_missing_password_hides_nothing_else():
    text = "from pyVoIP.VoIP import VoIPPhone\nphone = VoIPPhone('192.0.2.10', 5060, '100', myIP='203.0.113.5')\n"
    assert shown("pyvoip", text, "SR800") == text.split("\n")[1]


def test_options_of_sipexer_behind_the_target_hide_the_password_alone():
    text = "sipexer -register -fuser 100 udp:sip.acme.example:5060 -ap hunter22"
    assert shown("sipexer-cmdline", text, "SR778").endswith("-fuser 100 udp:sip.acme.example:5060 -ap ••••••••")
    blank = "sipexer -register -fuser 100 -ap hunter 22pw udp:sip.acme.example"
    assert "22pw" not in report(explain(blank, dialect="sipexer-cmdline"))


def test_a_word_for_no_registration_string_is_shown():
    text = "Carrier ID: ACME\nCarrier Name: Acme\nRegistration String: none\nTemplate ID: --NONE--\nAccount Entry: "
    text += "[acme]\ntype=peer\nhost=sip.acme.example\nProtocol: SIP\nServer IP: 203.0.113.5\nActive: Y\n"
    assert shown("vicidial-carrier", text, "SR333") == "Registration String: none"


@pytest.mark.parametrize(
    ("dialect", "before", "note", "code"),
    [
        (TWINKLE, "user_name=100\nuser_domain=sip.acme.example\nauth_name=100\nauth_pass=", " # main line", "SR564"),
        ("microsip-ini", "[Account1]\nserver=sip.acme.example\nusername=100\npassword=", " ; main line", "SR546"),
        ("linphonerc", "[auth_info_0]\nusername=100\npasswd=", " # main line", "SR522"),
    ],
)
def test_a_note_behind_a_password_is_shown_with_its_blank(dialect, before, note, code):
    line = shown(dialect, f"{before}hunter22{note}\n", code)
    assert line == f"{before.rpartition(chr(10))[2]}••••••••{note}"


def test_what_may_be_the_password_is_not_shown_for_a_note():
    assert shown(TWINKLE, "auth_name=100\nauth_pass=hunter #22\n", "SR564") == "auth_pass=••••••••••"


def test_a_variable_in_the_place_of_a_password_is_named_in_the_line_only():
    text = "new JsSIP.UA({\n  sockets: [new JsSIP.WebSocketInterface('wss://sip.acme.example')],\n"
    text += "  uri: 'sip:100@sip.acme.example',\n  password: '${password}',\n});\n"
    assert says(parsed("jssip", text), "SR796").startswith("`${…}` is replaced in backquotes only")


# --- what stands in a log


def test_a_digest_in_a_log_stays_unseen():
    line = "invalid char 3 in HA1 string: 0dg5ebbc3e7a0ed6a2e1dbdc1f9c7c4a"
    found = logs.parse(line)
    assert "no MD5 digest" in says(found, "SR993", "error")
    assert "0dg5" not in report(explain(line, form="log"))


@pytest.mark.parametrize(
    ("dialect", "text", "code"),
    [
        (PJSIP, OBJECTS.format(option="", login="").replace("outbound_auth=acme", "outbound_auth=acne"), "SR210"),
        (KAMAILIO, DB_TEXT.format(kind="int"), "SR432"),
        (KAMAILIO, DB_TEXT.format(kind="int").replace(":acme:", ":ac:me:"), "SR431"),
        ("pjsua-cmdline", f"{PJSUA} --username=100 --realm='*' --reg-timeout=7200", "SR537"),
        ("linphonerc", "[proxy_0]\nreg_proxy=<sip:sip.acme.example>\nreg_identity=sip:100@a@acme.example\n", "SR523"),
        (TWINKLE, "user_name=100\nuser_domain=sip.acme.example\nauth_name=100\nauth_pas=hunter22\n", "SR565"),
    ],
)
def test_the_line_that_is_quoted_is_a_known_one(dialect, text, code):
    assert [f.severity for f in logs.parse(log(parsed(dialect, text), code)).findings] != []
    assert "SR900" not in codes_of(logs.parse(log(parsed(dialect, text), code)))


# --- in plain words


def test_a_domain_of_the_host_in_front_of_the_last_at_goes_behind_the_user():
    found = parsed(SIP, "100:hunter22@acme.example@sip.acme.example/100")
    assert says(found, "SR130", "warning")
    assert fix(found, "SR130") == "100@acme.example:••••••••@sip.acme.example/100"
    assert [(each.domain, each.secret) for each in found.meant] == [("acme.example", "hunter22")]


def test_a_domain_of_another_host_may_be_the_end_of_the_password():
    found = parsed(SIP, "100:hunter22@other.example@sip.acme.example/100")
    assert says(found, "SR130", "hint")
    assert fix(found, "SR130") == "100@other.example:••••••••@sip.acme.example/100"
    assert found.meant == ()


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("--registrar=sip:sip.acme.example;transport=tcp --password=hunter22", "--registrar='…'"),
        ("--registrar sip:sip.acme.example;transport=tcp --password=hunter22", "'…'"),
        ("--registrar=sip:sip.acme.example --password=hun;ter22", "--password='…'"),
        ('--registrar=sip:sip.acme.example --password="hun$ter22"', "--password='…'"),
    ],
)
def test_a_word_that_the_shell_cuts_is_put_in_quotes_and_not_shown(written, instead):
    found = parsed("pjsua-cmdline", f"pjsua --id=sip:100@sip.acme.example --realm='*' --username=100 {written}")
    assert [f.fix for f in found.findings if f.code in ("SR531", "SR532")] == [instead]


def test_the_scheme_is_left_out_for_asterisk_14():
    found = parsed("asterisk-chan_sip-1.4", "register => tls://100:hunter22@sip.acme.example/100")
    assert fix(found, "SR301") == "register => 100:••••••••@sip.acme.example/100"


@pytest.mark.parametrize(
    ("line", "becomes"), [(";fromuser=100", "comes into force as an option"), ("; by Al", "becomes a bad line")]
)
def test_what_becomes_of_a_comment_in_vicidial(line, becomes):
    text = "Carrier ID: ACME\nCarrier Name: Acme\nRegistration String: register => 100:hunter22@sip.acme.example\n"
    text += f"Template ID: --NONE--\nAccount Entry: [acme]\n{line}\ntype=peer\nhost=sip.acme.example\nProtocol: SIP\n"
    assert becomes in says(parsed("vicidial-carrier", f"{text}Server IP: 203.0.113.5\nActive: Y\n"), "SR320")


def test_a_tab_is_called_one():
    text = "user_name=100\nuser_domain=sip.acme.example\nauth_name=100\nauth_pass=hunter22\t\n"
    assert says(parsed(TWINKLE, text), "SR563").startswith("A tab is part")


def test_a_sentence_ends_once():
    text = "from pyVoIP.VoIP import VoIPPhone\nphone = VoIPPhone('192.0.2.10', 5060, '100' 'hunter22' x)\n"
    assert not says(parsed("pyvoip", text), "SR782").endswith("?.")


def test_a_parameter_in_the_value_of_another_has_a_way_out():
    line = '<sip:100@sip.acme.example>;auth_pass="hun;regint=90;ter22";regint=300'
    assert says(parsed("baresip-accounts", line), "SR512").endswith("choose a value without it.")
    line = "<sip:100@sip.acme.example>;auth_pass=hun\\;ter22"
    assert fix(parsed("baresip-accounts", line), "SR506") == 'auth_pass="…"'

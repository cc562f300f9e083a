"""Config files of any dialect as items: what is tried, what is skipped, and which finding belongs to which."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockregistrar.trunks import Trunk, registry, trunk_files
from mockregistrar.trunks.items import IP_AUTHENTICATED, SWITCHED_OFF, selected

GATEWAYS = """<include>
<gateway name="acme">
  <param name="username" value="100"/>
  <param name="password" value="hunter22"/>
  <param name="proxy" value="sip.acme.example"/>
</gateway>
<gateway name="beta">
  <param name="username" value="200"/>
  <param name="password" value="other:333"/>
  <param name="proxy" value="sip:sip.beta.example"/>
</gateway>
<gateway name="off">
  <param name="username" value="300"/>
  <param name="proxy" value="sip.off.example"/>
  <param name="register" value="false"/>
</gateway>
</include>
"""
PJSIP = """[acme]
type=registration
server_uri=sip:sip.acme.example
client_uri=sip:100@sip.acme.example
outbound_auth=acme

[acme]
type=auth
username=100
password=hunter22

[beta]
type=registration
server_uri=sip.beta.example
client_uri=sip:200@sip.beta.example
outbound_auth=acme
"""


def read(name: str, text: str | bytes, **more: object) -> trunk_files.TrunkFile:
    octets = text if isinstance(text, bytes) else text.encode()
    return trunk_files.read(Path("/c") / name, read_file=lambda _: octets, list_files=lambda _: [], **more)


def test_one_item_for_each_registration_and_ids_without_secrets():
    file = read("acme.xml", GATEWAYS)
    assert file.dialect == "freeswitch-gateway"
    assert [item.id for item in file.items] == [
        "register[100@sip.acme.example]",
        "register[200@sip.beta.example]",
        "register[300@sip.off.example]",
    ]
    assert [item.line for item in file.items] == [2, 7, 12]
    assert all(item.dialect == "freeswitch-gateway" and item.system == "FreeSWITCH" for item in file.items)
    assert "acme" in file.items[0].keywords


def test_a_finding_belongs_to_the_registration_that_stands_above_it():
    first, second, third = read("acme.xml", GATEWAYS).items
    assert first.findings == ()
    assert {finding.code for finding in second.findings} >= {"SR408", "SR409"}
    assert not any(finding.severity == "error" for finding in third.findings)
    assert second.failing
    assert not first.failing


def test_what_is_switched_off_is_skipped():
    assert [item.skip for item in read("acme.xml", GATEWAYS).items] == [None, None, SWITCHED_OFF]


def test_what_the_system_refuses_is_an_item_with_what_was_meant():
    first, second = read("pjsip.conf", PJSIP).items
    assert first.reading.real is not None
    assert first.reading.meant == first.reading.real
    assert second.reading.real is None
    assert second.reading.meant.host == "sip.beta.example"
    assert second.reading.trigger == "SR203"


def test_a_trunk_by_address_has_nothing_to_register():
    text = "[t]\ntype=endpoint\naors=t\n[t]\ntype=aor\ncontact=sip:203.0.113.5\n"
    text += "[t]\ntype=identify\nendpoint=t\nmatch=203.0.113.5\n"
    (item,) = read("pjsip.conf", text).items
    assert (item.kind, item.skip) == ("ip-peer", IP_AUTHENTICATED)


def test_a_file_without_any_registration_says_so():
    (item,) = read("pjsip.conf", "[global]\ntype=global\nuser_agent=x\n").items
    assert (item.kind, item.id) == ("nothing", "nothing")
    assert item.failing
    assert item.findings[-1].code == "SR183"


def test_accounts_of_one_name_are_numbered():
    line = "<sip:100@sip.acme.example>;auth_pass=hunter22"
    assert [item.id for item in read("accounts", f"{line}\n{line}\n").items] == [
        "register[100@sip.acme.example]",
        "register[100@sip.acme.example]-2",
    ]


def test_a_user_that_is_the_password_is_in_no_id():
    (item,) = read("accounts", "<sip:hunter22@sip.acme.example>;auth_pass=hunter22\n").items
    assert item.id == "register[line-1]"
    assert "hunter22" not in item.keywords


def test_a_sip_conf_keeps_its_own_items():
    file = read("sip.conf", "[general]\nregistr => 100:hunter22@sip.acme.example\n")
    assert file.dialect == "asterisk-sip.conf"
    assert file.items[0].ignored == "`registr` is no option"


@pytest.mark.parametrize("select", ["2", "200", "register[200@sip.beta.example]", "200@sip.beta.example", "beta"])
def test_an_item_is_selected_by_any_of_its_names(select):
    items = read("acme.xml", GATEWAYS).items
    assert selected(items, select) == (items[1],)
    assert selected(items, "4") == ()


@pytest.mark.parametrize("name", [name for name in registry.names() if registry.renders(name)])
def test_a_text_of_every_dialect_becomes_an_item(name):
    transport = "wss" if name in ("jssip", "sipjs") else "udp"
    port = 8443 if transport == "wss" else 5060
    trunk = Trunk("100", "sip.acme.example", secret="hunter22", transport=transport, port=port)
    file = trunk_files.of_text(registry.render_config(name, trunk), dialect=name)
    assert file.dialect == name
    (item,) = file.items
    assert (item.reading.real.user, item.reading.real.secret) == ("100", "hunter22")
    assert item.system


@pytest.mark.parametrize(
    ("name", "octets", "known"),
    [
        ("acme.xml", GATEWAYS.encode(), True),
        ("anything", PJSIP.encode(), True),
        ("microsip.ini", "[Account1]\nserver=h\ndomain=h\nusername=1\n".encode("utf-16"), True),
        ("notes.txt", b"nothing of SIP in here\n", False),
        ("setup.cfg", b"[metadata]\nname = x\n[options]\npackages = find:\n", False),
        ("tox.ini", b"[tox]\nenv_list = py3\n", False),
        ("data.json", b'{"a": 1}', False),
        ("x.xml", b"<project><a/></project>", False),
        ("app.env", b"DATABASE_URL=x\nSECRET_KEY=y\n", False),
        ("x.conf", b"\x7fELF\0\0\0", False),
        ("x.js", b"const x = {a: 1};\n", False),
        ("x.py", b"import os\nprint(os.environ['USER'])\n", False),
    ],
)
def test_what_looks_like_a_config_of_a_known_dialect(name, octets, known):
    assert trunk_files.looks_like_trunks(octets, name) is known

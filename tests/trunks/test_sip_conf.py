"""A sip.conf as a list of registrations: which lines are items, what they are called, what is said about them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Item, Trunk
from mockregistrar.trunks.asterisk import chan_sip as asterisk_chan_sip
from mockregistrar.trunks.asterisk import sip_conf, sip_conf_dialect
from mockregistrar.trunks.asterisk import sip_conf_writer as asterisk_sip_conf
from mockregistrar.trunks.asterisk.chan_sip_options import meant_option
from mockregistrar.trunks.asterisk.sip_conf import SipConf, looks_like_sip_conf
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.items import IP_AUTHENTICATED

DATA = Path(__file__).parent / "data"


def read(text: str | bytes, **files: str) -> SipConf:
    held = {Path("/c") / name: content.encode() for name, content in files.items()}
    held[Path("/c/sip.conf")] = text if isinstance(text, bytes) else text.encode()

    def read_file(path: Path) -> bytes:
        if path not in held:
            raise FileNotFoundError(path)
        return held[path]

    return sip_conf.read(Path("/c/sip.conf"), read_file=read_file, list_files=lambda _pattern: [])


def only(text: str, **files: str) -> Item:
    (item,) = read(text, **files).items
    return item


def codes(item: Item) -> list[str]:
    return [finding.code for finding in item.findings]


def test_the_items_of_a_file_that_people_have_worked_on():
    found = sip_conf.read(DATA / "sip.conf")
    assert [(item.id, item.line, item.failing) for item in found.items] == [
        ("register[100@sip.acme.example]", 6, True),
        ("register[200@sip.acme.example]", 7, False),
        ("register[300@sip.acme.example]", 8, True),
        ("register[400@sip.acme.example]", 9, True),
        ("register[500@sip.acme.example]", 10, True),
        ("register[200@sip.acme.example]-2", 11, True),
        ("register[200@sip.acme.example]-3", 12, False),
        ("register[600@acme-trunk]", 13, True),
        ("register[650@sip.acme.example]", 18, False),
        ("register[700@sip.acme.example]", 27, True),
        ("callbackextension[bob@sip.beta.example]", 31, False),
        ("callbackextension[eve@sip.gamma.example]", 31, True),
    ]
    by_line = {item.line: item for item in found.items}
    assert by_line[8].ignored == "`registr` is no option"
    assert "prints nothing" in by_line[8].findings[0].message
    assert by_line[9].findings[0].log == "WARNING ... No '=' (equal sign) in line 9 of sip.conf"
    assert by_line[11].ignored == "the same text stands in line 7"
    assert codes(by_line[12]) == ["SR163"]
    assert codes(by_line[13])[:2] == ["SR176", "SR178"]
    assert by_line[27].ignored == "it stands in [acme-trunk]"
    assert by_line[18].reading.real.expiry == 300
    assert by_line[7].reading.real.expiry == 120
    assert not found.is_fragment
    assert found.general["context"] == "default"


@pytest.mark.parametrize(
    ("line", "code", "user"),
    [
        ("registr => 100:secret77@h.example", "SR106", "100"),
        ("registers => 100:secret77@h.example", "SR106", "100"),
        ("registration => 100:secret77@h.example", "SR106", "100"),
        ("reigster = 100:secret77@h.example", "SR106", "100"),
        ("register -> 100:secret77@h.example", "SR105", "100"),
        ("register ⇒ 100:secret77@h.example", "SR105", "100"),
        ("register: 100:secret77@h.example", "SR105", "100"),
        ("register 100:secret77@h.example", "SR105", "100"),
        ("register -> 100:sec=ret77@h.example", "SR105", "100"),
        ("100:secret77@h.example", "SR102", "100"),
        ("100:secret77==@h.example/100", "SR102", "100"),
    ],
)
def test_a_line_that_was_meant_is_an_item_that_fails(line, code, user):
    item = only(f"[general]\n{line}\n")
    assert item.kind == "register"
    assert item.ignored
    assert item.failing
    assert code in codes(item)
    trunk = item.reading.meant or item.reading.real
    assert (trunk.user, trunk.host) == (user, "h.example")
    assert item.findings[0].fix.startswith("register => 100:")


@pytest.mark.parametrize(
    "line",
    [
        ";register => 100:secret@h.example",
        "  ; register => 100:secret@h.example",
        ";-- register => 100:secret@h.example --;",
        "#register => 100:secret@h.example",
        "registertimeout=20",
        "registerattempts=0",
        "register_retry_403=yes",
        "mwi => 100:secret@h.example/100",
        "callerid=Bob <100@h.example>",
        "mailbox=100@default",
        "regcontext=sipregs",
        "realm=bob@h.example",
        "useragent=PBX:1",
        "externip=1.2.3.4:5060",
    ],
)
def test_a_line_that_was_not_meant_is_no_item(line):
    found = read(f"[general]\n{line}\nregister => 9:pw99x@sip.other.example\n")
    assert [item.id for item in found.items] == ["register[9@sip.other.example]"]


def test_text_before_the_first_section_fails_every_item():
    found = read("register => 1:secret11@one.example\n[general]\nregister => 2:secret22@two.example\n")
    assert not found.is_fragment
    assert [codes(item)[0] for item in found.items] == ["SR160", "SR160"]
    assert all(item.ignored and "No category context for line 1 of sip.conf" in item.ignored for item in found.items)
    assert all("parse error: No category context" in item.findings[0].log for item in found.items)


@pytest.mark.parametrize(
    ("text", "code", "log"),
    [
        ("[general]\n[p]\ntype=peer\nregister => 1:secret@h.example\n", "SR161", ""),
        ("[general]\na=1\n[general]\nregister => 1:secret@h.example\n", "SR172", ""),
        ("[general](!)\nregister => 1:secret@h.example\n", "SR172", ""),
        (
            "[default]\nexten => s,1,Answer\nregister => 1:secret@h.example\n",
            "SR188",
            "==!!== Unknown directive: register at line 3 ... -- IGNORING!!!",
        ),
        ("[general]\n;-- Trunks\nregister => 1:secret@h.example\n", "SR168", "WARNING ... Unterminated comment"),
        ("[general]\na=1--;\nregister => 1:secret@h.example\n", "SR185", ""),
        ("[general]\n[broken\nregister => 1:secret@h.example\n", "SR171", "WARNING ... parse error: no closing ']'"),
    ],
)
def test_a_registration_in_the_wrong_place(text, code, log):
    item = only(text)
    assert item.ignored
    assert codes(item)[0] == code
    assert item.findings[0].log.startswith(log)


@pytest.mark.parametrize(
    "value", ["u:p(w:auth@sip.acme.example", "u:p/w@sip.acme.example", "u:p?w@sip.acme.example", "mypeer"]
)
def test_where_it_is_not_sure_which_part_is_the_password_the_line_is_the_name(value):
    item = only(f"[general]\n\nregister => {value}\n")
    assert item.id == "register[line-3]"
    assert item.keywords == ()


def test_general_may_be_added_to():
    found = read("[general]\na=1\n[p]\ntype=peer\n[general](+)\nregister => 1:secret@h.example\n")
    assert [item.ignored for item in found.items] == [None]


def test_a_fragment_is_read_as_the_end_of_general():
    found = sip_conf.read(DATA / "sip-vicidial.conf", rootdir=DATA)
    assert found.is_fragment
    assert found.notes == (
        "sip-vicidial.conf begins without a section: it was read as if included at the end of [general].",
    )
    # the password `test` is part of the user name: the id must not hold it
    assert [item.id for item in found.items] == ["register[line-1]", "register[second@sip.second.example]"]
    assert not any(item.failing for item in found.items)
    assert found.items[0].keywords == ("10.10.10.15",)
    assert all(f.severity == "hint" for f in found.findings)


def test_items_belong_to_the_file_they_stand_in():
    found = sip_conf.read(DATA / "with-includes.conf")
    assert [(item.path.name, item.line, item.id) for item in found.items] == [
        ("more.conf", 1, "register[1@one.example]"),
        ("glob-a.conf", 1, "register[2@two.example]"),
        ("glob-b.conf", 1, "register[3@three.example]"),
        ("there.conf", 1, "register[4@four.example]"),
    ]
    assert [f.code for f in found.findings] == ["SR167", "SR166", "SR165"]
    assert [path.name for path in found.files] == [
        "with-includes.conf",
        "more.conf",
        "glob-a.conf",
        "glob-b.conf",
        "there.conf",
    ]


def test_a_latin1_file_keeps_going():
    (item,) = sip_conf.read(DATA / "latin1.conf").items
    assert item.reading.real.secret == "p\udce4ssw\udcf6rt"
    assert not item.failing


def test_a_file_that_cannot_be_read_is_an_error():
    with pytest.raises(FileNotFoundError):
        sip_conf.read(DATA / "none.conf")


# --- nothing to register


def test_peers_with_an_address_and_no_registration_are_skipped():
    found = read(
        "[general]\n[a]\ntype=peer\nhost=10.0.0.1\n[b]\ntype=friend\nhost=sip.b.example\n[c]\ntype=friend\nhost=dynamic\n"
    )
    assert [(item.id, item.kind, item.skip) for item in found.items] == [
        ("ip-peer[a]", "ip-peer", IP_AUTHENTICATED),
        ("ip-peer[b]", "ip-peer", IP_AUTHENTICATED),
    ]
    assert not any(item.failing for item in found.items)
    assert found.items[0].keywords == ("a", "10.0.0.1")


@pytest.mark.parametrize("text", ["", "[general]\n", "[general]\n[phone]\ntype=friend\nhost=dynamic\n", "; nothing\n"])
def test_a_file_with_nothing_to_register_fails_with_why(text):
    item = only(text)
    assert (item.id, item.kind, item.failing) == ("nothing", "nothing", True)
    assert codes(item) == ["SR183"]


# --- peers


def test_a_host_may_be_the_name_of_a_peer():
    item = only(
        "[general]\nregister => 1:secret@acme\n[acme]\ntype=peer\nhost=10.0.0.9\noutboundproxy=10.0.0.1\n"
        "transport=tls,udp\n"
    )
    trunk = item.reading.real
    assert (trunk.host, trunk.port, trunk.transport) == ("acme", 5060, "udp")
    assert (trunk.dial_host, trunk.dial_port, trunk.dial_transport) == ("10.0.0.9", 5060, "udp")
    assert trunk.target.outbound_proxy == "10.0.0.1"
    assert item.peer.name == "acme"
    assert item.reading.meant is item.reading.real
    assert item.findings == ()


@pytest.mark.parametrize(
    ("line", "peer", "severity"),
    [
        ("1:secret@acme", "port=5080", "warning"),
        ("1:secret@acme:5080", "port=5080", None),
        ("1:secret@acme", "port=5060", None),
        ("1:secret@acme", "transport=tls", "error"),
        ("tls://1:secret@acme", "transport=udp,tls", None),
        ("tcp://1:secret@acme", "", "error"),
        ("acme?1:secret@10.0.0.9", "port=5080", None),
        ("acme?1:secret@10.0.0.9", "transport=tcp", "error"),
    ],
)
def test_port_and_transport_of_a_peer_are_for_calls(line, peer, severity):
    item = only(f"[general]\nregister => {line}\n[acme]\ntype=peer\nhost=10.0.0.9\n{peer}\n")
    assert [f.severity for f in item.findings if f.code == "SR176"] == ([severity] if severity else [])
    assert (item.reading.real.dial_port, item.reading.real.dial_transport) == (
        item.reading.real.port,
        item.reading.real.transport,
    )


def test_the_password_of_the_peer_serves_a_line_without_one():
    item = only("[general]\nregister => 1@acme\n[acme]\ntype=peer\nhost=10.0.0.9\nsecret=frompeer\n")
    assert item.reading.real.secret == "frompeer"
    assert item.findings == ()


def test_a_peer_name_need_not_be_a_host_name():
    item = only("[general]\nregister => 1:secret@acme+1\n[acme+1]\ntype=peer\nhost=10.0.0.9\n")
    assert not item.failing
    assert item.reading.meant is not None


def test_the_peer_in_front_of_the_question_mark():
    item = only("[general]\nregister => acme?1:secret@sip.acme.example\n[acme]\ntype=peer\nhost=10.0.0.9\n")
    assert (item.reading.real.host, item.reading.real.dial_host) == ("sip.acme.example", "sip.acme.example")
    assert item.peer.name == "acme"
    assert "acme" in item.keywords


@pytest.mark.parametrize(
    ("peer", "severity"),
    [("[acm]\ntype=peer\nhost=10.0.0.9\n", "warning"), ("[zulu]\ntype=peer\nhost=10.0.0.9\n", "hint")],
)
def test_a_peer_that_is_not_there(peer, severity):
    item = only(f"[general]\nregister => acme?1:secret@sip.acme.example\n{peer}")
    assert [(f.code, f.severity) for f in item.findings] == [("SR174", severity)]


def test_a_dynamic_peer_has_no_address():
    item = only("[general]\nregister => 1:secret@acme\n[acme]\ntype=friend\nhost=dynamic\n")
    assert codes(item) == ["SR177"]


def test_the_remote_secret_of_the_peer_is_sent():
    item = only("[general]\nregister => 1:fromline@acme\n[acme]\ntype=peer\nhost=10.0.0.9\nremotesecret=frompeer\n")
    assert codes(item) == ["SR184"]
    assert item.reading.real.secret == "frompeer"


def test_the_digest_of_the_peer_is_used():
    item = only(
        "[general]\nregister => 1:fromline@acme\n[acme]\ntype=peer\nhost=10.0.0.9\nmd5secret=" + "0a" * 16 + "\n"
    )
    assert item.reading.real.ha1 == "0a" * 16
    assert "0a0a" not in repr(item)


@pytest.mark.parametrize(
    ("peer", "fires"),
    [
        ("[acme]\ntype=peer\nhost=sip.acme.example\ndefaultuser=1\nsecret=hunter23\n", True),
        ("[1]\ntype=peer\nhost=sip.acme.example\nsecret=hunter23\n", True),
        ("[acme]\ntype=peer\nhost=sip.acme.example\ndefaultuser=1\nsecret=hunter22\n", False),
        ("[acme]\ntype=peer\nhost=sip.acme.example\ndefaultuser=2\nsecret=hunter23\n", False),
        ("[acme]\ntype=peer\nhost=sip.else.example\ndefaultuser=1\nsecret=hunter23\n", False),
        ("[acme]\ntype=friend\nhost=dynamic\ndefaultuser=1\nsecret=hunter23\n", False),
        ("[acme]\ntype=peer\nhost=sip.acme.example\ndefaultuser=1\n", False),
    ],
)
def test_the_peer_for_the_same_user_and_host_may_know_another_password(peer, fires):
    item = only(f"[general]\nregister => 1:hunter22@sip.acme.example\n{peer}")
    assert ("SR178" in codes(item)) is fires
    if fires:
        assert "position 8" in item.findings[0].message
        assert "hunter2" not in item.findings[0].message


def test_realm_credentials_are_kept():
    text = (
        "[general]\nauth=x:y1y1y1@dead.example\nregister => 1:hunter22@sip.acme.example\n"
        "[authentication]\nauth=bob:pa:ss@sip.acme.example\nauth=eve#" + "0b" * 16 + "@other.example\n"
    )
    found = read(text)
    assert [(c.user, c.secret, c.md5secret, c.realm, c.effective) for c in found.credentials] == [
        ("x", "y1y1y1", "", "dead.example", False),
        ("bob", "pa:ss", "", "sip.acme.example", True),
        ("eve", "", "0b" * 16, "other.example", True),
    ]
    assert [c.user for c in found.items[0].credentials] == ["bob", "eve"]
    assert codes(found.items[0]) == ["SR180"]
    assert [f.code for f in found.findings] == ["SR179"]


# --- callbackextension


def callback(**options: str) -> Item:
    lines = {"type": "peer", "host": "sip.acme.example", "defaultuser": "bob", "secret": "hunter22", **options}
    return only("[general]\n[acme]\n" + "".join(f"{k}={v}\n" for k, v in lines.items() if v) + "callbackextension=99\n")


def test_a_callback_extension_registers():
    item = callback()
    assert item.id == "callbackextension[bob@sip.acme.example]"
    assert item.reading.real == Trunk(
        "bob", "sip.acme.example", secret="hunter22", auth_user="bob", extension="99", peer="acme"
    )
    assert item.reading.meant is item.reading.real
    assert item.findings == ()


@pytest.mark.parametrize("secret", ["pa:ss", "pa/ss", "pa(ss", "pa[ss", 'pa"ss'])
def test_a_callback_extension_cannot_quote(secret):
    item = callback(secret=secret)
    assert codes(item) == ["SR175"]
    assert item.reading.meant.secret == secret
    assert item.reading.trigger == "SR175"


@pytest.mark.parametrize("secret", ["pa@ss", "pa#ss", "pa?ss", "pa(s)s", "pässwort", "pa ss"])
def test_a_callback_extension_can_carry_these(secret):
    assert codes(callback(secret=secret)) == []


@pytest.mark.parametrize(
    ("options", "severity", "meant"),
    [
        ({"port": "5080"}, "warning", (5080, "udp")),
        ({"port": "5080", "transport": "tcp"}, "error", (5080, "tcp")),
        ({"transport": "tls"}, "error", (5061, "tls")),
    ],
)
def test_a_callback_extension_goes_by_default_port_and_transport(options, severity, meant):
    item = callback(**options)
    assert [(f.code, f.severity) for f in item.findings] == [("SR176", severity)]
    assert (item.reading.real.port, item.reading.real.transport) == (5060, "udp")
    assert (item.reading.meant.port, item.reading.meant.transport) == meant


def test_a_callback_extension_uses_from_user_and_remote_secret():
    item = callback(fromuser="alice", remotesecret="outgoing")
    assert (item.reading.real.user, item.reading.real.auth_user) == ("alice", "bob")
    assert item.reading.real.secret == "outgoing"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"host": "dynamic"}, "SR177"),
        ({"host": ""}, "SR177"),
        ({"defaultuser": ""}, "SR129"),
        ({"type": ""}, "SR173"),
        ({"type": "trunk"}, "SR173"),
    ],
)
def test_a_callback_extension_that_registers_nowhere(options, code):
    item = callback(**options)
    assert code in codes(item)
    assert item.failing


def test_a_template_registers_nothing_by_itself():
    assert (
        only("[general]\n[t](!)\ntype=peer\nhost=h.example\ndefaultuser=b\nsecret=s\ncallbackextension=9\n").kind
        == "nothing"
    )


# --- the file as such


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[p]\ntype=peer\nhost=h.example\ninsecure=very\n", "SR182"),
        ("[p]\ntype=peer\nhost=h.example\nusername=x\n", "SR181"),
        ("[p]\nhost=h.example\n", "SR173"),
        ("[p]\ntype=peer\nhost=h.example\nsecret=abc;def\n", "SR186"),
        ("[general]\na=1\n", "SR172"),
    ],
)
def test_what_is_said_of_the_file(text, code):
    found = read("[general]\nregister => 1:pw77@sip.acme.example\n" + text)
    assert [f.code for f in found.findings] == [code]
    assert found.findings[0].path == "/c/sip.conf"


@pytest.mark.parametrize(
    ("octets", "answer"),
    [
        (b"[general]\n", True),
        (b"register => a:b@c\n", True),
        (b"[trunk]\ntype=peer\nhost=x\n", True),
        (b"hello world\n", False),
        (b"", False),
        (b"\x00\x01\x02register=", False),
        (b'{"a": 1}', False),
    ],
)
def test_a_file_of_no_known_kind_can_be_told(octets, answer):
    assert looks_like_sip_conf(octets) is answer


# --- properties

SECRET = st.text(alphabet="QXZ79:@/?~;#\"'()[]\\%ß=", min_size=4, max_size=10).filter(lambda s: s.strip() == s)
LINES = [
    "register => 100:{}@sip.acme.example/100",
    "register => tls:100:{}@sip.acme.example",
    "registr => 100:{}@sip.acme.example",
    "register -> 100:{}@sip.acme.example",
    "100:{}@sip.acme.example",
    "register => 100@dom.example:{}:100@sip.acme.example~x",
    "register => {0}:{0}@sip.acme.example",
]


@given(SECRET, st.sampled_from(LINES), st.booleans())
@settings(max_examples=120, deadline=None)
def test_neither_ids_nor_findings_tell_the_secret(secret, pattern, peer):
    text = "[general]\n" + pattern.format(secret) + "\n"
    if peer:
        escaped = secret.replace(";", "\\;")
        text += f"[sip.acme.example]\ntype=peer\nhost=10.0.0.1\ndefaultuser=100\nsecret = {escaped}x\n"
    for item in read(text).items:
        shown = [item.id, *item.keywords, item.skip or ""]
        for finding in item.findings:
            shown += [finding.message, finding.fix]
        secrets = {secret}
        for trunk in (item.reading.real, item.reading.meant):
            if trunk is not None and len(trunk.secret) > 3:
                secrets.add(trunk.secret)
        for value in secrets:
            assert not any(value in told for told in shown), (value, shown)
        assert not set(item.reading.secrets) & {item.id}
        assert "secret='" not in repr(item)


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                b"[general]\n",
                b"register => ",
                b"a:b@c.d",
                b"\n",
                b";",
                b"[p](general)\n",
                b"callbackextension=1\n",
                b"type=peer\nhost=h\n",
                b"\\",
                b"(",
                b'"',
                b"#include x\n",
            ]
        ),
        max_size=20,
    ).map(b"".join)
)
@settings(max_examples=120, deadline=None)
def test_no_octets_make_it_raise(octets):
    found = read(octets)
    ids = [item.id for item in found.items]
    assert len(ids) == len(set(ids))
    assert ids
    looks_like_sip_conf(octets)


@given(st.text(alphabet='ab1@;:/"(é #>=', min_size=1, max_size=10), st.sampled_from(["udp", "tcp", "tls"]))
@settings(max_examples=120, deadline=None)
def test_a_rendered_config_reads_back(secret, transport):
    trunk = Trunk("100", "sip.acme.example", secret=secret, port=5071, transport=transport, extension="7")
    try:
        text = asterisk_sip_conf.render(trunk, "acme")
    except CannotRender:
        return
    found = read(text)
    (item,) = found.items
    assert item.reading.real == trunk
    assert not item.failing, item.findings
    assert not [f for f in found.findings if f.severity != "hint"]
    assert found.peers[0].secret == secret
    assert asterisk_chan_sip.registration_line(trunk) in text


# --- sections and options


def told(text: str, code: str):
    return next(f for f in read(text).findings if f.code == code)


@pytest.mark.parametrize(
    ("option", "code", "severity", "place"),
    [
        ("host=h.example:5060", "SR140", "error", (4, 6, 14)),
        ("host=sip:h.example", "SR140", "error", (4, 6, 13)),
        ("host=h,example", "SR140", "error", (4, 6, 9)),
        ("host=h.example\nport=abc", "SR133", "warning", (5, 6, 3)),
        ("host=h.example\ninsecure=port, invite", "SR182", "warning", (5, 10, 12)),
        ("host=h.example\ninsecure=very", "SR182", "warning", (5, 10, 4)),
        ("host=h.example\nsecrect=hunter22", "SR106", "warning", (5, 1, 7)),
        ("host=h.example\npassword=hunter22", "SR106", "warning", (5, 1, 8)),
        ("hots=h.example", "SR106", "warning", (4, 1, 4)),
        ("\u00a0host=h.example", "SR150", "error", (4, 1, 1)),
        ("host=h.example\nsecret=hunter22\u00a0", "SR150", "error", (5, 16, 1)),
        ("host=h.example\nsecret hunter22", "SR105", "warning", (5, 1, 6)),
        ("host=h.example\n[next] host=x", "SR187", "warning", (5, 8, 6)),
        ("host=h.example\nsecret=YOUR_PASSWORD", "SR109", "hint", (5, 8, 13)),
    ],
)
def test_what_an_option_gives_away(option, code, severity, place):
    text = f"[general]\n[acme]\ntype=peer\n{option}\n"
    found = told(text, code)
    assert found.severity == severity
    assert (found.span.line, found.span.column, found.span.length) == place
    for finding in read(text).findings:
        assert "hunter" not in finding.message + finding.fix + finding.log


@pytest.mark.parametrize(
    "option",
    [
        "host=h.example",
        "host=dynamic",
        "host=2001:db8::1",
        "host=sip_proxy",
        "insecure=port,invite",
        "insecure=no",
        "nat=force_rport,comedia",
        "disallow=all",
        "call-limit=2",
        "qualifyfreq=60",
        "trunk=yes",
        "requirecalltoken=no",
        "outboundproxy=tls://proxy.example:5061,force",
        "t38pt_udptl=yes,redundancy",
        "session-timers=refuse",
        "_realtime=x",
        "secret=p#a:s/s?@w0rd",
        "callerid=Bob <100>",
    ],
)
def test_options_that_are_right_or_not_known_here(option):
    assert read(f"[general]\n[acme]\ntype=peer\n{option}\n").findings == ()


def test_logs_of_what_chan_sip_prints():
    text = "[general]\n[acme]\ntype=peer\nhost=h.example:5060\nport=x\ninsecure=port, invite\n"
    assert told(text, "SR140").log == "ERROR ... srvlookup failed for host: h.example:5060, on peer acme, removing peer"
    assert told(text, "SR140").fix == "host=h.example, and port=5060"
    assert told(text, "SR133").log == "WARNING ... Invalid peer port configuration at line 5 : x"
    assert told(text, "SR182").log == "WARNING ... Unknown insecure mode 'port, invite' on line 6"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("secrect", "secret"),
        ("sercet", "secret"),
        ("scret", "secret"),
        ("hots", "host"),
        ("typ", "type"),
        ("usernmae", "username"),
        ("defualtexpiry", "defaultexpiry"),
        ("registertimout", "registertimeout"),
        ("outbound_proxy", "outboundproxy"),
        ("password", "secret"),
        ("user", "defaultuser"),
        ("trunk", ""),
        ("requirecalltoken", ""),
        ("codec", ""),
        ("peercontext", ""),
        ("secret", ""),
        ("x", ""),
    ],
)
def test_which_option_was_meant(name, meant):
    assert meant_option(name) == meant


@pytest.mark.parametrize(
    "prefix",
    ['"', "'", "`", "* ", "- ", "> ", "1. ", "// ", "$ "],
    ids=["dq", "sq", "bt", "star", "dash", "gt", "1", "s", "d"],
)
def test_something_in_front_of_the_keyword(prefix):
    item = only(f"[general]\n{prefix}register => 100:hunter22@h.example{prefix.strip() if len(prefix) == 1 else ''}\n")
    assert item.ignored
    assert codes(item) == ["SR106"]
    assert (item.reading.meant.user, item.reading.meant.host) == ("100", "h.example")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("\u00a0register => 100:hunter22@h.example", 1),
        ("register\u00a0=> 100:hunter22@h.example", 9),
        ("\u200bregister => 100:hunter22@h.example", 1),
    ],
)
def test_an_invisible_character_at_the_keyword(line, column):
    item = only(f"[general]\n{line}\n")
    assert item.ignored
    assert codes(item)[0] == "SR150"
    assert item.findings[0].span.column == column
    assert item.reading.meant.user == "100"


@pytest.mark.parametrize("arrow", ["->", "⇒", "→", "–>", "—>", "＝>", ">", ":", ""])
def test_arrows_that_are_none(arrow):
    item = only(f"[general]\nregister {arrow} 100:hunter22@h.example\n")
    assert codes(item) == ["SR105"]
    assert item.findings[0].log == "WARNING ... No '=' (equal sign) in line 2 of sip.conf"
    assert (item.reading.meant.user, item.reading.meant.secret) == ("100", "hunter22")


def test_a_registration_behind_a_section_header():
    item = only("[general] register => 100:hun;ter22@h.example\n")
    assert item.ignored
    assert codes(item)[0] == "SR187"
    assert item.reading.meant.secret == "hun;ter22"


def test_an_option_that_holds_a_registration():
    item = only("[general]\nlogin => 100:hunter22@h.example\n")
    assert codes(item) == ["SR106"]
    assert item.reading.meant.user == "100"


def test_a_broken_header_is_told_with_what_asterisk_prints():
    text = "[general](nix)\nregister => 1:secret11@h.example\n"
    log = "WARNING ... Inheritance requested, but category 'nix' does not exist, line 1 of sip.conf"
    assert [f.log for f in read(text).findings if f.code == "SR171"] == [log]
    assert told(text, "SR171").span.length == len("[general](nix)")


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        ("host=sip.acrne.example\ndefaultuser=bob", "sip.acrne.example"),
        ("host=sip.acme.example\ndefaultuser=bobb", ""),
        ("host=sip.acme.example\ndefaultuser=testcarier", "testcarier"),
        ("host=sip2.acme.example\ndefaultuser=testcarrier", ""),
        ("host=other.example\ndefaultuser=testcarrier", ""),
    ],
)
def test_names_that_a_letter_parts(peer, said):
    user = "bob" if "bob" in peer and "bobb" not in peer else "testcarrier"
    item = only(f"[general]\nregister => {user}:hunter22@sip.acme.example\n[p]\ntype=peer\nsecret=hunter22\n{peer}\n")
    found = [f for f in item.findings if f.code == "SR189"]
    assert bool(found) is bool(said)
    if said:
        assert said in found[0].message
        assert found[0].severity == "hint"


def parsed(text: str):
    return sip_conf_dialect.parse(text)


def test_the_fields_of_a_file():
    found = parsed("[general]\noutboundproxy=proxy.example\nregistertimeout=-1\nregister => 1:secret11@h.example\n")
    (made,) = found.registrations
    assert (made.retry_interval, made.max_retries, made.outbound_proxy) == (20, 0, "proxy.example")
    named = parsed("[general]\nregister => 1:s@acme\n[acme]\ntype=peer\nhost=10.0.0.1\nfromdomain=dom.example\n")
    (made,) = named.registrations
    assert (made.host, made.domain, made.retry_interval) == ("10.0.0.1", "", 20)  # To and From name the host


def test_a_repeated_line_changes_nothing():
    found = parsed("[general]\nregister => 1:secret11@h.example\nregister => 1:secret11@h.example\n")
    assert (len(found.registrations), found.meant) == (1, ())
    assert [f.severity for f in found.findings] == ["warning"]


@pytest.mark.parametrize(
    "text",
    [
        "[general]\nbindport=5060\n[phone]\ntype=friend\nhost=dynamic\nsecret=hunter22\n",
        "[general]\ncontext=trunkinbound\n#include sip-vicidial.conf\n",
        "[general]\nmwi => 1234:password1@mysip.example/1234\n",
    ],
)
def test_a_file_without_a_registration_may_be_right(text):
    assert {f.severity for f in parsed(text).findings} <= {"hint"}
    assert parsed(text).ok


@pytest.mark.parametrize("text", ["", "; nothing\n", "hello\n"])
def test_a_text_of_nothing_is_not(text):
    assert "error" in {f.severity for f in parsed(text).findings}


def test_credentials_count_where_their_peer_is_used():
    def entry(register: str, section: str) -> list[str]:
        text = f"[general]\nregister => {register}\n[{section}]\ntype=peer\nhost=sip.acme.example\ndefaultuser=1\n"
        return codes(only(text + "auth=1:other99@sip.acme.example\n"))

    assert "SR180" not in entry("1:secret11@sip.acme.example", "acme")
    assert "SR180" in entry("acme?1:secret11@sip.acme.example", "acme")


@pytest.mark.parametrize(
    "line",
    [
        "#register => 100:hunter22@h.example",
        ";register => 100:hunter22@h.example",
        "; secret=hunter22",
        "[general] register => 100:hun;ter22@h.example",
        "register 100:hunter22@h.example",
        "tls:100:hunter22 x@h.example",
    ],
)
def test_a_line_that_nobody_reads_tells_no_secret(line):
    for text in (line, f"{line}\n[general]\n", f"[general]\n{line}\n[p]\nsecrect=hunter22\npassword=hunter22\n"):
        explanation = explain(text, dialect="asterisk-sip.conf")
        assert "ter22" not in report(explanation) + str(explanation.to_json())


def test_the_line_that_a_value_stands_in():
    for text in ("\n\nregister => 100:hunter22@h,example\n", "\n\n100:hunter22@h,example"):
        assert {f.span.line for f in explain(text).parsed.findings} == {3}

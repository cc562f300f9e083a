"""`explain`, `convert` and `dialects`: what is read, what is printed, and the exit code."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from conftest import PATIENCE

from mockregistrar.cli import main
from mockregistrar.trunks import CODES, registry
from mockregistrar.verdicts import VERDICTS

GOOD = "register => 100:hunter22@sip.acme.example/100"
BAD = "register => 100:hun;ter22@sip.acme.example/100"


@pytest.fixture
def run(capfdbinary, monkeypatch):
    def call(*words, stdin=None):
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main([str(word) for word in words])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


# -- explain -----------------------------------------------------------------------------------------------------------


def test_a_good_string_exits_0(run):
    code, out, err = run("explain", GOOD)
    assert (code, err) == (0, "")
    assert out.startswith("asterisk-chan_sip, line (because it begins with")
    assert "user 100, password ••••••••, to sip.acme.example port 5060 udp" in " ".join(out.split())


def test_a_bad_one_exits_1_and_is_underlined(run):
    code, out, _ = run("explain", BAD)
    assert code == 1
    lines = out.splitlines()
    at = next(i for i, line in enumerate(lines) if "SR104" in line)
    assert lines[at - 1][lines[at].index("^")] == ";"
    assert "hun" not in out
    assert "write   register => 100:•••\\;•••••@sip.acme.example/100" in out


def test_secrets_are_shown_when_asked_for(run):
    _, out, _ = run("explain", "--show-secrets", BAD)
    assert "write   register => 100:hun\\;ter22@sip.acme.example/100" in out
    assert "•" not in out
    _, out, _ = run("explain", "--show-secrets", "--json", BAD)
    found = json.loads(out)
    assert found["meant"][0]["secret"] == "hun;ter22"
    assert found["findings"][0]["fix"] == "register => 100:hun\\;ter22@sip.acme.example/100"
    assert "•" not in out
    _, out, _ = run("explain", BAD)
    assert "ter22" not in out, "the next call hides them again"


def test_json_has_the_form_that_is_promised(run):
    code, out, _ = run("explain", "--json", BAD)
    found = json.loads(out)
    assert code == 1
    assert {"dialect", "form", "ok", "registrations", "findings"} <= found.keys()
    assert set(found["findings"][0]) == {"code", "severity", "message", "line", "column", "length", "fix", "log"}
    assert "ter22" not in out
    assert not any("secret" in each for each in found["meant"])


@pytest.mark.parametrize("name", registry.names())
def test_every_dialect_can_be_named_and_every_form_of_it(run, name):
    for form in registry.named(name).FORMS:
        code, out, err = run("explain", "--json", "--dialect", name, "--form", form, "100:hunter22@sip.acme.example")
        assert code in (0, 1), err
        found = json.loads(out)
        assert (found["dialect"], found["form"]) == (name, form)


def test_a_file_a_pipe_and_a_text(run, tmp_path):
    path = tmp_path / "sip.conf"
    path.write_text(f"[general]\n{GOOD}\n")
    assert json.loads(run("explain", "--json", path)[1])["dialect"] == "asterisk-sip.conf"
    _, piped, _ = run("explain", "--json", "-", stdin=path.read_bytes())
    assert json.loads(piped)["registrations"][0]["user"] == "100"


def test_octets_that_are_no_utf_8_are_read_and_shown(run, tmp_path):
    path = tmp_path / "sip.conf"
    path.write_bytes(b"[general]\nregister => 100:h\xe4nter22@sip.acme.ex\xe4mple\n")
    code, out, _ = run("explain", path)
    assert code == 1
    assert "\ufffd" in out


def test_utf_16_as_windows_writes_it(run, tmp_path):
    path = tmp_path / "MicroSIP.ini"
    path.write_bytes(
        "[Account1]\r\nserver=sip.acme.example\r\ndomain=sip.acme.example\r\nusername=100\r\n".encode("utf-16")
    )
    found = json.loads(run("explain", "--json", path)[1])
    assert found["dialect"] == "microsip-ini"
    assert found["registrations"][0]["user"] == "100"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nosuch.conf"], "nosuch.conf: no such file"),
        (["/etc/asterisk/nosuch.conf"], "/etc/asterisk/nosuch.conf: no such file"),
        (["./nosuch"], "./nosuch: no such file"),
        ([""], "there is nothing to read in an empty text"),
        (["--dialect", "astrisk", GOOD], "unknown dialect 'astrisk'; did you mean 'asterisk"),
        (["--dialect", "asterisk", "--form", "row", GOOD], "asterisk-chan_sip has no form 'row'; it has value, line"),
        (["--from", "asterisk", GOOD], "--from: no such option; did you mean --form?"),
        ([], "the following arguments are required: TEXT|FILE|-"),
        (GOOD.split(), "more words than expected; quote a text that has blanks in it"),
    ],
)
def test_what_cannot_be_read_exits_2_with_one_line(run, words, says):
    code, out, err = run("explain", *words)
    assert (code, out) == (2, "")
    assert err.startswith("mockregistrar explain: ")
    assert says in err
    assert err.count("\n") == 1


def test_a_directory_and_a_binary_are_no_text(run, tmp_path):
    assert "Is a directory" in run("explain", tmp_path)[2]
    (tmp_path / "x.conf").write_bytes(b"\x7fELF\0\0")
    assert "is no text" in run("explain", tmp_path / "x.conf")[2]


@pytest.mark.parametrize("text", ["//100:p@h.example", "tcp://100:p@h.example/100", "100:p/w@h.example", "a.conf:p@h"])
def test_a_text_that_looks_a_little_like_a_path_is_a_text(run, text):
    assert run("explain", text)[0] in (0, 1)


def test_the_short_name_of_a_house_leaves_it_to_the_text(run):
    pjsip = "[a]\ntype=wizard\nremote_hosts=h.example\n"
    for name, text, dialect in (
        ("asterisk", "100:p@h.example", "asterisk-chan_sip"),
        ("asterisk", "[general]\nregister => 100:p@h.example\n", "asterisk-sip.conf"),
        ("pjsip", pjsip, "asterisk-pjsip_wizard.conf"),
        ("freepbx", "100:p@h.example", "freepbx-chan_sip-form"),
        ("freepbx", '{"sip_server": "h.example", "username": "1", "secret": "p"}', "freepbx-pjsip-form"),
    ):
        assert json.loads(run("explain", "--json", "--dialect", name, text)[1])["dialect"] == dialect


# -- convert -----------------------------------------------------------------------------------------------------------


def test_from_chan_sip_to_freeswitch(run):
    code, out, err = run("convert", "--to", "freeswitch", GOOD)
    assert (code, err) == (0, "")
    assert '<param name="password" value="hunter22"/>' in out


@pytest.mark.parametrize(
    ("to", "text", "character"),
    [
        ("vicidial", "register => 100:hun\\;ter@h.example", ";"),
        ("freeswitch", 'register => 100:"hun:ter"@h.example', ":"),
        ("iax2", "register => 100:a@b@h.example", "@"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_character_named(run, to, text, character):
    code, out, err = run("convert", "--to", to, text)
    assert (code, out) == (1, "")
    assert f"`{character}`" in err or f"'{character}'" in err
    found = json.loads(run("convert", "--json", "--to", to, text)[1])
    assert found["character"] == character
    assert "ter" not in found["error"]


def test_between_sip_and_iax2_the_port_is_not_carried_over(run):
    code, out, err = run("convert", "--to", "iax2", "register => 100:hunter22@h.example:5080")
    assert (code, out) == (0, "100:hunter22@h.example\n")
    assert "IAX2 and SIP are two protocols" in err
    code, out, err = run("convert", "--to", "asterisk", "register => 100:hunter22@h.example:4569")
    assert (code, out) == (0, "register => 100:hunter22@h.example\n")
    assert "IAX2 and SIP are two protocols" in err


def test_what_was_meant_is_converted_and_that_is_said(run):
    code, out, err = run("convert", "--to", "env", BAD)
    assert code == 0
    assert "hun;ter22" in out
    assert "converted what was probably meant" in err
    assert "SR104" in err


def test_what_would_be_lost_is_refused(run):
    text = (
        "[t]\ntype=registration\nserver_uri=sip:h.example\nclient_uri=sip:100@h.example\noutbound_auth=t\n"
        "outbound_proxy=sip:p.example\\;lr\n[t]\ntype=auth\nusername=100\npassword=hunter22\n"
    )
    code, out, err = run("convert", "--to", "asterisk", text)
    assert (code, out) == (1, "")
    assert "outbound proxy" in err


def test_several_registrations_and_one_of_them(run):
    text = f"{GOOD}\nregister => 200:other333@sip.beta.example/200\n"
    code, out, _ = run("convert", "--to", "pjsip", text)
    assert code == 0
    assert out.count("type = registration") == 2
    code, out, err = run("convert", "--to", "vicidial", text)
    assert code == 1
    assert "--select picks one" in err
    for word in ("2", "200", "200@sip.beta.example"):
        assert run("convert", "--to", "vicidial", "--select", word, text)[1] == (
            "register => 200:other333@sip.beta.example/200\n"
        )
    code, _, err = run("convert", "--to", "vicidial", "--select", "300", text)
    assert code == 2
    assert "no registration is called '300'; there are 1 (100@sip.acme.example), 2 (200@sip.beta.example)" in err


def test_a_whole_carrier_of_vicidial_reads_back(run):
    code, out, _ = run("convert", "--to", "vicidial", "--whole", GOOD)
    assert code == 0
    _, out, _ = run("explain", "--json", "-", stdin=out.encode())
    found = json.loads(out)
    assert (found["dialect"], found["form"]) == ("vicidial-carrier", "form")
    assert [f["code"] for f in found["findings"]] == []
    assert found["dial_peer"] == "sip-acme-example"


@pytest.mark.parametrize("target", [name for name in registry.names() if registry.renders(name)])
def test_what_every_target_is_given_it_reads_back(run, target):
    text = "register => 100:hunter22@sip.acme.example/100~300"
    source = ("--from", "iax2") if target == "asterisk-iax2" else ()
    code, out, err = run(
        "convert", "--to", target, *source, text if not source else "register => 100:hunter22@h.example"
    )
    if code == 1:
        assert err.startswith(f"mockregistrar convert: {target}: ")
        return
    _, back, _ = run("explain", "--json", "--show-secrets", "--dialect", target, "-", stdin=out.encode())
    (found,) = json.loads(back)["registrations"]
    assert (found["user"], found["secret"]) == ("100", "hunter22")


# -- dialects ----------------------------------------------------------------------------------------------------------


def test_the_list_of_dialects(run):
    code, out, _ = run("dialects")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == list(registry.names())
    found = json.loads(run("dialects", "--json")[1])
    assert found["asterisk-chan_sip"] == {
        "forms": ["value", "line"],
        "written": True,
        "aliases": ["asterisk", "chan_sip", "sip"],
    }


def test_what_a_code_means(run):
    code, out, _ = run("codes", "sr104")
    assert code == 0
    assert out.startswith("SR104  error  `;` cuts the line\n\n  A `;` starts a comment")
    assert len(run("codes")[1].splitlines()) == len(CODES) == len(json.loads(run("codes", "--json")[1]))
    code, _, err = run("codes", "SR1O4")
    assert code == 2
    assert "there is no code SR1O4; did you mean SR104?" in err


def test_what_a_verdict_means(run):
    code, out, _ = run("codes", "wrong-password/cut-at-character")
    assert code == 0
    assert out.startswith("wrong-password/cut-at-character  it is cut\n\n  The character has a meaning")
    assert len(run("codes", "--verdicts")[1].splitlines()) == len(VERDICTS)
    assert json.loads(run("codes", "--json", "nonce-stale")[1])["nonce-stale"]["title"] == VERDICTS["nonce-stale"].title
    code, _, err = run("codes", "wrong-pasword")
    assert code == 2
    assert "there is no verdict wrong-pasword; did you mean wrong-password?" in err
    assert run("codes", "SR104", "wrong-password")[0] == 2


def test_every_verdict_is_told():
    for slug, kind in VERDICTS.items():
        assert kind.slug == slug
        assert kind.title
        assert kind.cause.endswith(".")
        assert kind.fix.endswith(".")


def test_reading_imports_no_network():
    script = (
        "import sys; from mockregistrar.cli import main; main(['explain', '--json', '100:p@h.example']); "
        "print([m for m in ('twisted', 'socket', 'ssl', 'asyncio', 'faker') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stderr.strip() == "[]"

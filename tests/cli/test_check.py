"""`check`: at a mock carrier, by a plan, and at a registrar that is there already."""

from __future__ import annotations

import json

import pytest

from mockregistrar.cli.parser import parse

GOOD = "register => 100:hunter22@sip.acme.example/100"
PLAN = """\
[carrier.acme]
domain = "sip.acme.example"
accounts = [{ user = "100", secret_env = "ACME_SECRET" }]

[[trunk]]
name = "main"
string = "register => 100:hunter22@sip.acme.example/100"
expect = "EXPECT"
"""


# -- at a mock carrier -------------------------------------------------------------------------------------------------


def test_a_string_that_comes_up(run):
    code, out, err = run("check", GOOD)
    assert (code, err) == (0, "")
    assert out.startswith(
        "up       register[100@sip.acme.example]  The trunk comes up. REGISTER to sip.acme.example port 5060"
    )
    assert "Passwords were taken from the text" in out
    assert "hunter22" not in out


def test_one_that_does_not_and_its_finding(run):
    code, out, _ = run("check", "register => 100:hun;ter22@sip.acme.example")
    assert code == 1
    assert out.startswith("down     register[100@sip.acme.example]  ")
    assert "SR104" in out
    assert "hun" not in out


def test_against_what_the_carrier_has(run, tmp_path):
    (tmp_path / "c.csv").write_text("user,secret\n100,hunter23\n")
    code, out, _ = run("check", "--accounts", "c.csv", GOOD)
    assert code == 1
    assert "one character differs: position 8 is `2`, the carrier has `3`" in out
    assert "ladder" in out
    assert "Failed to authenticate on REGISTER" in out
    assert "hunter" not in out
    code, out, _ = run("check", "--json", "--accounts", "c.csv", GOOD)
    (told,) = json.loads(out)["trunks"]
    assert (told["ok"], told["state"], told["login"]["because"]) == (False, "refused", "wrong-password")


def test_a_whole_config_and_one_of_it(run, tmp_path):
    (tmp_path / "sip.conf").write_text(f"[general]\n{GOOD}\nregister => 200:other333@sip.beta.example:5O60\n")
    code, out, _ = run("check", "--json", "sip.conf")
    found = json.loads(out)
    assert code == 1
    assert [(one["name"], one["state"]) for one in found["trunks"]] == [
        ("register[100@sip.acme.example]", "registered"),
        ("register[200@sip.beta.example]", "no-answer"),
    ]
    assert run("check", "--select", "1", "sip.conf")[0] == 0
    code, _, err = run("check", "--select", "300", "sip.conf")
    assert code == 2
    assert "--select: no registration is called '300'; there are 1 (register[100@sip.acme.example])" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--really", GOOD], "--really: is for --against HOST[:PORT]"),
        (["--bind", GOOD], "--bind: is for --against HOST[:PORT]"),
        (["--accounts", "no.csv", GOOD], "--accounts: no.csv: No such file or directory"),
        (["--dialect", "astrisk", GOOD], "unknown dialect 'astrisk'"),
        (["nosuch.conf"], "nosuch.conf: no such file"),
        (["--timeout", "0", GOOD], "--timeout: '0' is not a number of seconds above 0"),
        (["--against", "a b", GOOD], "--against: 'a b' is not HOST or HOST:PORT"),
        (["--against", "127.0.0.1:0", GOOD], "--against: '127.0.0.1:0' is not HOST or HOST:PORT"),
    ],
)
def test_what_means_nothing_is_one_line(run, words, says):
    code, out, err = run("check", *words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


# -- a plan ------------------------------------------------------------------------------------------------------------


def test_a_plan_that_holds_and_one_that_does_not(run, tmp_path):
    (tmp_path / "sipreg.toml").write_text(PLAN.replace("EXPECT", "registered"))
    code, out, _ = run("check", "sipreg.toml", env={"ACME_SECRET": "hunter22"})
    assert code == 0
    assert out.startswith("registered  main  The trunk comes up.")
    code, out, _ = run("check", "sipreg.toml", env={"ACME_SECRET": "hunter23"})
    assert code == 1
    assert out.startswith("refused     main  ")
    assert "hunter" not in out
    (tmp_path / "sipreg.toml").write_text(PLAN.replace("EXPECT", "wrong-password"))
    code, out, _ = run("check", "--json", "sipreg.toml", env={"ACME_SECRET": "hunter23"})
    (told,) = json.loads(out)["trunks"]
    assert code == 0
    assert (told["expect"], told["state"], told["ok"]) == ("wrong-password", "refused", True)


def test_a_mistake_in_a_plan_is_told_with_its_line(run, tmp_path):
    (tmp_path / "sipreg.toml").write_text(PLAN)
    code, _, err = run("check", "sipreg.toml", env={"ACME_SECRET": "x"})
    assert code == 2
    assert "sipreg.toml:8: expect: no such outcome as 'EXPECT'" in err
    code, _, err = run("check", "sipreg.toml")
    assert "sipreg.toml:" in err
    (tmp_path / "sipreg.toml").write_text("[carrier.acme]\n")
    assert "has no [[trunk]]" in run("check", "sipreg.toml")[2]
    assert "--accounts: a plan says that itself" in run("check", "--accounts", "x.csv", "sipreg.toml")[2]


def test_the_schema_is_printed(run):
    code, out, _ = run("check", "--schema")
    assert code == 0
    assert json.loads(out)["title"] == "sipreg.toml"


# -- at a registrar that is there already ------------------------------------------------------------------------------


@pytest.fixture
def registrar(serve):
    started = serve(
        *("--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0", "--listen", "tls:127.0.0.1:0"),
        *("--account", "100:hunter22", "--json", "--tls-ca", "ca.pem"),
    )
    started.ready = started.event()
    return started


def place(registrar, transport):
    return next(f"{p['host']}:{p['port']}" for p in registrar.ready["listening"] if p["transport"] == transport)


def seen(registrar):
    """Everything that the registrar has told, once it was ended."""
    _, out, _ = registrar.end()
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_the_credentials_alone_move_no_binding(run, registrar, client, transport):
    address = place(registrar, "udp")
    host, port = address.split(":")
    assert client({"host": host, "port": int(port)}).register("100", "hunter22", expires=600) == 200
    scheme = "" if transport == "udp" else f"{transport}://"
    ca = ("--tls-ca", "ca.pem") if transport == "tls" else ()
    code, out, err = run(
        "check", "--against", place(registrar, transport), *ca, f"register => {scheme}100:hunter22@sip.acme.example/1"
    )
    assert (code, err) == (0, ""), out
    assert f"will send to {place(registrar, transport)} {transport}: REGISTER for 100@sip.acme.example" in out
    assert "200 OK: the registrar takes the credentials (realm '127.0.0.1', MD5)" in out
    assert "sip:100@127.0.0.1:" in out
    assert " s left" in out
    assert "hunter22" not in out
    kinds = [record["kind"] for record in seen(registrar)]
    assert kinds.count("registered") == 1
    assert not {"unregistered", "refreshed", "refused"} & set(kinds)


def test_a_wrong_password_is_tried_once(run, registrar):
    code, out, _ = run("check", "--against", place(registrar, "udp"), "--bind", "register => 100:wrong55@h.example")
    assert code == 1
    assert "401 Unauthorized: it does not take the password, or does not know `100` in realm '127.0.0.1'" in out
    assert "ladder" in out
    assert "wrong55" not in out
    refusals = [record for record in seen(registrar) if record["kind"] == "refused"]
    assert [record["because"] for record in refusals] == ["wrong-password"]


def test_bind_leaves_other_contacts_alone(run, registrar, client):
    host, port = place(registrar, "udp").split(":")
    assert client({"host": host, "port": int(port)}).register("100", "hunter22", expires=600) == 200
    code, out, _ = run("check", "--json", "--against", f"{host}:{port}", "--bind", GOOD)
    (told,) = json.loads(out)["trunks"]
    assert code == 0
    assert told["bound"] is True
    assert len(told["contacts"]) == 1
    events = [(record["kind"], record.get("contact")) for record in seen(registrar)]
    ours = [contact for kind, contact in events if kind == "unregistered"]
    assert len(ours) == 1
    assert ours[0] not in [told["contacts"][0]["uri"]]
    assert [kind for kind, _ in events if kind in ("registered", "unregistered", "lapsed")] == [
        "registered",
        "registered",
        "unregistered",
    ]


def test_a_registrar_that_is_not_trusted_is_said(run, registrar):
    code, out, _ = run("check", "--against", place(registrar, "tls"), "register => tls://100:hunter22@h.example")
    assert code == 1
    assert "certificate verify failed" in out
    code, _, err = run(
        "check", "--against", place(registrar, "tls"), "--tls-ca", "no.pem", "register => tls://100:hunter22@h.example"
    )
    assert (code, err) == (2, "mockregistrar check: --tls-ca: no.pem: No such file or directory\n")


def test_nobody_answers(run, registrar):
    registrar.end()
    code, out, _ = run("check", "--against", place(registrar, "udp"), "--timeout", "0.3", GOOD)
    assert code == 1
    assert (
        "no answer  register[100@sip.acme.example]  no answer within 0.3 s: nothing is known of the credentials" in out
    )
    code, out, _ = run("check", "--against", place(registrar, "tcp"), "register => tcp://100:hunter22@h.example")
    assert "cannot connect to" in out


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]", "192.0.2.1:5070"])
def test_beyond_loopback_only_when_really_meant(run, host):
    code, out, err = run("check", "--against", host, GOOD)
    assert (code, out) == (2, "")
    assert "is not this machine" in err
    assert "add --really if it may" in err


def test_what_its_system_does_not_send_is_not_sent(run):
    code, _, err = run("check", "--against", "127.0.0.1:5060", "register => 100:p/w@h.example")
    assert code == 2
    assert "there is nothing to log in with" in err
    code, _, err = run("check", "--against", "127.0.0.1", "register => 100:hunter22@iax.h.example:4569")
    assert "IAX2" in err


def test_really_is_a_word_of_its_own():
    assert parse(["check", "--really", "x"]).really

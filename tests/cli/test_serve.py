"""``mockregistrar serve`` as a process: what scripts rely on."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys

import pytest
from conftest import PATIENCE, environment

from mockregistrar.cli import serve as serve_module
from mockregistrar.cli import terminal

UDP = ("--listen", "udp:127.0.0.1:0")


def ready(running):
    event = running.event()
    assert event["event"] == "ready"
    return event, event["listening"][0]


def test_it_registers_refuses_and_ends_at_sigterm(serve, client, tmp_path):
    running = serve(*UDP, "--account", "100:s3cret", "--json", "--ready-file", "ready.json")
    event, place = ready(running)
    told = json.loads((tmp_path / "ready.json").read_text())
    assert told["pid"] == running.process.pid
    assert told["listening"] == [{"transport": "udp", "host": "127.0.0.1", "port": place["port"]}]
    assert (told["realm"], told["ca"]) == ("127.0.0.1", None)
    phone = client(place)
    assert phone.register("100", "s3cret") == 200
    assert phone.register("100", "s3cret") == 200
    assert phone.register("100", "wrong") == 401
    assert phone.register("101", "s3cret") == 401
    assert phone.register("100", "s3cret", expires=0) == 200
    events = [running.event() for _ in range(7)]
    verdicts = [e for e in events if e["kind"] == "verdict"]
    kinds = [e for e in events if e["kind"] != "verdict"]
    assert [k["kind"] for k in kinds] == ["registered", "refreshed", "refused", "refused", "unregistered"]
    assert [v["about"] for v in verdicts] == [k["seq"] for k in kinds[2:4]]
    assert verdicts[1]["sentence"] == (
        "no account `101`; did you mean `100`: one character differs: position 3 is `1`, the account has `0`"
    )
    assert [k.get("because") for k in kinds[2:4]] == ["wrong-password", "unknown-user"]
    assert kinds[0]["user_agent"] == "Small client"
    code, out, err = running.end()
    assert (code, err) == (0, "")
    assert json.loads(out) == {"event": "stopped", "kind": "stopped", "files": []}
    assert not (tmp_path / "ready.json").exists()
    assert "s3cret" not in json.dumps([event, told, kinds])


def test_people_read_what_to_paste_and_what_happens(serve, client):
    running = serve(*UDP)
    opening = "".join(running.lines_until("register =>"))
    host, port = opening.split(" on ")[1].split()[0].split(":")
    assert opening.startswith(f"mock carrier on 127.0.0.1:{port} udp     Ctrl-C ends it\n")
    secret = opening.split("register => trunk1:")[1].split("@")[0]
    phone = client({"host": host, "port": int(port)})
    assert phone.register("trunk1", secret) == 200
    assert phone.register("trunkl", secret) == 401
    registered = running.lines_until("registered")[-1].split()
    assert registered[1:4] == ["trunk1", "registered", f"127.0.0.1:{phone.socket.getsockname()[1]}"]
    assert registered[-4:] == ["Small", "client", "120", "s"]
    assert "trunkl  refused       unknown user; did you mean trunk1?" in running.line()
    why = running.line()
    assert "trunkl  why           no account `trunkl`; did you mean `trunk1`: one character differs: position 6 " in why
    assert "The password is right." not in why
    code, out, err = running.end(signal.SIGINT)
    assert (code, out, err) == (0, "", "")


def test_people_read_what_a_contact_and_a_protocol_come_to(serve, client):
    running = serve(*UDP, "--account", "trunk1:kD7mWq2x", "--account", "trunk2:kD7mWq2x")
    opening = "".join(running.lines_until("trunk2"))
    host, port = opening.split(" on ")[1].split()[0].split(":")
    phone = client({"host": host, "port": int(port)})
    for _ in range(2):
        assert phone.register("trunk1", "kD7mWq2x", at="0.0.0.0:5060") == 200
    assert phone.register("trunk2", "kD7mWq2x") == 200
    for octet in (b"\1", b"\2"):
        phone.send(b"\x80\x00" + octet * 170)
    assert phone.register("trunk3", "kD7mWq2x") == 401
    lines = [line for line in running.lines_until("trunk3") if line[2:3] == ":"]
    assert [line[10:].split()[:2] for line in lines if "trunk" in line[10:16]] == [
        ["trunk1", "registered"],
        ["trunk1", "why"],
        ["trunk1", "refreshed"],
        ["trunk2", "registered"],
        ["trunk3", "refused"],
    ]
    first, second = (line for line in lines if " why " in line)
    assert "the Contact says `0.0.0.0`, which is no address that a call can be sent to. Set the address" in first
    assert f"RTP came to udp 127.0.0.1:{port}, where plain SIP is spoken. Set the client's ports for media" in second


def test_programs_read_a_verdict_about_a_registration(serve, client):
    running = serve("--json", *UDP, "--account", "trunk1:kD7mWq2x")
    _, place = ready(running)
    assert client(place).register("trunk1", "kD7mWq2x", at="0.0.0.0:5060") == 200
    registered, verdict = running.event(), running.event()
    assert (registered["kind"], verdict["kind"]) == ("registered", "verdict")
    assert verdict["about"] == verdict["seq"] == registered["seq"]
    assert (verdict["because"], verdict["how"]) == ("contact-unreachable", "unspecified-address")


def test_sigint_and_sighup_end_it_cleanly_too(serve, tmp_path):
    for number in (signal.SIGINT, signal.SIGHUP):
        running = serve(*UDP, "--json", "--ready-file", "ready.json")
        ready(running)
        code, out, err = running.end(number)
        assert (code, json.loads(out)["event"], err) == (0, "stopped", "")
        assert not (tmp_path / "ready.json").exists()


def test_every_transport_and_port_zero(serve, client):
    running = serve(*UDP, "--listen", "tcp:127.0.0.1:0", "--listen", "udp:[::1]:0", "--account", "1:x", "--json")
    event, _ = ready(running)
    places = {(p["transport"], p["host"]): p for p in event["listening"]}
    assert places["udp", "127.0.0.1"]["port"] == places["tcp", "127.0.0.1"]["port"] != 0
    socket.create_connection(("127.0.0.1", places["tcp", "127.0.0.1"]["port"]), PATIENCE).close()
    if ("udp", "::1") in places:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as spare:
            spare.connect(("::1", places["udp", "::1"]["port"]))


def test_tls_with_the_certificate_that_clients_are_to_trust(serve, tmp_path):
    running = serve("--listen", "tls:127.0.0.1:0", "--tls-ca", "ca.pem", "--json", "--ready-file", "ready.json")
    event, place = ready(running)
    assert event["ca"] == json.loads((tmp_path / "ready.json").read_text())["ca"] == str(tmp_path / "ca.pem")
    context = ssl.create_default_context(cafile=event["ca"])
    with (
        socket.create_connection((place["host"], place["port"]), PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.sendall(b"\r\n\r\n")
        assert secure.recv(10) == b"\r\n"
    assert running.end()[0] == 0


def test_a_taken_port_is_one_line_and_nothing_is_half_started(run, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        code, out, err = run(
            "serve", "--listen", f"udp:127.0.0.1:{port}", "--ready-file", "r.json", "--trace", "t", "--json"
        )
    assert (code, out) == (2, "")
    assert err.startswith(f"mockregistrar serve: --listen: udp:127.0.0.1:{port} is taken by another process; ")
    assert "udp:127.0.0.1:0" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "r.json").exists()


def test_a_taken_port_of_a_config_file_is_named_by_its_line(run, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        (tmp_path / "sipreg.toml").write_text(f"[carrier.acme]\n\nlisten = 'udp:127.0.0.1:{port}'\n")
        code, _, err = run("serve", "--config", "sipreg.toml")
    assert code == 2
    assert err.startswith(f"mockregistrar serve: sipreg.toml:3: udp:127.0.0.1:{port} is taken")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--allow", "10.0.0.300"], "--allow: '10.0.0.300' is not an address or CIDR network"),
        (["--ready-file", "no/such/dir/r.json"], "--ready-file: there is no directory "),
        (["--ready-file", "."], "--ready-file: "),
        (["--trace", "/dev/null/t"], "--trace: /dev/null/t: Not a directory"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_code_2(run, words, message):
    code, out, err = run("serve", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"mockregistrar serve: {message}")


def test_without_a_command_it_helps(run):
    code, out, err = run()
    assert (code, err) == (0, "")
    assert "serve" in out


def test_the_trace_is_written_at_the_end(serve, client, tmp_path):
    running = serve(*UDP, "--account", "100:hunter2hunter2", "--trace", "seen", "--json")
    _, place = ready(running)
    phone = client(place)
    assert phone.register("100", "hunter2hunter2") == 200
    phone.exchange("hunter2hunter2")
    code, out, err = running.end()
    assert code == 0
    assert "masked in the pcap" in err
    files = json.loads(out.splitlines()[-1])["files"]
    assert [os.path.splitext(name)[1] for name in files] == [".jsonl", ".pcap", ".txt"]
    assert all(name.startswith(str(tmp_path / "seen" / "carrier-")) for name in files)
    lines, capture, ladder = ((tmp_path / name).read_bytes() for name in files)
    kinds = [json.loads(line)["kind"] for line in lines.splitlines()]
    assert kinds.count("message") == 6
    assert "registered" in kinds
    assert capture[:4] == bytes.fromhex("a1b2c3d4")
    assert b"REGISTER" in ladder
    assert b"200 OK" in ladder
    assert not any(b"hunter2" in data for data in (lines, capture, ladder))


def test_the_trace_of_a_second_run_does_not_replace_that_of_the_first(serve, tmp_path):
    both = [serve(*UDP, "--trace", "seen", "--json", "--show-secrets") for _ in range(2)]
    for running in both:
        ready(running)
    written = [name for running in both for name in json.loads(running.end()[1].splitlines()[-1])["files"]]
    assert len(set(written)) == 6
    assert {path.name for path in (tmp_path / "seen").iterdir()} == {os.path.basename(name) for name in written}


def test_a_ready_file_left_behind_is_not_taken_for_this_run(run, tmp_path):
    (tmp_path / "r.json").write_text('{"pid": 1}')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        assert run("serve", "--listen", f"udp:127.0.0.1:{holder.getsockname()[1]}", "--ready-file", "r.json")[0] == 2
    assert not (tmp_path / "r.json").exists()


def test_the_ready_file_of_another_process_is_left_alone(serve, tmp_path):
    running = serve(*UDP, "--ready-file", "r.json", "--json")
    ready(running)
    (tmp_path / "r.json").write_text('{"pid": 1}')
    assert running.end()[0] == 0
    assert (tmp_path / "r.json").read_text() == '{"pid": 1}'


def test_an_output_that_closes_ends_it_quietly(serve, client, tmp_path):
    running = serve(*UDP, "--account", "1:x", "--json", "--ready-file", "r.json")
    _, place = ready(running)
    running.process.stdout.close()
    client(place).register("1", "x")
    assert running.process.wait(PATIENCE) == 0
    assert running.process.stderr.read() == ""
    assert not (tmp_path / "r.json").exists()


def test_an_output_that_nobody_reads_does_not_hold_up_the_carrier(serve, client):
    running = serve(*UDP, "--account", "1:x", "--json")
    _, place = ready(running)
    phone = client(place)
    agent = "x" * 8000
    for _ in range(30):  # far more than a pipe holds
        assert phone.register("1", "x", agent=agent) == 200
    code, out, _ = running.end()
    assert code == 0
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["kind"] for line in lines] == ["registered", *["refreshed"] * 29, "stopped"]


PROBE = """
import os, signal, sys
from mockregistrar.cli import output

before = output.Output.text
def text(self, words):
    before(self, words)
    found = [name for name in {names!r} if name in sys.modules]
    sys.stderr.write(repr(found))
    os.kill(os.getpid(), signal.SIGTERM)
output.Output.text = text

from mockregistrar.cli import main
sys.exit(main({words!r}))
"""


def imported(run_python, words, names):
    code, _, err = run_python(PROBE.format(words=words, names=names))
    return code, err


@pytest.fixture
def run_python(tmp_path):
    def runner(text):
        done = subprocess.run(
            [sys.executable, "-c", text],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            timeout=PATIENCE,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return runner


def test_the_global_reactor_and_what_is_not_needed_are_never_imported(run_python):
    names = ["twisted.internet.reactor", "faker", "trustme", "OpenSSL", "pytest", "mockregistrar.carrier.config_file"]
    assert imported(run_python, ["serve", *UDP], names) == (0, "[]")


def test_tls_is_still_there_where_it_is_asked_for(run_python):
    words = ["serve", "--listen", "tls:127.0.0.1:0"]
    assert imported(run_python, words, ["twisted.internet.reactor", "OpenSSL"]) == (0, "['OpenSSL']")


def test_wrong_arguments_cost_no_twisted(run_python):
    text = "import sys; from mockregistrar.cli import main; code = main(['serve', '--allow', 'x']); "
    assert run_python(text + "print(code, 'twisted' in sys.modules)")[1] == "2 False\n"


def test_a_closed_standard_output_is_one_that_nobody_looks_at(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    descriptor = serve_module._standard_output()
    assert os.path.samestat(os.fstat(descriptor), os.stat(os.devnull))
    assert not terminal.coloured()
    os.close(descriptor)

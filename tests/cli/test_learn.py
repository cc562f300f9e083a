"""``mockregistrar learn``: a capture in, a table for sipreg.toml out."""

from __future__ import annotations

import json
import sys

import pytest

from mockregistrar import MockRegistrar, load_config, write_pcap
from mockregistrar.cli import main


@pytest.fixture
def run(capfdbinary):
    def call(*words):
        code = main([str(word) for word in words])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


@pytest.fixture(scope="module", params=["udp", "tcp"])
def capture(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("captures") / f"acme trunk.{request.param}.pcap"
    with MockRegistrar(persona=["kamailio", "grant-in-both"], domains="acme.example") as carrier:
        phone = carrier.user_agent("alice", transport=request.param, expiry=30)
        phone.register()
        phone.refresh()
        phone.unregister()
        with path.open("wb") as file:
            write_pcap(carrier.records(), file)
        port = carrier.port
    return path, port


def test_what_is_printed_can_be_used(run, capture):
    path, port = capture
    code, out, err = run("learn", path, "--name", "acme")
    assert (code, err) == (0, "")
    assert out.startswith(f"# Learned from 4 REGISTERs to 127.0.0.1:{port} in {path.name}.\n")
    assert "# Could not be learned, and so as the default: " in out
    settings = load_config(out + '[carrier.lab]\npersona = "acme"\n')
    assert (settings.qop, settings.algorithm_form, settings.grant_in) == (("none",), "omitted", "both")
    assert (settings.short_expires, settings.min_expires, settings.date) == ("raise", 60, False)
    assert settings.server == "kamailio (5.6.3 (x86_64/linux))"
    assert "alice" not in out


def test_as_json(run, capture):
    path, port = capture
    twin = json.loads(run("learn", path, "--json")[1])
    assert (twin["name"], twin["registrar"], twin["registers"]) == (
        path.stem.replace(" ", "-").replace(".", "-"),
        ["127.0.0.1", port],
        4,
    )
    assert twin["knobs"]["min_expires"] == 60
    assert twin["evidence"]["min_expires"] == "asked for 30 s"
    assert "rate_limit" in twin["unknown"]


def test_mistakes(run, capture, tmp_path):
    path, _ = capture
    text = tmp_path / "notes.pcap"
    text.write_text("hello")
    empty = tmp_path / "empty.pcap"
    with empty.open("wb") as file:
        write_pcap([], file)
    for words, message in (
        ([tmp_path / "none.pcap"], f"{tmp_path}/none.pcap: No such file or directory"),
        ([text], f"{text}: is no pcap or pcapng file: it begins with 68 65 6c 6c"),
        ([empty], f"{empty}: no REGISTER among 0 SIP messages; TLS cannot be read, capture UDP or TCP"),
        (
            [path, "--registrar", "192.0.2.1"],
            f"{path}: no REGISTER to 192.0.2.1:5060; there are some to 127.0.0.1:",
        ),
        ([path, "--registrar", "192.0.2.1:x"], "--registrar: '192.0.2.1:x' is not HOST:PORT"),
        ([path, "--name", "a b"], "--name: 'a b' is no name"),
        ([], "the following arguments are required: CAPTURE.pcap"),
    ):
        code, out, err = run("learn", *words)
        assert (code, out) == (2, "")
        assert err.startswith(f"mockregistrar learn: {message}")

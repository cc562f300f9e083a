"""``mockregistrar faults``, and ``serve --fault``."""

from __future__ import annotations

import json

import pytest

from mockregistrar.cli import main
from mockregistrar.cli.options import options_from
from mockregistrar.cli.parser import UsageError, parse
from mockregistrar.faults import ACTIONS, KEYS, FaultSpec
from mockregistrar.faults.words import GRAMMAR, WORDS


def test_the_list_has_every_action_word_and_key(capsys):
    assert main(["faults"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(GRAMMAR)
    for action in ACTIONS.values():
        assert f"  {action.name:<12}" in text
        assert f"e.g. {action.example}" in text
    assert all(f"  {word:<12}" in text for word in WORDS)
    assert all(f"  {key + '=':<12}" in text for key in KEYS)
    assert max(map(len, text.splitlines())) <= 120


def test_the_json_list_says_what_each_action_takes(capsys):
    assert main(["faults", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["actions"]) == set(ACTIONS)
    assert told["actions"]["delay"]["needs"] == ["by"]
    assert set(told["keys"]) == set(KEYS)


def test_a_fault_is_checked(capsys):
    assert main(["faults", "drop register first=2", "answer 503"]) == 0
    text = capsys.readouterr().out
    assert text.splitlines() == [
        "drop REGISTER first=2",
        "  the message is lost; looked at: what reaches the carrier",
        "answer status=503",
        "  the request is answered with this status, and nothing else is done",
    ]
    assert main(["faults", "--json", "delay 401 2s"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "faults": [{"fault": "delay 401 by=2s", "action": "delay", "status": "401", "by": 2.0}]
    }


def test_a_mistake_is_one_line_with_its_place(capsys):
    assert main(["faults", "drop REGITER"]) == 2
    said = "no word `REGITER`; did you mean `REGISTER`? (column 6 of `drop REGITER`)"
    assert capsys.readouterr().err == f"mockregistrar faults: {said}\n"
    with pytest.raises(UsageError, match=r"^mockregistrar serve: --fault: no word `REGITER`"):
        options_from(parse(["serve", "--fault", "drop REGITER"]), {})


def test_serve_takes_faults_over_those_of_the_file(tmp_path):
    file = tmp_path / "sipreg.toml"
    file.write_text('[carrier.a]\nfaults = ["drop BYE"]\n')
    assert options_from(parse(["serve", "--config", str(file)]), {}).settings.faults == ("drop BYE",)
    words = ["serve", "--config", str(file), "--fault", "drop REGISTER first=1", "--fault", "delay 401 by=1s"]
    assert options_from(parse(words), {}).settings.faults == ("drop REGISTER first=1", "delay 401 by=1s")
    assert FaultSpec.parse("delay 401 by=1s").by == 1.0


def test_serve_tells_what_a_fault_did(serve, client):
    fault = ("--fault", "answer REGISTER from 100 first=1 status=503")
    running = serve("--listen", "udp:127.0.0.1:0", "--account", "100:s3cret", *fault, "--json")
    ready = running.event()
    (place,) = ready["listening"]
    assert ready["faults"] == ["answer REGISTER from 100 first=1 status=503"]
    phone = client(place)
    assert phone.register("100", "s3cret") == 503
    assert phone.register("100", "s3cret") == 200
    kinds = [running.event() for _ in range(4)]
    assert [k["kind"] for k in kinds] == ["fault", "refused", "verdict", "registered"]
    assert (kinds[0]["effect"], kinds[0]["account"], kinds[0]["fault"]) == ("answered 503", "100", 1)
    assert kinds[1]["because"] == "fault"
    people = serve("--listen", "udp:127.0.0.1:0", "--account", "100:s3cret", *fault)
    opening = "".join(people.lines_until("fault "))
    assert opening.endswith("\nfault    answer REGISTER from 100 first=1 status=503\n")
    host, port = opening.split(" on ")[1].split()[0].split(":")
    assert client({"host": host, "port": int(port)}).register("100", "s3cret") == 503
    line = people.lines_until("answered 503")[-1]
    assert line.split(maxsplit=3)[1:] == [
        "100",
        "fault",
        "fault 1 (answer REGISTER from 100 first=1 status=503): REGISTER of 100 answered 503\n",
    ]

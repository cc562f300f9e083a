"""Answers that say what they ought not: about the source port, without a tag; and a keep-alive without an answer."""

from __future__ import annotations

import pytest
from playbook import SOURCE, Ask
from stage import Stage

from mockregistrar.engine import Send


def answers(stage: Stage, number: int) -> list:
    return [stage.ask(Ask(expires=600)) for _ in range(number)]


def test_the_port_of_rport_changes_with_each_answer_and_not_with_a_retransmission():
    stage = Stage("alice:x", persona="rport-changing")
    ports = [answer.top_via.param("rport") for answer in answers(stage, 5)]
    assert len(set(ports)) == 5
    assert str(SOURCE[1]) not in ports
    assert all(1024 <= int(port) <= 65535 for port in ports)
    data = Ask().octets(stage.desk)
    assert stage.feed(data) == stage.feed(data)
    assert stage.register().status == 200


def test_rport_is_not_filled_in():
    stage = Stage("alice:x", persona="rport-absent")
    (answer,) = answers(stage, 1)
    assert ";rport;" in f"{answer.first('via')};"
    assert stage.register().status == 200


@pytest.mark.parametrize("persona", ["no-to-tag", ["no-to-tag", "compact-headers"]])
def test_no_tag_in_to(persona):
    stage = Stage("alice:x", persona=persona)
    (answer,) = answers(stage, 1)
    assert answer.to.tag is None
    assert answer.from_.tag == "f1"
    assert stage.register().status == 200


def test_by_default_all_is_well():
    (answer,) = answers(Stage("alice:x"), 1)
    assert answer.top_via.param("rport") == str(SOURCE[1])
    assert answer.to.tag


@pytest.mark.parametrize(("settings", "answer"), [({}, [b"\r\n"]), ({"persona": "no-pong"}, [])])
def test_a_keep_alive_may_stay_without_an_answer(settings, answer):
    stage = Stage("alice:x", **settings)
    flow = stage.connect()
    assert [output.data for output in stage.feed(b"\r\n\r\n", flow) if isinstance(output, Send)] == answer
    assert stage.register(flow=flow, transport="tcp").status == 200, "the connection goes on"

"""Standard output beside a reactor: batches, a reader that stands still, a reader that goes."""

import fcntl
import os

import pytest

from mockregistrar.cli import output
from mockregistrar.cli.output import LIMIT, Output


class Reactor:
    """Holds calls and writers until the test lets them run."""

    def __init__(self):
        self.calls = []
        self.writers = []

    def callLater(self, delay, function, *arguments):
        self.calls.append((delay, function, arguments))
        return self

    def cancel(self):
        self.calls.clear()

    def run(self):
        calls, self.calls = self.calls, []
        for _, function, arguments in calls:
            function(*arguments)

    def addWriter(self, writer):
        self.writers.append(writer)

    def removeWriter(self, writer):
        if writer in self.writers:  # as Twisted's reactors have it
            self.writers.remove(writer)

    def stop(self):
        for writer in list(self.writers):
            writer.connectionLost(None)


class Stage:
    """An output into a pipe."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        self.holds = fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, 8 * 4096)
        os.set_blocking(self.reader, False)
        self.reactor = Reactor()
        self.ended = []
        self.batches = 0
        self.output = Output(
            self.writer, self.reactor, render=self.render, lost=lambda n: f"lost {n}\n", closed=self.ended.append
        )

    def render(self, records):
        self.batches += 1
        return "".join(f"{record}\n" for record in records)

    def read(self):
        try:
            return os.read(self.reader, 1 << 20).decode()
        except BlockingIOError:
            return ""

    def read_all(self):
        """Read until nothing more comes, the output going on whenever there is room."""
        text = ""
        while piece := self.read():
            text += piece
            for writer in list(self.reactor.writers):
                writer.doWrite()
        return text


@pytest.fixture
def stage():
    made = Stage()
    yield made
    os.close(made.reader)
    os.close(made.writer)


def test_records_are_written_together_in_the_reactors_next_turn(stage):
    stage.output.records([1, 2])
    stage.output.records([3])
    assert stage.read() == ""
    stage.reactor.run()
    assert (stage.read(), stage.batches) == ("1\n2\n3\n", 1)


def test_after_a_write_there_is_a_pause_and_after_a_rest_none(stage):
    stage.output.records([1])
    stage.output._flush()
    stage.reactor.calls.clear()
    stage.output.records([2])
    ((delay, _, _),) = stage.reactor.calls
    assert 0 < delay <= output.PAUSE
    stage.reactor.run()
    stage.output._last -= 1
    stage.output.records([3])
    assert stage.reactor.calls[0][0] == 0


def test_text_comes_behind_the_records_before_it(stage):
    stage.output.records([1])
    stage.output.text("text\n")
    assert stage.read() == "1\ntext\n"


def test_a_reader_that_stands_still_does_not_hold_up_and_misses_nothing_that_there_is_room_for(stage):
    expected = "".join(f"{n:0100}\n" for n in range(1000))
    stage.output.records([f"{n:0100}" for n in range(500)])
    stage.reactor.run()
    assert stage.reactor.writers == [stage.output]
    stage.output.records([f"{n:0100}" for n in range(500, 1000)])
    assert stage.reactor.calls == []
    assert stage.read_all() == expected
    assert stage.reactor.writers == []


def test_what_there_is_no_room_for_is_counted(stage):
    stage.output.records(["x" * 2 * LIMIT])
    stage.reactor.run()
    stage.output.records([1, 2, 3])
    stage.output.records([4])
    text = stage.read_all()
    assert text == "x" * 2 * LIMIT + "\nlost 4\n"
    stage.output._last = float("-inf")
    stage.output.records([5])
    stage.reactor.run()
    assert stage.read() == "5\n"


def test_a_reader_that_goes_ends_it_once_and_quietly(stage):
    os.close(stage.reader)
    stage.output.text("a\n")
    stage.output.text("b\n")
    stage.output.records([1])
    assert [type(error) for error in stage.ended] == [BrokenPipeError]
    assert not stage.reactor.calls
    stage.reader = os.dup(stage.writer)


def test_a_reader_that_goes_while_it_stood_still_ends_it(stage):
    stage.output.text("x" * 100_000)
    (writer,) = stage.reactor.writers
    assert writer.fileno() == stage.writer
    writer.connectionLost(None)
    assert stage.ended == [None]
    assert stage.reactor.writers == []
    stage.output.finish("more")
    assert stage.ended == [None]


def test_a_reactor_that_stops_loses_nothing(stage, monkeypatch):
    stage.output.text("x" * 100_000)
    stage.output.records([1])
    stage.output.leave_reactor()
    stage.reactor.stop()
    stage.output.records([2])
    assert stage.ended == []
    assert stage.reactor.calls == stage.reactor.writers == []
    assert len(stage.read()) == stage.holds
    monkeypatch.setattr(output, "LAST_WAIT", 0.01)
    stage.output.finish()
    assert len(stage.read()) == stage.holds


def test_the_end_writes_what_is_left(stage):
    stage.output.records([1])
    stage.output.finish("end\n")
    assert stage.read() == "1\nend\n"
    assert stage.reactor.calls == []


def test_the_end_gives_up_on_a_reader_that_stands_still(stage, monkeypatch):
    monkeypatch.setattr(output, "LAST_WAIT", 0.01)
    stage.output.text("x" * 100_000)
    stage.output.finish("end\n")
    assert stage.read() == "x" * stage.holds
    assert stage.ended == []


def test_a_file_takes_everything_at_once(tmp_path):
    with (tmp_path / "out").open("wb") as file:
        out = Output(file.fileno(), Reactor(), render=str, lost=str, closed=pytest.fail)
        out.text("é" * 100_000)
    assert (tmp_path / "out").read_text("utf-8") == "é" * 100_000

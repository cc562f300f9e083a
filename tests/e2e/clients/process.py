"""A client's process: its words collected as they come, waits that end by event, always ended by its own pid.

The process gets a pseudo-terminal of its own, since most of these clients hold back what they say to a pipe until a
buffer is full. A thread reads the terminal; whoever waits for words, or for the end, is woken by it.
"""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import termios
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMEOUT = 20.0
"""Seconds of every wait here: far more than any of these clients needs, since a loaded CI machine is slow."""


class ClientProcess:
    """One program under test, running from `__init__` to `stop`."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.command = [str(part) for part in command]
        master, slave = pty.openpty()
        mode = termios.tcgetattr(slave)
        mode[1] &= ~termios.OPOST  # no carriage returns in what it says
        mode[3] &= ~termios.ECHO  # and no echo of what it is told
        termios.tcsetattr(slave, termios.TCSANOW, mode)
        self._master = master
        self._text = ""
        self._changed = threading.Condition()
        self._ended = False
        self._stopped = False
        try:
            self._process = subprocess.Popen(
                self.command,
                cwd=cwd,
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(cwd), "TERM": "dumb", **(env or {})},
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
            )
        except BaseException:
            os.close(master)
            raise
        finally:
            os.close(slave)
        self._reader = threading.Thread(target=self._read, name=f"reads {Path(self.command[0]).name}", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # EIO: how Linux says that nobody has the other end of a terminal open any more
                data = b""
            with self._changed:
                self._ended = not data
                self._text += data.decode("utf-8", "replace")
                self._changed.notify_all()
            if not data:
                return

    @property
    def pid(self) -> int:
        return self._process.pid

    def said(self) -> str:
        """Everything it has said so far."""
        with self._changed:
            return self._text

    def tell(self, line: str) -> None:
        """Type a line."""
        os.write(self._master, line.encode() + b"\n")

    def wait_said(self, pattern: str, timeout: float = TIMEOUT, *, after: int = 0) -> re.Match[str]:
        """Return the first match of `pattern` in its words from character `after` on.

        Raises `AssertionError` with its words when it ends without, or after `timeout` seconds.
        """
        __tracebackhide__ = True
        wanted = re.compile(pattern)
        with self._changed:
            self._changed.wait_for(lambda: wanted.search(self._text, after) or self._ended, timeout)
            match = wanted.search(self._text, after)
            if match:
                return match
            how = "ended without saying" if self._ended else f"did not within {timeout:g} s say"
            raise AssertionError(f"{self.command[0]} {how} {pattern!r}; it said:\n{self._text}")

    def wait_ended(self, timeout: float = TIMEOUT) -> int:
        """Return its exit status; raises `AssertionError` with its words after `timeout` seconds."""
        __tracebackhide__ = True
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.command[0]} still runs after {timeout:g} s; it said:\n{self.said()}") from None
        self._reader.join(timeout)  # what it said last may still lie in the terminal
        return status

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it: by the signal `how` first, then, with whatever it started, for good."""
        if self._stopped:
            return
        self._stopped = True
        self._process.send_signal(how)
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)  # its own session: nobody else's processes are in this group
            self._process.wait()
        self._reader.join(5.0)
        os.close(self._master)

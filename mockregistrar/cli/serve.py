"""``mockregistrar serve``: one carrier in the foreground, on a reactor of its own in the main thread.

The order matters to scripts: arguments and files are checked first, then everything is bound or nothing is, then the
ready-file is written and the opening printed, then the reactor runs. SIGTERM, SIGINT and SIGHUP end it at any of these
moments the same way: sockets closed, trace written, ready-file removed, exit code 0. A second signal ends it at once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockregistrar.cli.options import ServeOptions, options_from, usage
from mockregistrar.cli.parser import UsageError
from mockregistrar.cli.terminal import coloured

if TYPE_CHECKING:
    from mockregistrar.cli.output import Output
    from mockregistrar.net.host import CarrierHost
    from mockregistrar.trace import Masker

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def serve(arguments: Namespace) -> int:
    """Run a carrier until a signal; return the exit code. Raises `UsageError` for what cannot be started."""
    stop = _Stop()
    stop.listen()
    gc.disable()  # while a few hundred modules and perhaps 100,000 accounts come in: nothing of it is garbage
    try:
        options = options_from(arguments)
        from mockregistrar.cli.files import prepare

        prepare(options)
        if stop.asked:
            return 0
        return _Server(options, stop).run()
    finally:
        stop.unlisten()


class _Stop:
    """Turns signals into a wish to stop, whether the reactor runs already or not."""

    def __init__(self) -> None:
        self.asked = False
        self.wake: Any = None
        """What is called once the wish is there, from within a signal handler."""
        self._before: dict[int, Any] = {}

    def listen(self) -> None:
        """Take the signals over, but for those that whoever started us wants ignored (nohup, a background job)."""
        for number in _SIGNALS:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._ask)

    def unlisten(self) -> None:
        """Give the signals back: from now on they end the process as they always do."""
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()

    def _ask(self, _number: int, _frame: object) -> None:
        for number in self._before:
            signal.signal(number, signal.SIG_DFL)  # a second one does not wait for anything
        self.asked = True
        if self.wake is not None:
            self.wake()


class _Server:
    """The carrier, its output, and how they end."""

    def __init__(self, options: ServeOptions, stop: _Stop) -> None:
        self._options = options
        self._stop = stop
        self._authority: Any = None
        self._failed: OSError | None = None
        self._output: Output | None = None
        self._reactor: Any = None

    def run(self) -> int:
        from mockregistrar.cli.files import remove_ready
        from mockregistrar.trace import Masker

        options = self._options
        with _lean_twisted(tls=any(place.transport == "tls" for place in options.settings.listen)):
            from mockregistrar.net.host import CarrierHost
            from mockregistrar.net.reactor import new_reactor

            self._reactor = reactor = new_reactor()
        host = CarrierHost(options.settings, reactor, self._get_authority)
        self._start(host)
        masker = Masker(options.given_secrets)
        try:
            self._open(host, masker)
            gc.freeze()
            gc.enable()
            self._stop.wake = lambda: reactor.callFromThread(self._end, host)
            if not self._stop.asked:
                reactor.run(installSignalHandlers=False)
        finally:
            if options.ready_file is not None:
                remove_ready(options.ready_file)
        return self._close(host, masker)

    def _get_authority(self) -> Any:
        if self._authority is None:
            from mockregistrar.net.tls import TestAuthority

            self._authority = TestAuthority()
        return self._authority

    def _start(self, host: CarrierHost) -> None:
        """Bind everything, or nothing. Raises `UsageError` with what to type instead."""
        from mockregistrar.carrier.checking import SettingsError

        options = self._options
        try:
            host.start()
        except SettingsError as error:
            hint = ""
            if options.default_listen:
                hint = "; type e.g. mockregistrar serve --listen udp:127.0.0.1:0 --listen tcp:127.0.0.1:0"
            raise usage(f"{options.listen_named}: {error.message}{hint}") from None

    def _open(self, host: CarrierHost, masker: Masker) -> None:
        """Write the certificate and the ready-file, say what listens, and print events from now on."""
        from mockregistrar.cli import files
        from mockregistrar.cli.opening import opening_of
        from mockregistrar.cli.output import Output
        from mockregistrar.cli.unrefused import WithUnrefused

        options = self._options
        if options.tls_ca is not None:
            files.write_whole("--tls-ca", options.tls_ca, self._get_authority().ca_pem)
        opening = opening_of(
            options.settings,
            host.listening,
            host.engine.carrier.realm,
            ca=options.tls_ca,
            show_secrets=options.show_secrets,
            machine=options.json,
        )
        if options.ready_file is not None:
            files.write_ready(options.ready_file, opening.to_json())
        lines: Any
        if options.json:
            from mockregistrar.cli.programs import ProgramLines

            lines = ProgramLines(masker)
        else:
            from mockregistrar.cli.people import PeopleLines

            lines = PeopleLines(
                masker,
                lambda: (account.name for account in host.engine.carrier.accounts),
                colour=coloured(),
                clock=time.monotonic,
            )
        self._lines = lines
        self._output = output = Output(
            _standard_output(), self._reactor, render=lines.lines, lost=lines.lost, closed=lambda e: self._cut(host, e)
        )
        host.subscribe(WithUnrefused(host.engine.trace, host.listening, output.records).records)
        output.text(lines.opening(opening))

    def _cut(self, host: CarrierHost, error: OSError | None) -> None:
        """End, as nobody reads what is printed any more; quietly, unless the disk is full or the like."""
        if error is not None and not isinstance(error, BrokenPipeError):
            self._failed = error
        self._stop.asked = True
        if self._reactor.running:
            self._reactor.callLater(0, self._end, host)

    def _end(self, host: CarrierHost) -> None:
        if self._reactor.running:
            if self._output is not None:
                self._output.leave_reactor()
            host.stop().addBoth(lambda _: self._reactor.running and self._reactor.stop())

    def _close(self, host: CarrierHost, masker: Masker) -> int:
        """Write the trace and the last lines; return the exit code."""
        written: list[Path] = []
        code = 0
        if self._options.trace is not None:
            try:
                written = self._write_trace(host, masker, self._options.trace)
            except UsageError as error:
                sys.stderr.write(f"{error}\n")
                code = 1
        if self._output is not None:
            self._output.finish(self._lines.closing(written))
        if self._failed is not None:
            sys.stderr.write(f"{usage(f'standard output: {self._failed.strerror or self._failed}')}\n")
            code = 1
        return code

    def _write_trace(self, host: CarrierHost, masker: Masker, folder: Path) -> list[Path]:
        from mockregistrar.cli.files import write_trace

        engine = host.engine
        trace = engine.trace
        started = host.carrier_time() - engine.wire_time(time.monotonic())
        written, hints = write_trace(
            folder, self._options.settings.name, started, trace.since(0, partial=True), masker=masker
        )
        if trace.evicted:
            hints.append(
                f"{trace.evicted:,} older records are not in the trace: the history was full "
                "(history_messages, history_bytes and history_records in a config file)"
            )
        for hint in hints:
            sys.stderr.write(f"{usage(f'--trace: {hint}')}\n")
        return written


@contextmanager
def _lean_twisted(*, tls: bool) -> Iterator[None]:
    """While Twisted is imported: hide pyOpenSSL from it if nothing will speak TLS, which halves what an import costs.

    Twisted runs without pyOpenSSL; plain connections then cannot turn into TLS ones (STARTTLS), which SIP has no use
    for. This process is ours alone, and its listeners are known by now.
    """
    hidden = not tls and "OpenSSL" not in sys.modules
    if hidden:
        sys.modules["OpenSSL"] = None  # type: ignore[assignment]  # which says: not there
    try:
        yield
    finally:
        if hidden:
            del sys.modules["OpenSSL"]


def _standard_output() -> int:
    """Return the descriptor to print to; a closed standard output is like one that nobody looks at."""
    if sys.stdout is None:
        return os.open(os.devnull, os.O_WRONLY)
    return sys.stdout.fileno()

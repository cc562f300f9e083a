"""The files that `serve` writes: the ready-file, the TLS certificate, and at the end what was seen."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from mockregistrar.cli.options import ServeOptions, usage
from mockregistrar.cli.parser import UsageError
from mockregistrar.trace import Masker, Record


def prepare(options: ServeOptions) -> None:
    """Make sure, before anything is started, that what is asked for can be written.

    A ready-file left behind by a run that was killed is removed, so that nobody takes it for ours. Raises `UsageError`.
    """
    for flag, path in (("--ready-file", options.ready_file), ("--tls-ca", options.tls_ca)):
        if path is None:
            continue
        if path.is_dir():
            raise usage(f"{flag}: {path} is a directory; name a file")
        if not path.parent.is_dir():
            raise usage(f"{flag}: there is no directory {path.parent}")
        if not os.access(path.parent, os.W_OK):
            raise usage(f"{flag}: the directory {path.parent} cannot be written to")
    if options.ready_file is not None:
        options.ready_file.unlink(missing_ok=True)
    if options.trace is not None:
        try:
            options.trace.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise usage(f"--trace: {options.trace}: {error.strerror or error}") from None
        if not os.access(options.trace, os.W_OK):
            raise usage(f"--trace: the directory {options.trace} cannot be written to")


def write_whole(flag: str, path: Path, data: bytes) -> None:
    """Write a file so that whoever looks sees all of it or nothing. Raises `UsageError` naming `flag`."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise write_error(flag, path, error) from None


def write_error(flag: str, path: Path, error: OSError) -> UsageError:
    """Return the error of a file that cannot be written."""
    return usage(f"{flag}: {path}: {error.strerror or error}")


def write_ready(path: Path, twin: dict[str, Any]) -> None:
    """Write the ready-file. Raises `UsageError`."""
    import json

    write_whole("--ready-file", path, json.dumps(twin, indent=2).encode() + b"\n")


def remove_ready(path: Path) -> None:
    """Remove the ready-file, unless another process has put its own there since."""
    import json

    try:
        ours = json.loads(path.read_bytes())["pid"] == os.getpid()
    except (OSError, ValueError, KeyError, TypeError):
        return  # gone, or not ours any more
    if ours:
        path.unlink(missing_ok=True)


def write_trace(
    folder: Path, name: str, started: float, records: Sequence[Record], *, masker: Masker
) -> tuple[list[Path], list[str]]:
    """Write what was seen into `folder`, as JSON lines, pcap and ladder; return the files and hints on them.

    `started` is the POSIX time of wire time 0. Raises `UsageError` when one cannot be written.
    """
    from mockregistrar.trace import jsonl, pcap
    from mockregistrar.trace.ladder import ladder

    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
    stem = f"{safe}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(started))}"
    number = 1
    while any((folder / f"{stem}{end}").exists() for end in (".jsonl", ".pcap", ".txt")):
        number += 1
        stem = f"{stem.removesuffix(f'-{number - 1}')}-{number}"
    hints: list[str] = []

    def lines(file: BinaryIO) -> None:
        for line in jsonl.lines(records, masker if masker else None):
            file.write(line.encode("ascii") + b"\n")

    def capture(file: BinaryIO) -> None:
        hints.extend(pcap.write(records, file, epoch=started, masker=masker if masker else None))
        if masker:
            hints.append("secrets are masked in the pcap; --show-secrets leaves it as it was on the wire")

    def text(file: BinaryIO) -> None:
        file.write(ladder(records, masker).encode("utf-8", "backslashreplace") + b"\n")

    writers: list[tuple[str, Callable[[BinaryIO], None]]] = [(".jsonl", lines), (".pcap", capture), (".txt", text)]
    files = []
    for end, write in writers:
        path = folder / f"{stem}{end}"
        try:
            with path.open("xb") as file:
                write(file)
        except OSError as error:
            raise write_error("--trace", path, error) from None
        files.append(path)
    return files, hints

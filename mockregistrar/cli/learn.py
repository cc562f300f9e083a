"""``mockregistrar learn``: the persona of a registrar that was seen in a capture, as TOML."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mockregistrar.cli.parser import PROGRAM, Parser, UsageError
from mockregistrar.cli.terminal import printable, write

if TYPE_CHECKING:
    from mockregistrar.carrier.personas.learning import Learned

_EXAMPLES = """\
examples:
  tcpdump -i any -w acme.pcap port 5060
      while your client registers, refreshes and unregisters at the real carrier
  mockregistrar learn acme.pcap >> sipreg.toml
      then write persona = "acme" under [carrier.NAME], or serve --persona acme
"""


def learn_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar learn``."""
    parser = Parser(
        prog=f"{PROGRAM} learn",
        usage=f"{PROGRAM} learn [--name NAME] [--registrar HOST:PORT] [--json] CAPTURE.pcap",
        description=(
            "Write the persona of the registrar in a capture (pcap or pcapng, UDP and TCP): each knob with what\n"
            "it was learned from, and what could not be learned. No user name and no credentials are in it."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("capture", metavar="CAPTURE.pcap", help="what tcpdump, tshark, dumpcap or sngrep wrote")
    parser.add_argument("--name", metavar="NAME", help="what to call the persona (default: the file's name)")
    parser.add_argument(
        "--registrar", metavar="HOST:PORT", help="which registrar (default: the one that most REGISTERs go to)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def learn(arguments: argparse.Namespace) -> int:
    """Print the persona; return the exit code."""
    from mockregistrar.carrier.persona_tables import write_persona
    from mockregistrar.carrier.personas.learning import NothingToLearn
    from mockregistrar.carrier.personas.learning import learn as learn_from
    from mockregistrar.carrier.personas.presets import PERSONAS
    from mockregistrar.trace.capture import CaptureError, read_capture

    name = arguments.name or re.sub(r"[^A-Za-z0-9_.-]+", "-", Path(arguments.capture).stem).strip("-._") or "learned"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        if arguments.name:
            raise _usage(f"--name: {name!r} is no name: letters, digits, `-` and `_`")
        name = name.replace(".", "-")
    if name in PERSONAS:
        name = f"my-{name}"
    place = _address(arguments.registrar)
    try:
        captured = read_capture(Path(arguments.capture).read_bytes())
        learned = learn_from(((c.time, c.source, c.target, c.message) for c in captured), place)
    except OSError as error:
        raise _usage(f"{arguments.capture}: {error.strerror or error}") from None
    except CaptureError as error:
        raise _usage(f"{arguments.capture}: {error}") from None
    except NothingToLearn as error:
        hint = "; TLS cannot be read, capture UDP or TCP" if not captured else ""
        raise _usage(f"{arguments.capture}: {error}{hint}") from None
    if arguments.json:
        write(json.dumps(_twin(name, learned), indent=2) + "\n")
    else:
        text = write_persona(name, learned.knobs, learned.evidence, _head(arguments.capture, learned))
        write("".join(map(_shown, text.splitlines(keepends=True))))
    return 0


def _head(capture: str, learned: Learned) -> list[str]:
    """Return the lines above the table."""
    host, port = learned.registrar
    lines = [f"Learned from {learned.registers} REGISTERs to {host}:{port} in {Path(capture).name}."]
    for (other, number), count in learned.others.items():
        lines.append(f"Not looked at: {count} REGISTERs to {other}:{number}; --registrar {other}:{number} does.")
    lines += [f"Seen, and no knob says it: {note}." for note in dict.fromkeys(learned.notes)]
    lines.append(f"Could not be learned, and so as the default: {', '.join(learned.unknown)}.")
    return lines


def _twin(name: str, learned: Learned) -> dict[str, object]:
    return {
        "name": name,
        "registrar": list(learned.registrar),
        "registers": learned.registers,
        "knobs": learned.knobs,
        "evidence": learned.evidence,
        "notes": learned.notes,
        "unknown": learned.unknown,
    }


def _shown(line: str) -> str:
    return printable(line.rstrip("\n")) + "\n"


def _address(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, "5060"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise _usage(f"--registrar: {text!r} is not HOST:PORT, e.g. 192.0.2.1:5060 or [2001:db8::1]:5060")
    return host.strip("[]"), int(port)


def _usage(text: str) -> UsageError:
    return UsageError(f"{PROGRAM} learn: {text}")

"""``mockregistrar check``: log in with a registration string or config, or with every trunk of a plan.

Without `--against` the carrier is a mock of our own on 127.0.0.1, and nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockregistrar.cli.explain import add_text
from mockregistrar.cli.parser import PROGRAM, Parser, UsageError
from mockregistrar.cli.terminal import paint, write
from mockregistrar.cli.texts import Given, given
from mockregistrar.trunks import finding_excerpt

if TYPE_CHECKING:
    from mockregistrar.carrier.planning import PlanItem
    from mockregistrar.net.login import LoginReport
    from mockregistrar.net.plans import PlanOutcome
    from mockregistrar.net.reactor import ReactorThread
    from mockregistrar.trunks import Item, KnownAccount, TrunkFile

_EXAMPLES = """\
examples:
  mockregistrar check 'register => 100:s3cret@sip.acme.example/100'
      log in with the string at a mock carrier: register, refresh, unregister
  mockregistrar check --accounts carrier.csv /etc/asterisk/sip.conf
      every registration of a config, at a carrier that has the accounts of the CSV
  mockregistrar check sipreg.toml
      every trunk of a plan, at the carriers that it describes
  mockregistrar check --against 127.0.0.1:5060 gateway.xml
      the credentials alone, at a registrar that runs here
  mockregistrar check --against sip.acme.example --really 'register => 100:s3cret@sip.acme.example'
      the same at the real carrier: one login, no Contact, so that no call is moved; says who is registered now

exit code: 0 all come up (or do as the plan expects); 1 at least one does not; 2 wrong arguments, a file that cannot be
read, or a plan with a mistake
"""
_PLAN = re.compile(r"^\s*\[\[?\s*(?:trunk\s*\]\]|carrier\s*[.\]])", re.MULTILINE)


def check_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar check``."""
    parser = Parser(
        prog=f"{PROGRAM} check",
        usage=f"{PROGRAM} check [options] TEXT|FILE|-",
        description=(
            "Log in with every registration of a text, as the system that it is for would: by default at a mock\n"
            "carrier on 127.0.0.1, which knows what was meant. Prints the SIP traffic of what fails, and why."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_text(parser)
    parser.add_argument(
        "--select",
        default="",
        metavar="WHICH",
        help="one of several registrations: its number, name, user or user@host",
    )
    parser.add_argument(
        "--accounts",
        metavar="FILE.csv",
        help="what the carrier really has, as for serve --accounts (default: what the text was meant to say)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object: ok, and each trunk with its outcome"
    )
    parser.add_argument("--show-secrets", action="store_true", help="do not dot out the passwords that you gave")
    parser.add_argument(
        "--schema", action=_Schema, nargs=0, help="print the JSON Schema of sipreg.toml, for editors, and end"
    )
    live = parser.add_argument_group("at a registrar that is there already")
    live.add_argument(
        "--against",
        metavar="HOST[:PORT]",
        help="log in there: credentials only, by a REGISTER without Contact, which moves no binding (RFC 3261 10.2.3)",
    )
    live.add_argument(
        "--really", action="store_true", help="the registrar is not on this machine, and I may send it this password"
    )
    live.add_argument(
        "--bind", action="store_true", help="also register a contact of our own, and remove just that one again"
    )
    live.add_argument(
        "--timeout", type=_seconds, default=10.0, metavar="SECONDS", help="how long to wait for an answer (default: 10)"
    )
    live.add_argument(
        "--tls-ca", metavar="FILE", help="certificate (PEM) to trust for TLS (default: those that the system trusts)"
    )
    return parser


class _Schema(argparse.Action):
    """Prints the schema and ends, as --version does."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from mockregistrar.carrier.config_schema import schema

        write(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
        parser.exit()


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,3})?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return float(text)


def check(arguments: argparse.Namespace) -> int:
    """Run what was asked for; return the exit code."""
    if arguments.against is None:
        for flag in ("really", "bind", "tls_ca"):
            if getattr(arguments, flag):
                raise _usage(f"--{flag.replace('_', '-')}: is for --against HOST[:PORT]")
    source = given("check", arguments.text)
    if source.path is not None and source.path.suffix == ".toml" and _PLAN.search(source.text):
        return _plan(arguments, source.path)
    file = _file(arguments, source)
    items = _selected(file.items, arguments.select)
    if arguments.against is not None:
        from mockregistrar.cli.check_live import check_live

        return check_live(arguments, items)
    return _logins(arguments, file, items)


def _usage(text: str) -> UsageError:
    return UsageError(f"{PROGRAM} check: {text}")


def _file(arguments: argparse.Namespace, source: Given) -> TrunkFile:
    from mockregistrar.trunks import trunk_files

    try:
        if source.path is not None:
            return trunk_files.read(source.path, dialect=arguments.dialect, form=arguments.form)
        return trunk_files.of_text(source.text, dialect=arguments.dialect, form=arguments.form)
    except (ValueError, OSError) as error:
        raise _usage(str(error)) from None


def _selected(items: tuple[Item, ...], select: str) -> tuple[Item, ...]:
    if not select:
        return items
    from mockregistrar.trunks.items import selected

    found = selected(items, select)
    if not found:
        known = ", ".join(f"{number} ({item.id})" for number, item in enumerate(items[:10], 1))
        raise _usage(f"--select: no registration is called {select!r}; there are {known}")
    return found


# -- at a mock carrier -----------------------------------------------------------------------------------------------


def _logins(arguments: argparse.Namespace, file: TrunkFile, items: tuple[Item, ...]) -> int:
    from mockregistrar.net.login import check_login
    from mockregistrar.net.reactor import ReactorThread
    from mockregistrar.net.tls import TestAuthority
    from mockregistrar.trunks import truth

    accounts = _accounts(arguments.accounts)
    authority = _Once(TestAuthority)
    told: list[dict[str, Any]] = []
    with _held(ReactorThread()) as thread:
        for item in items:
            login = None
            if item.skip is None and item.kind in ("register", "callbackextension") and item.ignored is None:
                login = check_login(
                    item, truth(item, accounts), thread=thread, authority=authority, path=_shown(file, item)
                )
            told.append(_told(arguments, file, item, login))
    return _end(arguments, told, checked=accounts is not None)


def _accounts(name: str | None) -> list[KnownAccount] | None:
    if name is None:
        return None
    from mockregistrar.carrier.accounts_file import load_accounts_csv
    from mockregistrar.carrier.checking import SettingsError
    from mockregistrar.carrier.known_accounts import known_accounts

    try:
        text = Path(name).read_text("utf-8-sig")
        found: list[KnownAccount] = known_accounts(load_accounts_csv(text, name, needs_networks=False))
    except OSError as error:
        raise _usage(f"--accounts: {name}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise _usage(f"--accounts: {name} is not UTF-8 text (octet {error.start})") from None
    except SettingsError as error:
        raise _usage(f"--accounts: {error}") from None
    return found


@contextmanager
def _held(thread: ReactorThread) -> Iterator[ReactorThread]:
    """Keep one reactor thread for all logins."""
    thread.hold()
    try:
        yield thread
    finally:
        thread.release()


class _Once:
    """A certificate authority that is made when TLS is first used, and used from then on."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None

    def __call__(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made


def _shown(file: TrunkFile, item: Item) -> str:
    return str(item.path if file.files else "text")


def _told(arguments: argparse.Namespace, file: TrunkFile, item: Item, login: LoginReport | None) -> dict[str, Any]:
    """Print what became of one registration, unless as JSON; return its JSON twin."""
    findings = sorted(item.findings, key=lambda f: ("error", "warning", "hint").index(f.severity))
    skipped = item.skip is not None
    ok = skipped or (login is not None and login.ok)
    headline = _headline(item, login)
    if not arguments.json:
        write(f"{paint('good' if ok else 'bad', f'{_mark(ok, skipped):<7}')}  {item.id}  {headline}\n")
        if not ok:
            excerpts = [finding_excerpt(_shown(file, item), item.source_line, f, item.reading) for f in findings]
            shown = login if not excerpts or login is None else replace(login, excerpt="")
            write("\n" + "\n\n".join([*excerpts, *([shown.text] if shown is not None and shown.text else [])]) + "\n\n")
    return {
        "name": item.id,
        "ok": ok,
        "state": "skipped" if skipped else login.state if login is not None else "not-sent",
        "headline": headline,
        "findings": [finding.to_json() for finding in findings],
        "login": login.to_json() if login is not None else None,
    }


def _mark(ok: bool, skipped: bool) -> str:
    return "skipped" if skipped else "up" if ok else "down"


def _headline(item: Item, login: LoginReport | None) -> str:
    if item.skip is not None:
        return item.skip
    if login is not None:
        return login.headline
    if item.kind == "nothing":
        return "There is no registration in it."
    return f"The trunk does not come up: {item.system} does not act on it ({item.ignored})."


def _end(arguments: argparse.Namespace, told: list[dict[str, Any]], *, checked: bool) -> int:
    """Print the end, or the JSON object; return the exit code."""
    ok = all(one["ok"] for one in told)
    if arguments.json:
        write(json.dumps({"ok": ok, "trunks": told}, indent=2) + "\n")
    elif not checked and any(one["state"] == "registered" for one in told):
        write("Passwords were taken from the text, not checked: give --accounts to check them.\n")
    return 0 if ok else 1


# -- a plan ------------------------------------------------------------------------------------------------------------


def _plan(arguments: argparse.Namespace, path: Path) -> int:
    from mockregistrar.carrier.checking import SettingsError
    from mockregistrar.carrier.planning import read_plan
    from mockregistrar.net.plans import run
    from mockregistrar.net.reactor import ReactorThread
    from mockregistrar.net.tls import TestAuthority

    for flag in ("dialect", "form", "accounts", "against", "select"):
        if getattr(arguments, flag):
            raise _usage(f"--{flag}: a plan says that itself, for each trunk")
    try:
        planned = read_plan(path, os.environ)
    except SettingsError as error:
        raise _usage(str(error)) from None
    if not planned:
        raise _usage(f"{path}: has no [[trunk]]; say there which config must log in to which carrier")
    authority = _Once(TestAuthority)
    told: list[dict[str, Any]] = []
    with _held(ReactorThread()) as thread:
        for one in planned:
            where = str(path.parent / one.trunk.config) if one.trunk.config else str(path)
            outcome = run(one, thread=thread, authority=authority, path=where)
            told.append({"name": one.name, "expect": one.trunk.expect} | outcome.to_json())
            if arguments.json:
                continue
            state = paint("good" if outcome.ok else "bad", f"{outcome.state:<10}")
            write(f"{state}  {one.name}  {outcome.headline}\n")
            if not outcome.ok:
                write(f"\n{_why(one, outcome, where)}\n\n")
    return _end(arguments, told, checked=True)


def _why(one: PlanItem, outcome: PlanOutcome, where: str) -> str:
    blocks = [finding_excerpt(where, one.item.source_line, f, one.item.reading) for f in one.item.findings]
    login = outcome.login
    if login is not None:
        blocks.append(replace(login, excerpt="").text if blocks else login.text)
    return "\n\n".join(block for block in blocks if block)

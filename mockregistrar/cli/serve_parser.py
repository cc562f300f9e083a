"""The words that `serve` takes."""

from __future__ import annotations

import argparse
import re

from mockregistrar.cli.parser import PROGRAM, Parser

_EXAMPLES = """\
examples:
  mockregistrar serve
      UDP and TCP on 127.0.0.1:5060 with one account; prints what to paste into the dialer
  mockregistrar serve --account 100:s3cret --account 200 --min-expires 30 --short-expires raise
      an account with your secret, one with a made-up secret
  mockregistrar serve --listen udp:0.0.0.0:5060 --accounts carrier.csv --allow 10.0.0.0/8
      for the whole lab, from the list a carrier gave you, and only from your network
  mockregistrar serve --listen tls:127.0.0.1:0 --tls-ca ca.pem --ready-file ready.json --json
      for a script: any free port, the CA's certificate, events as JSON lines
  mockregistrar serve --config sipreg.toml --carrier acme
      from a file: [carrier.acme] holds the same names, e.g. min_expires = 60

exit code: 0 ended by SIGTERM, Ctrl-C or a closed output; 1 a file could not be written at the end;
2 wrong arguments or settings, or a port that is taken
"""


def _seconds(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of seconds")
    return int(text)


def _time(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return float(text)


def serve_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar serve``."""
    serve = Parser(
        prog=f"{PROGRAM} serve",
        usage=f"{PROGRAM} serve [options]",
        description=(
            "Run a mock SIP carrier until Ctrl-C. Without options: UDP and TCP on 127.0.0.1:5060,\n"
            "one account with a made-up secret, and the registration string to paste."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_network(serve)
    _add_accounts(serve)
    _add_access(serve)
    _add_registration(serve)
    _add_faults(serve)
    _add_files(serve)
    return serve


def _add_network(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("where it listens and what it is called")
    group.add_argument(
        "--listen",
        action="append",
        metavar="TRANSPORT:HOST:PORT",
        help="udp, tcp or tls; an IPv6 host in brackets; port 0 for any free one; may be repeated "
        "(default: udp:127.0.0.1:5060 and tcp:127.0.0.1:5060)",
    )
    group.add_argument(
        "--advertise",
        metavar="HOST",
        help="host that registration strings and certificates show (default: the one listened at)",
    )
    group.add_argument(
        "--domain",
        action="append",
        dest="domains",
        metavar="NAME",
        help="domain served; may be repeated (default: whatever clients ask for)",
    )
    group.add_argument(
        "--realm", metavar="TEXT", help="digest realm (default: the first domain, else the advertised host)"
    )


def _add_accounts(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("accounts")
    group.add_argument(
        "--account",
        action="append",
        metavar="USER[:SECRET]",
        help="one account; without :SECRET one is made up; may be repeated (default: trunk1, if no other is given)",
    )
    group.add_argument(
        "--accounts",
        action="append",
        metavar="FILE.csv",
        help="accounts from a file whose first line names its columns: user, secret and optionally auth_user, domain, "
        "ha1, networks, access",
    )
    group.add_argument(
        "--show-secrets", action="store_true", help="do not mask the secrets you gave (made-up ones are always shown)"
    )


def _add_access(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("who is let in")
    group.add_argument(
        "--allow", action="append", metavar="CIDR", help="address or network that is let in; may be repeated"
    )
    group.add_argument(
        "--deny",
        action="append",
        metavar="CIDR",
        help="address or network that is refused, allowed or not; may be repeated",
    )
    group.add_argument(
        "--access",
        metavar="{digest,ip,both,either}",
        help="what an account must show: a right digest, an allowed address, both, or either "
        "(default: digest; both if there is --allow)",
    )
    group.add_argument(
        "--refuse",
        metavar="{403,drop}",
        help="what an address that is not let in gets: 403, or silence (default: 403)",
    )


def _add_registration(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("registration")
    group.add_argument(
        "--persona",
        action="append",
        metavar="NAME",
        help="behave as this carrier does; may be repeated, later ones win, options given here win over all: a server "
        "(kamailio), oddities (no-stale), or a [persona.NAME] of the config file (see mockregistrar personas)",
    )
    group.add_argument("--min-expires", type=_seconds, metavar="SECONDS", help="shortest expiry granted (default: 60)")
    group.add_argument("--max-expires", type=_seconds, metavar="SECONDS", help="longest expiry granted (default: 7200)")
    group.add_argument(
        "--default-expires",
        type=_seconds,
        metavar="SECONDS",
        help="granted when a client asks for no expiry (default: 3600)",
    )
    group.add_argument(
        "--short-expires",
        metavar="{reject,reject-first,raise}",
        help="an expiry below the minimum: reject it with 423, do so before any challenge, or raise it silently "
        "(default: reject)",
    )
    group.add_argument(
        "--algorithm",
        action="append",
        dest="algorithms",
        metavar="NAME",
        help="digest algorithm, one challenge each, in this order; may be repeated: MD5, SHA-256, SHA-512-256 and "
        "their -sess forms (default: MD5)",
    )
    group.add_argument(
        "--qop",
        action="append",
        metavar="{auth,auth-int,none}",
        help="quality of protection offered; none for challenges without qop, as in RFC 2069; auth and auth-int may "
        "be given together (default: auth)",
    )
    group.add_argument("--nonce-ttl", type=_time, metavar="SECONDS", help="how long a nonce is accepted (default: 300)")


def _add_faults(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("faults")
    group.add_argument(
        "--fault",
        action="append",
        dest="faults",
        metavar="FAULT",
        help='what goes wrong, e.g. "drop REGISTER from 100 first=2" or "delay 401 by=2s"; may be repeated '
        "(`mockregistrar faults` tells the grammar)",
    )


def _add_files(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("files and scripts")
    group.add_argument(
        "--config",
        metavar="FILE.toml",
        help="settings from a file, by the same names: [carrier.NAME] with min_expires = 60 and so on; options given "
        "here win",
    )
    group.add_argument(
        "--carrier", metavar="NAME", help="which carrier of the config file (default: the only one there)"
    )
    group.add_argument(
        "--ready-file",
        metavar="FILE",
        help="write JSON (pid, bound addresses) there once everything listens; removed at the end",
    )
    group.add_argument("--json", action="store_true", help="print one JSON object per event instead of text")
    group.add_argument(
        "--trace",
        metavar="DIR",
        help="at the end, write there what was seen: JSON lines, a pcap and a ladder as text",
    )
    group.add_argument(
        "--tls-ca", metavar="FILE", help="write there the certificate (PEM) that TLS clients are to trust"
    )

"""SIPp: the load generator, with a scenario that logs in as its users write it.

It registers when told to and never by itself: a refresh is another REGISTER of the scenario. TLS came with 3.8,
which no Debian up to 12 has.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import ClassVar

from clients.base import OneShot

_REGISTER = r"""
  <send retrans="500"><![CDATA[
REGISTER sip:[domain] SIP/2.0
v: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
Max-Forwards: 70
f: "Doe, \"Jane\" <sales>" <sip:[service]@[domain]>;tag=[call_number]
t: <sip:[service]@[domain]>
i: [call_id]
CSeq: [cseq] REGISTER
m: "Doe, \"Jane\" <sales>" <sip:[service]@[local_ip]:5999;transport=[transport]>
Expires: {expires}
{authentication}User-Agent: SIPp
l: 0

]]></send>
"""
_CHALLENGE = """
  <recv response="401" auth="true"/>
"""
_OK = """
  <recv response="200"/>
"""


def scenario(*expiries: int) -> str:
    """Return a scenario that registers once for each of `expiries` (seconds; 0 unregisters), all in one Call-ID.

    Only the first is sent without credentials, as by a client that was never challenged.
    """
    steps = [_REGISTER.format(expires=expiries[0], authentication=""), _CHALLENGE]
    for expires in expiries:
        steps += [_REGISTER.format(expires=expires, authentication="[authentication]\n"), _OK]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="register">{"".join(steps)}</scenario>\n'


def scenario_of_fields() -> str:
    """Return a scenario that takes user, domain, credentials and expiry from the fields of an injection file."""
    text = scenario(0).replace("[authentication]", "[field2]").replace("Expires: 0", "Expires: [field6]")
    return text.replace("[service]", "[field0]").replace("[domain]", "[field1]")


class Sipp(OneShot):
    name: ClassVar[str] = "sipp"
    program: ClassVar[str] = "sipp"
    hint: ClassVar[str] = "apt-get install sip-tester"
    transports: ClassVar[tuple[str, ...]] = ("udp", "tcp", "tls")
    says_registered: ClassVar[str] = r"Successful call +\| +\d+ +\| +1 "
    says_refused: ClassVar[str] = r"Aborting call on unexpected message|Failed call +\| +\d+ +\| +1 "

    then: ClassVar[tuple[int, ...]] = ()
    """Seconds that it asks for after the first time, in the same Call-ID."""
    own_digest_uri: ClassVar[bool] = False
    """Whether it is left to its own digest uri, which is the address it sends to, instead of the domain."""

    def register(self, expires: int) -> None:
        """Run one call of the scenario."""
        login = self.login
        self.play(
            scenario(expires, *self.then),
            *("-m", "1", "-key", "domain", login.domain, "-s", login.user, "-au", login.auth_user, "-ap", login.secret),
            *(() if self.own_digest_uri else ("-auth_uri", login.domain)),
        )

    def play(self, text: str, *options: str | Path) -> None:
        """Run a scenario; the local port is SIPp's to choose."""
        login = self.login
        file = self.home / f"scenario-{len(self._processes)}.xml"
        file.write_text(text)
        mode = {"udp": "u1", "tcp": "t1", "tls": "l1"}[login.transport]
        self.run(
            *("sipp", f"{login.host}:{login.port}", "-sf", file, "-nostdin", "-t", mode, "-i", login.source),
            *("-trace_err", "-error_file", self.home / "errors.log", "-recv_timeout", "10000", *options),
            *(("-tls_ca", login.ca_file) if login.ca_file else ()),
        )

    @classmethod
    def too_old_for(cls, transport: str) -> str:
        if transport != "tls":
            return ""
        said = subprocess.run(["sipp", "-v"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"SIPp v(\d+)\.(\d+)[^ ]*", said)
        if version and (int(version[1]), int(version[2])) >= (3, 8) and "TLS" in version[0]:
            return ""
        return "SIPp speaks TLS from 3.8, built with it"


class SippInOneCallId(Sipp):
    """Registers, refreshes and unregisters in one Call-ID."""

    then: ClassVar[tuple[int, ...]] = (300, 0)


class SippLeftAlone(Sipp):
    """Makes its digest for the address it sends to, as SIPp does unless told otherwise."""

    own_digest_uri: ClassVar[bool] = True


class SippInjected(Sipp):
    """Logs in once with each line of an injection file, whose fields its scenario takes."""

    name: ClassVar[str] = "sipp-inf"
    dialect: ClassVar[str] = "sipp-inf"
    at_once: ClassVar[int] = 500
    says_registered: ClassVar[str] = r"Successful call +\| +\d+ +\| +[1-9]\d* "

    def register(self, expires: int) -> None:
        """Run one call for each line; the file says how long to ask for."""
        assert expires, "a registration is not taken back by this scenario"
        accounts = self.home / "accounts.csv"
        accounts.write_text(self.login.config, "utf-8")
        calls = sum(1 for line in self.login.config.splitlines()[1:] if line and not line.startswith("#"))
        self.play(scenario_of_fields(), "-inf", accounts, "-m", str(calls), "-r", "500")

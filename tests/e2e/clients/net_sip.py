"""Perl's Net::SIP: terse, in spellings of its own, a new Call-ID for each registration."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import ClassVar

from clients.base import Client


class NetSip(Client):
    name: ClassVar[str] = "net-sip"
    program: ClassVar[str] = "perl"
    hint: ClassVar[str] = "apt-get install libnet-sip-perl"
    grant: ClassVar[int | None] = 2
    says_registered: ClassVar[str] = r"registered for \d+ s"
    says_refused: ClassVar[str] = r"refused: Failed with code 4\d\d"

    @classmethod
    def missing(cls) -> str | None:
        if super().missing():
            return "perl"
        there = subprocess.run(["perl", "-MNet::SIP", "-e", "1"], capture_output=True, check=False).returncode == 0
        return None if there else "Net::SIP"

    def start(self) -> None:
        login = self.login
        self.run(
            *("perl", Path(__file__).with_name("net_sip.pl"), login.user, login.secret, login.auth_user, login.domain),
            *(login.host, str(login.port), login.transport, str(login.expires), login.source),
        )

    def unregister(self) -> None:
        self.process.tell("unregister")
        self.process.wait_said(r"unregistered")

"""pyVoIP: a phone in pure Python, UDP only.

It refreshes 5 s before the expiry it *asked* for, whatever was granted, and repeats an expiry that a 423 refused.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import ClassVar

from clients.base import Client, free_port


class PyVoip(Client):
    name: ClassVar[str] = "pyvoip"
    program: ClassVar[str] = sys.executable
    hint: ClassVar[str] = "pip install pyVoIP (with Python 3.13 and later: audioop-lts too)"
    dialect: ClassVar[str] = "pyvoip"
    transports: ClassVar[tuple[str, ...]] = ("udp",)
    own_domain: ClassVar[bool] = False
    own_auth_user: ClassVar[bool] = False
    grant: ClassVar[int | None] = 7
    asks_grant: ClassVar[bool] = True
    says_registered: ClassVar[str] = r"\bREGISTERED\b"
    says_refused: ClassVar[str] = r"\bFAILED\b"

    @classmethod
    def missing(cls) -> str | None:
        return next((name for name in ("pyVoIP", "audioop") if importlib.util.find_spec(name) is None), None)

    def start(self) -> None:
        login = self.login
        program = self.home / "phone.py"
        program.write_text(login.config or self._program(), "utf-8")
        self.run(
            *(sys.executable, "-W", "ignore", Path(__file__).with_name("pyvoip_phone.py"), program, login.source),
            str(free_port(login.source)),  # it writes this number into Via and Contact, so 0 will not do
        )

    def _program(self) -> str:
        login = self.login
        return (
            "from pyVoIP.VoIP import VoIPPhone\n"
            f"phone = VoIPPhone({login.host!r}, {login.port}, {login.user!r}, {login.secret!r})\n"
            f"phone.sip.default_expires = {login.expires}\n"
            "phone.start()\n"
        )

    def unregister(self) -> None:
        self.process.tell("unregister")
        self.process.wait_said(r"DEREGISTERING\s+(INACTIVE\s+)+")

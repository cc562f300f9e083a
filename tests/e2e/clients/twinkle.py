"""twinkle on the console: the SIP stack of a softphone that many still run."""

from __future__ import annotations

import signal
from typing import ClassVar

from clients.base import Client, free_port


class Twinkle(Client):
    name: ClassVar[str] = "twinkle"
    program: ClassVar[str] = "twinkle-console"
    hint: ClassVar[str] = "apt-get install twinkle-console"
    dialect: ClassVar[str] = "twinkle-cfg"
    obeys_min_expires: ClassVar[bool] = True
    chooses_source: ClassVar[bool] = False
    grant: ClassVar[int | None] = 8
    ended_by: ClassVar[signal.Signals] = signal.SIGKILL  # it unregisters when told to; on SIGTERM it lingers
    says_registered: ClassVar[str] = r"registration succeeded"
    says_refused: ClassVar[str] = r"registration failed"

    def start(self) -> None:
        login = self.login
        directory = self.home / ".twinkle"
        directory.mkdir()
        # Port 0 is not "any" to twinkle.
        (directory / "twinkle.sys").write_text(
            f"sip_port={free_port('0.0.0.0')}\n"
            "dev_ringtone=oss:/dev/null\ndev_speaker=oss:/dev/null\ndev_mic=oss:/dev/null\n"
        )
        (directory / "trunk.cfg").write_text(
            f"{login.config or self._profile()}pres_publish_startup=no\nmwi_sollicited=no\n", "utf-8"
        )
        self.run("twinkle-console", "trunk.cfg")

    def _profile(self) -> str:
        login = self.login
        return f"""\
user_name={login.user}
user_domain={login.domain}
auth_name={login.auth_user}
auth_pass={login.secret}
outbound_proxy=sip:{login.host}:{login.port};transport={login.transport}
all_requests_to_proxy=yes
registrar={login.host}:{login.port}
register_at_startup=yes
registration_time={login.expires}
sip_transport={login.transport}
"""

    def unregister(self) -> None:
        self.process.tell("deregister")
        self.process.wait_said(r"de-registration succeeded")

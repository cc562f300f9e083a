"""sipsak: one REGISTER, or one OPTIONS, from the command line.

It resolves the host of the AOR, so that is the carrier's address here; the port in it, which it cuts to four
digits, is no part of an AOR anyway.
"""

from __future__ import annotations

from typing import ClassVar

from clients.base import OneShot


class Sipsak(OneShot):
    name: ClassVar[str] = "sipsak"
    program: ClassVar[str] = "sipsak"
    hint: ClassVar[str] = "apt-get install sipsak"
    dialect: ClassVar[str] = "sipsak-cmdline"
    own_domain: ClassVar[bool] = False
    says_registered: ClassVar[str] = r"All usrloc tests completed successful"
    says_refused: ClassVar[str] = r"authorization failed|SIP/2.0 4\d\d "

    def register(self, expires: int) -> None:
        login = self.login
        if login.config:  # a command line, which a shell splits into words
            self.run("sh", "-c", f"exec {login.config} -vvv -i -k {login.source}")
            return
        self.run(
            *("sipsak", "-vvv", "-i", "-U", "-x", str(expires), "-E", login.transport, "-k", login.source),
            *("-s", f"sip:{login.user}@{login.host}:{login.port}", "-C", f"sip:{login.user}@{login.source}:5999"),
            *("-u", login.auth_user, "-a", login.secret),
        )

    def ping(self) -> int:
        """Send one OPTIONS; return its exit status."""
        login = self.login
        return self.run(
            *("sipsak", "-vvv", "-E", login.transport, "-k", login.source, "-s", f"sip:{login.host}:{login.port}")
        ).wait_ended()

"""baresip: a modular softphone; run without a single audio module."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from clients.base import Client


class Baresip(Client):
    name: ClassVar[str] = "baresip"
    program: ClassVar[str] = "baresip"
    hint: ClassVar[str] = "apt-get install baresip-core"
    dialect: ClassVar[str] = "baresip-accounts"
    at_once: ClassVar[int] = 500
    transports: ClassVar[tuple[str, ...]] = ("udp", "tcp", "tls")
    obeys_min_expires: ClassVar[bool] = True
    grant: ClassVar[int | None] = 4
    says_registered: ClassVar[str] = r"200 OK \(.*\) \[\d+ bindings?\]"
    says_refused: ClassVar[str] = r"\b4\d\d [A-Z]|reg(ister)?:? .*failed"

    def start(self) -> None:
        login = self.login
        (self.home / "config").write_text(
            f"sip_listen {login.source}:0\nmodule_path {_modules()}\n"
            + (f"sip_cafile {login.ca_file}\nsip_verify_server yes\n" if login.ca_file else "")
            + "module_app account.so\nmodule_app menu.so\nmodule stdio.so\nmodule g711.so\n"
        )
        (self.home / "contacts").write_text("")
        (self.home / "accounts").write_text(login.config or self._account(), "utf-8")
        self.run("baresip", "-f", self.home)

    def _account(self) -> str:
        login = self.login
        return (
            f"<sip:{login.user}@{login.domain};transport={login.transport}>"
            f';outbound="sip:{login.host}:{login.port};transport={login.transport}"'
            f";auth_user={login.auth_user};auth_pass={login.secret};regint={login.expires}\n"
        )

    def unregister(self) -> None:
        """Quit: it takes its registration back on the way out."""
        self.process.tell("/quit")
        self.process.wait_ended()


def _modules() -> Path:
    """Return where its modules lie; without a configuration that says so it looks into the current directory."""
    places = [Path("/usr/lib/baresip/modules"), Path("/usr/local/lib/baresip/modules")]
    places += Path("/usr/lib").glob("*/baresip/modules")
    return next(place for place in places if (place / "account.so").exists())

"""linphone's console client, as liblinphone and belle-sip behave on a desktop and on phones."""

from __future__ import annotations

from typing import ClassVar

from clients.base import Client


class Linphone(Client):
    name: ClassVar[str] = "linphone"
    program: ClassVar[str] = "linphonec"
    hint: ClassVar[str] = "apt-get install linphone-cli"
    dialect: ClassVar[str] = "linphonerc"
    at_once: ClassVar[int] = 60
    transports: ClassVar[tuple[str, ...]] = ("udp", "tcp", "tls")
    sha256: ClassVar[bool] = True
    obeys_min_expires: ClassVar[bool] = True
    grant: ClassVar[int | None] = 4
    says_registered: ClassVar[str] = r"to \[LinphoneRegistrationOk\]"
    says_refused: ClassVar[str] = r"to \[LinphoneRegistrationFailed\]"

    def start(self) -> None:
        login = self.login
        ports = {t: -1 if t == login.transport else 0 for t in self.transports}  # -1: any, 0: none
        (self.home / ".local/share/linphone").mkdir(parents=True)
        file = self.home / "linphonerc"
        file.write_text(
            f"""\
{login.config or self._account()}
[sip]
sip_port={ports["udp"]}
sip_tcp_port={ports["tcp"]}
sip_tls_port={ports["tls"]}
bind_address={login.source}
contact=sip:linphone@{login.source}
guess_hostname=0
root_ca={login.ca_file or ""}
verify_server_certs=1
verify_server_cn=1
default_proxy=0
[net]
dns_srv_enabled=0
""",
            "utf-8",
        )
        self.run("linphonec", "-c", file, "-d", "5")

    def _account(self) -> str:
        login = self.login
        # Its TLS library knows host names in certificates, but no addresses: with 127.0.0.1 it would not connect.
        host = "localhost" if login.transport == "tls" else login.host
        return f"""\
[proxy_0]
reg_proxy=<sip:{host}:{login.port};transport={login.transport}>
reg_identity=<sip:{login.user}@{login.domain}>
reg_expires={login.expires}
reg_sendregister=1
publish=0
[auth_info_0]
username={login.user}
userid={login.auth_user}
passwd={login.secret}
realm={login.domain}
domain={login.domain}
"""

    def unregister(self) -> None:
        self.process.tell("unregister")
        self.process.wait_said(r"to \[LinphoneRegistrationCleared\]")

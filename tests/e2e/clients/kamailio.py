"""Kamailio, twice: its `uac` module as a client that registers, and its `registrar` as the carrier."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import trustme

from clients.base import Client, find_program, free_port
from clients.process import ClientProcess

HINT = "apt-get install kamailio kamailio-extra-modules kamailio-tls-modules"
_COMMON = """\
#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
disable_tcp={no_tcp}
listen={transport}:{host}:{port}
{tls}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "db_text.so"
loadmodule "ctl.so"
loadmodule "debugger.so"
modparam("debugger", "mod_hash_size", 5)
modparam("debugger", "mod_level_mode", 1)
modparam("debugger", "mod_level", "uac=3")
modparam("ctl", "binrpc", "unix:{directory}/ctl")
"""
_TLS = """\
enable_tls=yes
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "{directory}/own.pem")
modparam("tls", "private_key", "{directory}/own.pem")
modparam("tls", "ca_list", "{ca_file}")
modparam("tls", "verify_certificate", 1)
"""
_UAC = """\
loadmodule "uac.so"
modparam("uac", "reg_db_url", "text://{directory}/db")
modparam("uac", "reg_contact_addr", "{host}:{port}")
modparam("uac", "reg_timer_interval", 1)
modparam("uac", "reg_retry_interval", 60)
request_route {{ sl_send_reply("200", "OK"); }}
"""
_COLUMNS = (
    "id(int,auto) l_uuid(string) l_username(string) l_domain(string) r_username(string) r_domain(string) "
    "realm(string) auth_username(string) auth_password(string) auth_ha1(string,null) auth_proxy(string) "
    "expires(int) flags(int) reg_delay(int) contact_addr(string) socket(string)"
)


_REGISTRAR = """\
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "auth.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
modparam("usrloc", "db_mode", 0)
modparam("registrar", "default_expires", 120)
modparam("registrar", "min_expires", 60)
modparam("registrar", "min_expires_mode", 1)
event_route[core:worker-one-init] {{ xlog("L_NOTICE", "ready\\n"); }}
request_route {{
    if (!is_method("REGISTER")) {{
        sl_send_reply("405", "Method Not Allowed");
        exit;
    }}
    if (!pv_www_authenticate("{realm}", "{secret}", "0") || $au != "{auth_user}") {{
        www_challenge("{realm}", "1");
        exit;
    }}
    if (!save("location"))
        exit;  # answered all the same; falling off the end with an error would close the connection
}}
"""


_AS_IT_COMES = """\
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "auth.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "use_domain", 0)
{parameters}
event_route[core:worker-one-init] {{ xlog("L_NOTICE", "ready\\n"); }}
request_route {{
    if (!is_method("REGISTER")) {{
        sl_send_reply("405", "Method Not Allowed");
        exit;
    }}
    if (!pv_www_authenticate("{realm}", "{secret}", "0") || $au != "{auth_user}") {{
        www_challenge("{realm}", "0");
        exit;
    }}
    if (!save("location"))
        exit;
}}
"""
"""Authentication and registrar with no parameter of theirs set, but for `parameters`."""


def _row(*values: object) -> str:
    """Return a row of a text database: the colon parts, and so is escaped."""
    return ":".join(str(v).replace("\\", "\\\\").replace(":", "\\:") for v in values) + "\n"


class KamailioUac(Client):
    name: ClassVar[str] = "kamailio"
    program: ClassVar[str] = "kamailio"
    hint: ClassVar[str] = HINT
    dialect: ClassVar[str] = "kamailio-uacreg"
    at_once: ClassVar[int] = 500
    transports: ClassVar[tuple[str, ...]] = ("udp", "tcp", "tls")
    obeys_min_expires: ClassVar[bool] = True
    grant: ClassVar[int | None] = 4
    says_registered: ClassVar[str] = r"completed with status 200 "
    says_refused: ClassVar[str] = r"authentication failed for|completed with status 40[34] |got sip response 4"

    def start(self) -> None:
        login, home = self.login, self.home
        port = free_port(login.source)  # port 0 is the standard port to Kamailio
        database = home / "db"
        database.mkdir()
        (database / "version").write_text("table_name(string) table_version(int)\nuacreg:5\n")
        (database / "uacreg").write_text(login.config or self._table(port), "utf-8")
        (home / "kamailio.cfg").write_text(
            _common(home, login.transport, login.source, port, login.ca_file)
            + _UAC.format(directory=home, host=login.source, port=port)
        )
        self.run(*_command(home))

    def _table(self, port: int) -> str:
        login = self.login
        row = _row(
            *(1, "u1", login.user, login.source, login.user, login.domain, login.domain, login.auth_user),
            *(login.secret, "", f"sip:{login.host}:{login.port};transport={login.transport}", login.expires, 0, 0),
            *(f"{login.source}:{port}", f"{login.transport}:{login.source}:{port}"),
        )
        return f"{_COLUMNS}\n{row}"

    def unregister(self) -> None:
        daemon, said = self.process, len(self.process.said())
        self.run("kamcmd", "-s", f"unix:{self.home}/ctl", "uac.reg_unregister", "l_uuid", "u1").wait_ended()
        daemon.wait_said(self.says_registered, after=said)  # it has one word for both


@dataclass(frozen=True, slots=True)
class Registrar:
    """A packaged registrar with one user: the same roles with the sides changed."""

    user: str
    secret: str
    auth_user: str
    realm: str
    transport: str
    host: str
    port: int
    process: ClientProcess
    directory: Path

    @classmethod
    def start(
        cls, directory: Path, transport: str = "udp", algorithm: str = "", parameters: str | None = None
    ) -> Registrar:
        """Start Kamailio in `directory` and return it, ready; `stop` ends it.

        With `parameters` (lines of configuration, or empty) its modules are as they come, but for these.
        """
        host = "127.0.0.1"
        port = free_port(host)  # port 0 is the standard port to Kamailio
        user, secret, auth_user, realm = "trunk1", "R3mote:Secret", "acme-7", "sip.acme.example"
        (directory / "kamailio.cfg").write_text(
            _common(directory, transport, host, port, None)
            + (_REGISTRAR if parameters is None else _AS_IT_COMES).format(
                realm=realm, secret=secret, auth_user=auth_user, algorithm=algorithm, parameters=parameters
            )
        )
        process = ClientProcess(_command(directory), cwd=directory)
        try:
            process.wait_said(r"\bready\b")
        except BaseException:
            process.stop()
            raise
        return cls(user, secret, auth_user, realm, transport, host, port, process, directory)

    def located(self) -> str:
        """Return its own word about who is registered."""
        command = ClientProcess(
            [find_program("kamcmd") or "kamcmd", "-s", f"unix:{self.directory}/ctl", "ul.dump"], cwd=self.directory
        )
        try:
            command.wait_ended()
            return command.said()
        finally:
            command.stop()

    def stop(self) -> None:
        self.process.stop()


def _common(directory: Path, transport: str, host: str, port: int, ca_file: Path | None) -> str:
    tls = ""
    if transport == "tls":  # it asks for a certificate of its own even where it only connects
        trustme.CA().issue_cert(host).private_key_and_cert_chain_pem.write_to_path(directory / "own.pem")
        tls = _TLS.format(directory=directory, ca_file=ca_file)
    return _COMMON.format(
        directory=directory,
        transport=transport,
        host=host,
        port=port,
        no_tcp="yes" if transport == "udp" else "no",
        tls=tls,
    )


def _command(directory: Path) -> list[str | Path]:
    # -DD: in the foreground; the memory sizes are those of a server for one user
    options: list[str | Path] = ["-DD", "-E", "-f", directory / "kamailio.cfg", "-Y", directory, "-m", "32", "-M", "4"]
    return [find_program("kamailio") or "kamailio", *options]

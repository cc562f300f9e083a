"""npm's `sip`: a SIP stack for Node that others are built on. Found where `NODE_PATH` or a global install has it."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import ClassVar

from clients.base import Client, find_program, free_port


@cache
def _node_path() -> str:
    """Return the folders that Node is to look into: the ones that are set, and that of global packages."""
    found = [os.environ.get("NODE_PATH", "")]
    npm = find_program("npm")
    if npm:
        found.append(
            subprocess.run([npm, "root", "--global"], capture_output=True, text=True, check=False).stdout.strip()
        )
    return ":".join(filter(None, found))


class NpmSip(Client):
    name: ClassVar[str] = "npm-sip"
    program: ClassVar[str] = "node"
    hint: ClassVar[str] = "apt-get install nodejs npm && npm install --global sip"
    grant: ClassVar[int | None] = 2
    says_registered: ClassVar[str] = r"\bregistered for \d+ s"
    says_refused: ClassVar[str] = r"refused: 4\d\d "

    @classmethod
    def missing(cls) -> str | None:
        if super().missing():
            return "node"
        command = ["node", "-e", "require('sip')"]
        environment = {**os.environ, "NODE_PATH": _node_path()}
        there = subprocess.run(command, capture_output=True, env=environment, check=False).returncode == 0
        return None if there else "npm's sip"

    def start(self) -> None:
        login = self.login
        self.run(
            *("node", Path(__file__).with_name("npm_sip.js"), login.user, login.secret, login.auth_user, login.domain),
            *(login.host, str(login.port), login.transport, str(login.expires), login.source),
            str(free_port(login.source)),  # port 0 is 5060 to it
            env={"NODE_PATH": _node_path()},
        )

    def unregister(self) -> None:
        self.process.tell("unregister")
        self.process.wait_said(r"unregistered")

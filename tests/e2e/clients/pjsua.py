"""pjsua, played by pjsip's Python binding: the words of its command line come from a shell, all else is pjsip's own.

No distribution has pjsua itself any more. The wheels of `pjsua2-python` hold pjsip 2.15, but they are one person's
work, and there are none for Python 3.13: so this client is used where it is there, and nobody has to have it.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from pathlib import Path
from typing import ClassVar

from clients.base import Client


class Pjsua(Client):
    name: ClassVar[str] = "pjsua"
    program: ClassVar[str] = sys.executable
    hint: ClassVar[str] = "pip install pjsua2-python (Linux, Python 3.8 to 3.12)"
    dialect: ClassVar[str] = "pjsua-cmdline"
    at_once: ClassVar[int] = 8
    optional: ClassVar[bool] = True
    transports: ClassVar[tuple[str, ...]] = ("udp", "tcp")
    says_registered: ClassVar[str] = r"registration: 200 "
    says_refused: ClassVar[str] = r"registration: 4\d\d "

    @classmethod
    def missing(cls) -> str | None:
        return None if importlib.util.find_spec("pjsua2") else "pjsua2"

    def start(self) -> None:
        login = self.login
        programs = self.home / "bin"
        programs.mkdir()
        script = programs / "pjsua"
        phone = Path(__file__).with_name("pjsua_phone.py")
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(phone))} "$@"\n')
        script.chmod(0o755)
        binding = importlib.util.find_spec("pjsua2")
        assert binding is not None
        assert binding.origin is not None
        self.run(
            *("sh", "-c", f"exec {login.config}"),
            env={
                "PATH": f"{programs}:{os.environ.get('PATH', os.defpath)}",
                "PYTHONPATH": str(Path(binding.origin).parent.parent),
                "PJSUA_SOURCE": login.source,
            },
        )

    def unregister(self) -> None:
        self.process.stop()

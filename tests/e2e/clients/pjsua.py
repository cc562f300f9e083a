"""pjsua, played by pjsip's Python binding: the words of its command line come from a shell, all else is pjsip's own.

No distribution has pjsua itself any more. The wheels of `pjsua2-python` hold pjsip 2.15, but they are one person's
work, and there are none for Python 3.13: so this client is used where it is there, and nobody has to have it. The
interpreter that has it is this one, or the one that SIPREG_PJSUA names.
"""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from clients.base import Client


class Pjsua(Client):
    name: ClassVar[str] = "pjsua"
    program: ClassVar[str] = os.environ.get("SIPREG_PJSUA") or sys.executable
    hint: ClassVar[str] = "pip install pjsua2-python (Linux, Python 3.8 to 3.12)"
    dialect: ClassVar[str] = "pjsua-cmdline"
    at_once: ClassVar[int] = 8
    optional: ClassVar[bool] = True
    transports: ClassVar[tuple[str, ...]] = ("udp", "tcp")
    says_registered: ClassVar[str] = r"registration: 200 "
    says_refused: ClassVar[str] = r"registration: 4\d\d "

    @classmethod
    def missing(cls) -> str | None:
        return None if _folder(cls.program) else "pjsua2"

    def start(self) -> None:
        login = self.login
        programs = self.home / "bin"
        programs.mkdir()
        script = programs / "pjsua"
        phone = Path(__file__).with_name("pjsua_phone.py")
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(self.program)} {shlex.quote(str(phone))} "$@"\n')
        script.chmod(0o755)
        self.run(
            *("sh", "-c", f"exec {login.config}"),
            env={
                "PATH": f"{programs}:{os.environ.get('PATH', os.defpath)}",
                "PYTHONPATH": _folder(self.program),
                "PJSUA_SOURCE": login.source,
            },
        )

    def unregister(self) -> None:
        self.process.stop()


@functools.cache
def _folder(python: str) -> str:
    """The folder that an interpreter finds the binding in, empty where it has none."""
    script = "import importlib.util, pathlib; found = importlib.util.find_spec('pjsua2'); "
    script += "print(pathlib.Path(found.origin).parent.parent if found else '')"
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""

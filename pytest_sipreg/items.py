"""A SIP config as a test file, and each registration in it as a test.

The test is the real login: what the system reads of the config logs in to a carrier that has what was meant. It passes
if the system acts on it at all, and the login, a refresh and the un-registration succeed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_sipreg.plugin import TRUNK
from pytest_sipreg.session import session_of

if TYPE_CHECKING:
    from mockregistrar import Finding, KnownAccount, LoginReport, TrunkFile, TrunkItem

_GRAVITY = ("error", "warning", "hint")
_DOWN = "The trunk does not come up: "
_TRUNKS = ("register", "callbackextension")


class TrunkDown(Exception):  # noqa: N818 - reads as the sentence it is
    """A trunk does not come up; the text is the whole report."""


class ConfigFile(pytest.File):
    """A config of any dialect, with all it includes."""

    def collect(self) -> Iterator[TrunkTest]:
        """Yield a test for each registration that somebody meant; nothing is bound, only read."""
        session = session_of(self.config)
        assert session.selection is not None
        if session.selection.left_out(self.session, self.path):
            return
        try:
            conf = session.selection.read(self.path)
        except OSError as error:
            raise self.CollectError(f"{self.nodeid} cannot be read: {error.strerror}") from None
        session.found["files"] += 1
        for item in conf.items:
            session.found["trunks"] += item.kind in _TRUNKS
            # pytest 9 reads an id back from its text: made from the text too, the two are equal, as --lf needs
            nodeid = f"{self.nodeid}::{item.id}"
            node: TrunkTest = TrunkTest.from_parent(self, name=item.id, nodeid=nodeid, conf=conf, item=item)
            yield node


class TrunkTest(pytest.Item):
    """One registration."""

    def __init__(self, *, conf: TrunkFile, item: TrunkItem, skips: bool = True, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.conf = conf
        self.item = item
        self.unchecked = False
        """Whether an accounts file was given and has nothing on this trunk."""
        self.login: LoginReport | None = None
        """How the login went; None before it, and where nothing is sent."""
        self.stash[TRUNK] = self
        self.extra_keyword_matches.update(item.keywords)
        if skips and item.skip is not None:
            self.add_marker(pytest.mark.skip(reason=item.skip))

    @property
    def _refused(self) -> str:
        return "the line" if self.item.dialect == "asterisk-sip.conf" else "it"

    def runtest(self) -> None:
        """Log in, refresh, un-register; raise `TrunkDown` with the report where that fails."""
        item = self.item
        if item.kind in _TRUNKS and item.ignored is None:
            self.login = self._log_in()
            if self.login.ok:
                return
        raise TrunkDown(self._failure())

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Return where the registration stands."""
        return self.item.path, self.item.line - 1, self.nodeid

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the report, not where in the plugin it was raised."""
        if not isinstance(excinfo.value, TrunkDown):
            return super().repr_failure(excinfo, style)
        shown: Any = excinfo.getrepr(style="value")
        crash = shown.reprcrash
        if crash is not None:
            crash.path, crash.lineno = self._shown_path(), self.item.line
            crash.message = str(excinfo.value).partition("\n")[0].removeprefix(_DOWN)
        return shown

    def told(self, outcome: str) -> dict[str, Any]:
        """Return what the summary is to know of this trunk, in plain values that travel between processes."""
        notes = [*self.conf.notes, *(self._line(f) for f in self.conf.findings)]
        passed = outcome == "passed"
        return {
            "kind": self.item.kind,
            "state": {"passed": "up", "skipped": "skipped"}.get(outcome, "down"),
            "notes": notes,
            "unchecked": self.item.id if passed and self.unchecked else "",
            "findings": [[f.severity, self._line(f)] for f in self._findings()] if passed else [],
        }

    # -- the login ---------------------------------------------------------------------------------------------

    def _log_in(self) -> LoginReport:
        from mockregistrar import check_login, truth
        from pytest_sipreg.carriers import derived_seed, with_sockets

        session = session_of(self.config)
        settings = session.settings.changed(seed=derived_seed(session.settings.seed, self.nodeid))
        accounts = self._accounts()
        known = truth(self.item, accounts)
        self.unchecked = accounts is not None and known.source != "accounts"
        report: LoginReport = with_sockets(
            lambda: check_login(
                self.item,
                known,
                settings=settings,
                thread=session.thread,
                authority=session.authority,
                path=self._shown_path(),
            )
        )
        return report

    def _accounts(self) -> list[KnownAccount] | None:
        from mockregistrar import known_accounts

        accounts = session_of(self.config).accounts
        found: list[KnownAccount] | None = None if accounts is None else known_accounts(accounts)
        return found

    # -- the report --------------------------------------------------------------------------------------------

    def _failure(self) -> str:
        blocks = [self._headline()]
        blocks += [self._excerpt(finding) for finding in self._findings()]
        login = self.login
        if login is not None and any(finding.severity == "error" for finding in self._findings()):
            login = replace(login, excerpt="")  # the finding has shown the place already
        if login is not None and login.text:
            lines = login.text.splitlines()
            blocks.append("\n".join(line if line.startswith("  ") else f"  {line}".rstrip() for line in lines))
        if not (login is not None and login.log) and not any(f.log for f in self._findings()):
            blocks.append(f"  your {self.item.system} will print   nothing about it")
        return "\n\n".join(blocks)

    def _headline(self) -> str:
        from mockregistrar import CODES

        item, findings = self.item, self._findings()
        if item.kind == "nothing":
            return "There is no trunk in this file."
        if item.ignored is not None:
            return f"{_DOWN}{self.item.system} does not act on this line ({item.ignored})."
        if item.reading.real is None and findings:
            title = CODES[findings[0].code].title
            return f"{_DOWN}{title}. {self.item.system} refuses {self._refused} and sends nothing."
        return self.login.headline if self.login is not None else _DOWN.rstrip(": ") + "."

    def _findings(self) -> list[Finding]:
        """Return the findings of this line, the gravest first."""
        return sorted(self.item.findings, key=lambda finding: _GRAVITY.index(finding.severity))

    def _excerpt(self, finding: Finding) -> str:
        from mockregistrar import finding_excerpt

        if finding.path or finding.span.line != self.item.line:
            return f"  {self._line(finding)}"
        shown: str = finding_excerpt(self._shown_path(), self.item.source_line, finding, self.item.reading)
        return shown

    def _line(self, finding: Finding) -> str:
        path = finding.path or str(self.item.path)
        return f"{_relative(path, self.config)}:{finding.span.line} {finding.code} {finding.message}"

    def _shown_path(self) -> str:
        return _relative(str(self.item.path), self.config)


def _relative(path: str, config: pytest.Config) -> str:
    """Return a path as people see it: relative to where pytest was started, where that is below."""
    relative = os.path.relpath(path, config.invocation_params.dir)
    return path if relative.startswith("..") else relative

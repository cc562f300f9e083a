"""A `sipreg.toml` as a test file: each login that its `[[trunk]]` tables ask for is a test.

The carrier of such a test is the one that the file describes, not one made up from the config. What is wrong with the
file, or with a config it names, is a collection error with file, line and key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_sipreg.items import TrunkDown, TrunkTest
from pytest_sipreg.session import session_of

if TYPE_CHECKING:
    from mockregistrar import PlanItem, PlanOutcome

_TRUNK = re.compile(rb"^\s*\[\[\s*trunk\s*\]\]", re.MULTILINE)


def is_plan(path: Path) -> bool:
    """Whether a TOML file has trunks; one with carriers alone is nothing to run."""
    try:
        return path.suffix == ".toml" and _TRUNK.search(path.read_bytes()) is not None
    except OSError:
        return False


class PlanFile(pytest.File):
    """A trunk plan."""

    def collect(self) -> Iterator[PlanTest]:
        """Yield a test for each login; nothing is bound, only read."""
        from mockregistrar import SettingsError, read_plan

        session = session_of(self.config)
        assert session.selection is not None
        if session.selection.left_out(self.session, self.path):
            return
        session.found["files"] += 1
        try:
            planned = read_plan(self.path, os.environ, rootdir=self.config.rootpath)
        except SettingsError as error:
            raise self.CollectError(str(error)) from None
        session.found["trunks"] += len(planned)
        for one in planned:
            nodeid = f"{self.nodeid}::{one.name}"
            node: PlanTest = PlanTest.from_parent(self, name=one.name, nodeid=nodeid, planned=one)
            yield node


class PlanTest(TrunkTest):
    """One login of a plan."""

    def __init__(self, *, planned: PlanItem, **arguments: Any) -> None:
        super().__init__(conf=planned.file, item=planned.item, skips=False, **arguments)
        self.planned = planned
        self.outcome: PlanOutcome | None = None
        """How it went; None before it ran."""
        self.extra_keyword_matches.update((planned.trunk.name, planned.trunk.carrier))

    def runtest(self) -> None:
        """Carry the login out; raise `TrunkDown` with the report where it is not what the plan expects."""
        from mockregistrar import run_planned
        from pytest_sipreg.carriers import derived_seed, with_sockets

        session = session_of(self.config)
        self.outcome = outcome = with_sockets(
            lambda: run_planned(
                self.planned,
                thread=session.thread,
                authority=session.authority,
                path=self._shown_path(),
                seed=derived_seed(session.settings.seed, self.nodeid),
            )
        )
        self.login = outcome.login
        if not outcome.ok:
            raise TrunkDown(self._failure())

    def told(self, outcome: str) -> dict[str, Any]:
        """Return what the summary is to know of this trunk."""
        found = super().told(outcome)
        judged = self.outcome
        if judged is not None:
            login = judged.login
            why = judged.headline if not judged.ok or judged.state != "registered" else ""
            step = next((s for s in (login.steps if login else ()) if "granted" in s), "")
            if judged.state != "registered":
                found["findings"] = []  # that nothing is registered is as planned, whatever the reason
            found["planned"] = [self.name, judged.state, judged.ok, why or step]
        return found | {"kind": "planned", "unchecked": ""}

    def _headline(self) -> str:
        if self.outcome is not None and (self.item.reading.real is not None or self.item.kind == "ip-peer"):
            return self.outcome.headline
        return super()._headline()

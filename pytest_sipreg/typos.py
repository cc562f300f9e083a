"""Tests of a dialer's reports: the marker that runs a test with each kind of mistake, and what makes the mistake.

Which kinds there are is settled when tests are collected, from the dialect alone. So ids, order and number are the same
on every worker and in every run. The string is made when the test runs, from its account and its own seed; a kind that
this account cannot have skips the test.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from pytest_sipreg.options import nearest
from pytest_sipreg.plugin import TYPO, TYPOS
from pytest_sipreg.watching import Traffic, traffic_of

if TYPE_CHECKING:
    from mockregistrar import AccountTypo

FIXTURE = "sipreg_typo"
SECTION = "SIP typo"
_MAKING = ("config", "transport", "harmless")
"""Keywords that the making of a mistake takes too; the others choose among the kinds."""


# -- the marker ------------------------------------------------------------------------------------------------


def marked(node: pytest.Item) -> dict[str, Any]:
    """Return the arguments of the markers of a test by name, those of module, class and function over one another.

    Raises ValueError for an argument that there is not.
    """
    from mockregistrar import typo_kinds

    known = [*inspect.signature(typo_kinds).parameters]
    merged: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers(TYPOS))):
        if len(marker.args) > 1:
            raise ValueError('takes one dialect, and keywords: sipreg_typos("vicidial", kinds="password-*")')
        if not all(isinstance(dialect, str) for dialect in marker.args):
            raise ValueError(f"takes one dialect by name, not {marker.args[0]!r}")
        merged.update(zip(("dialect",), marker.args, strict=False))
        for name in marker.kwargs:
            if name not in known:
                raise ValueError(f"has no argument `{name}`{nearest(name, known)}")
        merged.update(marker.kwargs)
    return merged


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for the fixture `sipreg_typo` once for each kind of mistake that its markers name."""
    if FIXTURE not in metafunc.fixturenames:
        if any(marker.name == TYPOS for marker in metafunc.definition.own_markers):
            _fail(metafunc, f"takes a test that asks for the fixture `{FIXTURE}`: it holds the mistake")
        return  # marked as one of a class or module
    from mockregistrar import typo_kinds

    wrong = ""
    kinds: tuple[str, ...] = ()
    try:
        kinds = typo_kinds(**marked(metafunc.definition))
    except (ValueError, TypeError) as error:
        wrong = str(error)
    if wrong:  # said outside the `except`, so that pytest shows it alone
        _fail(metafunc, wrong)
    metafunc.parametrize(FIXTURE, kinds, ids=kinds, indirect=True)


def _fail(metafunc: pytest.Metafunc, text: str) -> None:
    pytest.fail(f"{metafunc.definition.nodeid}: @pytest.mark.{TYPOS} {text}", pytrace=False)


# -- the mistake -----------------------------------------------------------------------------------------------


def made(request: pytest.FixtureRequest) -> AccountTypo:
    """Return the mistake of this run of a test; skip the test where its account cannot have it."""
    __tracebackhide__ = True
    from mockregistrar import Account, DoesNotApply, account_typo
    from pytest_sipreg.carriers import derived_seed
    from pytest_sipreg.session import session_of

    item = request.node
    kind = getattr(request, "param", None)
    if kind is None:
        raise pytest.UsageError(f"the fixture `{FIXTURE}` takes a test function with @pytest.mark.{TYPOS}")
    given = marked(item)
    how = {name: given[name] for name in _MAKING if name in given}
    how["seed"] = derived_seed(session_of(item.config).settings.seed, item.nodeid)
    if "dialect" in given:
        how["dialect"] = given["dialect"]
    account = request.getfixturevalue("sipreg_typo_account")
    try:
        if isinstance(account, Account):
            found = account_typo(kind, account, **how)
            for watch in traffic_of(item).watches:
                watch.carrier.hide_typo(found)
        else:
            found = request.getfixturevalue("sipreg").typo(kind, account, **how)
    except DoesNotApply as error:
        pytest.skip(str(error))
    item.stash[TYPO] = found
    return found


# -- the report ------------------------------------------------------------------------------------------------


def attach(item: pytest.Item, report: pytest.TestReport) -> None:
    """Say in the report of a failed test which mistake it was, given secrets masked."""
    if report.failed and not any(name == SECTION for name, _ in report.sections):
        report.sections.append((SECTION, _section(item.stash[TYPO], traffic_of(item))))


def _section(found: AccountTypo, traffic: Traffic) -> str:
    from mockregistrar import TYPO_LOGINS, Masker, explain

    line = found.span.line
    was, now = (text.split("\n") for text in (found.right, found.text))
    changed = now[line - 1] if line <= len(now) else ""
    right = was[line - 1] if line <= len(was) else ""
    lines = [f"{found.kind}: {found.description}"]
    lines += [f"  right  {right}", f"  given  {changed}"]
    lines += [f"         {' ' * (found.span.column - 1)}{'^' * max(1, found.span.length)}"]
    lines += [f"  {found.dialect}: {TYPO_LOGINS[found.login]} ({found.login})"]
    parsed = explain(found.text, dialect=found.dialect, form=found.form).parsed
    lines += [f"  {f.code}  {f.message}" for f in parsed.findings if f.severity == "error"][:1]
    text = "\n".join(lines)
    if not traffic:  # of a carrier that nobody watches: it may be anybody's secret
        return Masker([found.account.secret or ""]).text(text)
    for watch in traffic.watches:
        text = watch.carrier.masker.text(text)
    return text

"""The entry point: options, marker, fixtures and hooks, each a few lines that lead elsewhere when they are needed.

Every pytest run on a machine imports this module, so it imports nothing but pytest and what pytest has imported
already. What the hooks do lives in the sibling modules, and Twisted behind those; a run without SIP loads neither.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mockregistrar import Account, AccountTypo, CarrierSettings, MockRegistrar, TestAuthority
    from pytest_sipreg.carriers import Factory
    from pytest_sipreg.items import TrunkTest
    from pytest_sipreg.session import SipSession
    from pytest_sipreg.watching import Traffic

MARKER = "sipreg"
TYPOS = "sipreg_typos"
SESSION: pytest.StashKey[SipSession] = pytest.StashKey()
"""What lasts for the run; there from the first use on."""
WATCHES: pytest.StashKey[Traffic] = pytest.StashKey()
"""On an item: the carriers whose traffic belongs to it."""
TRUNK: pytest.StashKey[TrunkTest] = pytest.StashKey()
"""On an item that is a trunk: itself."""
TYPO: pytest.StashKey[AccountTypo] = pytest.StashKey()
"""On an item that is given a string with a mistake: the mistake."""
CURRENT: pytest.StashKey[pytest.Item] = pytest.StashKey()
"""On the config: the item that runs."""
_SEED: pytest.StashKey[int] = pytest.StashKey()

_LONG_OPTIONS = (
    "--sipreg",
    "--sipreg-accounts",
    "--sipreg-advertise",
    "--sipreg-artifacts",
    "--sipreg-bind",
    "--sipreg-carrier",
    "--sipreg-config",
    "--sipreg-persona",
    "--sipreg-port",
    "--sipreg-seed",
    "--sipreg-strict",
    "--sipreg-trace",
    "--sipreg-transports",
)
_ENVIRONMENT = (
    "SIPREG_ACCOUNTS",
    "SIPREG_ADVERTISE",
    "SIPREG_BIND",
    "SIPREG_CARRIER",
    "SIPREG_PERSONA",
    "SIPREG_PORT",
    "SIPREG_SEED",
)
_INI = (
    "sipreg",
    "sipreg_accounts",
    "sipreg_advertise",
    "sipreg_bind",
    "sipreg_carrier",
    "sipreg_config_file",
    "sipreg_files",
    "sipreg_persona",
    "sipreg_strict",
    "sipreg_timeout",
    "sipreg_trace",
    "sipreg_transports",
)
_MARKER_LINE = (
    "sipreg(*, bind, transports, timeout, strict, **settings): settings of the mock SIP carriers that this test's "
    "fixtures start: where to listen, the default time of waits in seconds, whether malformed traffic fails the test, "
    "and any field of mockregistrar.CarrierSettings (min_expires=30, persona='kamailio', faults=['drop REGISTER "
    "first=2'], ...). persona='*' runs the test once for each persona. Markers of module, class and function are "
    "merged. It starts no carrier by itself."
)
_TYPOS_LINE = (
    "sipreg_typos(dialect='asterisk-chan_sip', *, kinds='*', without=(), config=False, transport='udp', "
    "harmless=False): run this test once for each kind of mistake that people make in a registration string of that "
    "dialect; the fixture sipreg_typo holds the string with the mistake, and what becomes of the login with it. kinds "
    "and without are ids or globs ('password-*', ['*-missing', 'wide-at']); config is about a whole config; harmless "
    "adds mistakes with which the trunk logs in all the same. Ids are the same in every run, and hold no data."
)


# -- options ---------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and their twins in the ini file."""
    group = parser.getgroup("sipreg", "mock SIP carrier (sipreg)")
    group.addoption(
        "--sipreg",
        action="store_true",
        default=None,
        help="Collect SIP configs and the trunks of sipreg.toml as tests: one per trunk.",
    )
    for name, metavar, text in (
        ("accounts", "FILE", "CSV of the accounts that the carrier really has; configs are checked against it."),
        ("advertise", "HOST", "Host that registration strings show, e.g. when the client runs in a container."),
        ("artifacts", "DIR", "Write what was seen in each failing test to DIR: .txt, .jsonl and .pcap."),
        ("bind", "ADDR", "Address that carriers listen at; default 127.0.0.1."),
        (
            "carrier",
            "NAME",
            "Which [carrier.NAME] of sipreg.toml the fixtures' carriers are; default: the only one there.",
        ),
        ("config", "FILE", "Carrier settings as for `mockregistrar serve --config`; default sipreg.toml in rootdir."),
        ("persona", "LIST", "Personas that carriers take on, e.g. kamailio,no-stale; see `mockregistrar personas`."),
        ("port", "N", "Port that carriers listen at (TLS at the next one); default 0: a free one each time."),
        ("seed", "N", "Seed of everything random; a failing test shows the one it had."),
        (
            "transports",
            "LIST",
            "Transports to listen on, e.g. udp,tcp,tls; by default TLS opens when it is first used.",
        ),
    ):
        group.addoption(f"--sipreg-{name}", metavar=metavar, default=None, help=text)
    group.addoption(
        "--sipreg-trace",
        choices=("failed", "all", "none"),
        default=None,
        help="Which tests show their SIP traffic: those that failed (default), all, none.",
    )
    group.addoption(
        "--sipreg-strict", action="store_true", default=None, help="Malformed traffic fails the test it came in."
    )
    parser.addini("sipreg", "Collect SIP configs as tests, as --sipreg does.", type="bool", default=False)
    parser.addini(
        "sipreg_files",
        "SIP configs to collect: names anywhere, or globs relative to rootdir; default sip.conf sip-*.conf sip_*.conf "
        "pjsip.conf pjsip_wizard.conf sipreg.toml.",
        type="args",
        default=[],
    )
    parser.addini("sipreg_strict", "As --sipreg-strict.", type="bool", default=False)
    parser.addini("sipreg_timeout", "Default of every wait for the carrier, in seconds; 15 unless set.", default="")
    for name in ("accounts", "advertise", "bind", "carrier", "persona", "trace", "transports"):
        parser.addini(f"sipreg_{name}", f"As --sipreg-{name}.", default="")
    parser.addini("sipreg_config_file", "As --sipreg-config.", default="")


def pytest_load_initial_conftests(args: list[str]) -> None:
    """Answer a mistyped option with the nearest one, before the parser only says that it does not know it."""
    for argument in args:
        if argument.startswith("--sipreg") and argument.partition("=")[0] not in _LONG_OPTIONS:
            from pytest_sipreg.options import unknown_option

            raise unknown_option(argument.partition("=")[0], _LONG_OPTIONS)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; check what was given to sipreg, if anything was."""
    config.addinivalue_line("markers", _MARKER_LINE)
    config.addinivalue_line("markers", _TYPOS_LINE)
    if _anything_given(config):
        from pytest_sipreg.session import session_of

        session_of(config).check(_INI)


def _anything_given(config: pytest.Config) -> bool:
    option = config.option
    return (
        any(getattr(option, name[2:].replace("-", "_"), None) is not None for name in _LONG_OPTIONS)
        or any(name.startswith(MARKER) for name in ini_names(config))
        or any(name in os.environ for name in _ENVIRONMENT)
    )


def ini_names(config: pytest.Config) -> list[str]:
    """Return the names that stand in the ini file, known to pytest or not."""
    names = getattr(config, "_inicfg", None)  # pytest 9 deprecates the public name, and offers no other
    return list(config.inicfg if names is None else names)


def collecting(config: pytest.Config) -> bool:
    """Whether SIP configs are collected as tests in this run."""
    return bool(config.getoption("sipreg", None) or config.getini("sipreg"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of the reactor thread."""
    session = config.stash.get(SESSION, None)
    if session is not None:
        session.close()


# -- what is said about the run --------------------------------------------------------------------------------


def pytest_report_header(config: pytest.Config) -> str | None:
    """One line, and only where sipreg was asked for something."""
    session = config.stash.get(SESSION, None)
    if session is None:
        return None
    from pytest_sipreg.summary import header

    return header(session)


def pytest_report_collectionfinish(config: pytest.Config) -> str | None:
    """Say how many trunks were found."""
    session = config.stash.get(SESSION, None)
    if session is None or not collecting(config):
        return None
    from pytest_sipreg.summary import found

    return found(session)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many trunks come up, and what else there is to know of their files."""
    session = config.stash.get(SESSION, None)
    if session is not None and collecting(config):
        from pytest_sipreg.summary import write_summary

        write_summary(terminalreporter, session)


# -- xdist: one seed for all, and the counts back ----------------------------------------------------------------


def drawn_seed(config: pytest.Config) -> int:
    """Return the seed of a run that was given none: drawn once, on the controller where there are workers."""
    handed: dict[str, int] = getattr(config, "workerinput", {})
    if "sipreg_seed" in handed:
        return handed["sipreg_seed"]
    return config.stash.setdefault(_SEED, int.from_bytes(os.urandom(4), "big") % 1_000_000)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the run's seed to a worker."""
    node.workerinput["sipreg_seed"] = drawn_seed(node.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker found."""
    session = node.config.stash.get(SESSION, None)
    if session is not None:
        session.take(getattr(node, "workeroutput", {}).get("sipreg"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the controller what was found."""
    ours = session.config.stash.get(SESSION, None)
    output = getattr(session.config, "workeroutput", None)
    if ours is not None and output is not None:
        output["sipreg"] = ours.found


# -- collection ------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Choose the SIP configs of this run; without --sipreg, only say that a named one needs it."""
    if collecting(session.config):
        from pytest_sipreg.configs import choose

        choose(session)
    elif any(".conf" in argument or ".toml" in argument for argument in session.config.args):
        from pytest_sipreg.configs import needs_flag

        needs_flag(session)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take a file that was chosen as a SIP config."""
    session = parent.config.stash.get(SESSION, None)
    if session is None or session.selection is None or not session.selection.takes(file_path):
        return None
    if file_path.suffix == ".toml":
        from pytest_sipreg.plans import PlanFile

        return PlanFile.from_parent(parent, path=file_path)
    from pytest_sipreg.items import ConfigFile

    node: pytest.Collector = ConfigFile.from_parent(parent, path=file_path)
    return node


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked ``persona="*"`` once for each persona, one marked `sipreg_typos` once for each mistake."""
    if next(metafunc.definition.iter_markers(MARKER), None) is not None:
        from pytest_sipreg.carriers import parametrize

        parametrize(metafunc)
    if next(metafunc.definition.iter_markers(TYPOS), None) is not None:
        from pytest_sipreg import typos

        typos.parametrize(metafunc)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Make a collection error of a marker with an unknown keyword."""
    outcome: Any = yield
    report = outcome.get_result()
    for node in report.result or ():
        if isinstance(node, pytest.Item) and next(node.iter_markers(MARKER), None) is not None:
            from pytest_sipreg.carriers import marker_mistakes

            mistakes = marker_mistakes(report.result)
            if mistakes:
                report.outcome, report.longrepr, report.result = "failed", mistakes, []
            return


# -- running ---------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note where the traffic of this test begins in the carriers that outlive it."""
    item.config.stash[CURRENT] = item
    session = item.config.stash.get(SESSION, None)
    if session is not None:
        session.begin(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Put what the carriers saw into the report, and the mistake in the string that the test was given."""
    outcome: Any = yield
    if TYPO in item.stash:
        from pytest_sipreg.typos import attach as attach_typo

        attach_typo(item, outcome.get_result())
    if item.stash.get(WATCHES, None):
        from pytest_sipreg.report import attach

        attach(item, outcome.get_result())
    elif item.stash.get(TRUNK, None) is not None:
        from pytest_sipreg.report import attach_login

        attach_login(item, outcome.get_result())


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Fail a test in which the carrier itself failed, or a fault touched nothing, after everything is torn down."""
    if item.stash.get(WATCHES, None):
        from pytest_sipreg.report import verify

        verify(item)


# -- fixtures --------------------------------------------------------------------------------------------------


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """Put what is SIP into the fixture `faker`, if it is the one of Faker's own plugin."""
    outcome: Any = yield
    if fixturedef.argname == "faker" and fixturedef.func.__module__ == "faker.contrib.pytest.plugin":
        from pytest_sipreg.made_up import equip

        if outcome.excinfo is None:
            equip(outcome.get_result(), request)


@pytest.fixture(scope="session")
def sipreg_config(pytestconfig: pytest.Config) -> CarrierSettings:
    """Settings of every carrier, from command line, environment, ini file and sipreg.toml.

    Override it in conftest.py to change them: ``return sipreg_config.changed(min_expires=1)``.
    """
    from pytest_sipreg.session import session_of

    return session_of(pytestconfig).settings


@pytest.fixture
def sipreg_persona(request: pytest.FixtureRequest) -> str | None:
    """Name of the persona of this run of a test marked ``sipreg(persona="*")``; None without that mark."""
    return getattr(request, "param", None)


@pytest.fixture(scope="session")
def sipreg_tls(pytestconfig: pytest.Config) -> TestAuthority:
    """Certificate authority that signs the TLS certificates of all carriers; ``sipreg_tls.ca_pem`` is to be trusted."""
    from pytest_sipreg.session import session_of

    return session_of(pytestconfig).authority.made


@pytest.fixture
def sipreg(request: pytest.FixtureRequest, sipreg_config: CarrierSettings) -> Iterator[MockRegistrar]:
    """A running mock SIP carrier on a free port of 127.0.0.1, fresh for this test."""
    __tracebackhide__ = True
    from pytest_sipreg.carriers import Carriers

    carriers = Carriers(request.node, sipreg_config)
    try:
        yield carriers.start("sipreg")
    finally:
        carriers.close()


@pytest.fixture
def make_sipreg(
    request: pytest.FixtureRequest, sipreg_config: CarrierSettings
) -> Iterator[Callable[..., MockRegistrar]]:
    """Start as many mock SIP carriers as a test needs: ``make_sipreg(**settings)``; all are closed behind it."""
    __tracebackhide__ = True
    from pytest_sipreg.carriers import Carriers

    carriers = Carriers(request.node, sipreg_config)

    def make(**settings: Any) -> MockRegistrar:
        __tracebackhide__ = True
        return carriers.start("make_sipreg", **settings)

    try:
        yield make
    finally:
        carriers.close()


@pytest.fixture
def sipreg_typo_account() -> Account | str:
    """Account that ``sipreg_typo`` is about; by default ``trunk1`` at the test's own carrier, made up to suit.

    Override it to return another name, or an account of yours: ``return sipreg.add_account("trunk1", grant=5)``.
    """
    return "trunk1"


@pytest.fixture
def sipreg_typo(request: pytest.FixtureRequest) -> AccountTypo:
    """The mistake of this run of a test marked `sipreg_typos`: ``text`` is the registration string with it.

    ``right`` is the string without, ``description`` and ``span`` say what is wrong and where, ``login`` what becomes
    of the login (``refused``, ``no-answer``, ``not-sent``), ``account`` whose it is.
    """
    __tracebackhide__ = True
    from pytest_sipreg.typos import made

    return made(request)


@pytest.fixture(scope="session")
def sipreg_factory(pytestconfig: pytest.Config, sipreg_config: CarrierSettings) -> Iterator[Factory]:
    """Start mock SIP carriers for the whole session, at a fixed address: ``sipreg_factory.start(**settings)``.

    For clients that are too slow to start for each test. What such a carrier sees in a test is in that test's report.
    """
    __tracebackhide__ = True
    from pytest_sipreg.carriers import Factory

    factory = Factory(pytestconfig, sipreg_config)
    try:
        yield factory
    finally:
        factory.close()

"""What lasts for a whole run: its options, its seed, one reactor thread, one certificate authority.

Made when something of sipreg is first used. The thread is started by the first carrier and held until the end of the
run, so that each test starts a carrier and not a reactor.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_sipreg.plugin import SESSION, WATCHES, drawn_seed
from pytest_sipreg.watching import Traffic, Watch

if TYPE_CHECKING:
    from mockregistrar import AccountSpec, CarrierSettings, ReactorThread, TestAuthority
    from pytest_sipreg.configs import Selection
    from pytest_sipreg.options import Options


def session_of(config: pytest.Config) -> SipSession:
    """Return what lasts for the run of `config`, made now if need be."""
    session = config.stash.get(SESSION, None)
    if session is None:
        session = config.stash[SESSION] = SipSession(config)
    return session


class SipSession:
    """One run of pytest, as far as sipreg is concerned."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.selection: Selection | None = None
        self.authority = LazyAuthority()
        self.lasting: list[Watch] = []
        """The carriers of `sipreg_factory` that run, watched from their start."""
        self.found: dict[str, int] = {"trunks": 0, "files": 0}
        """How many trunks were collected, out of how many files."""
        self.said_found = False
        """Whether that was said; under xdist the summary has to."""
        self._options: Options | None = None
        self._settings: CarrierSettings | None = None
        self._accounts: tuple[AccountSpec, ...] | None = None
        self._thread: ReactorThread | None = None

    # -- what was asked for ------------------------------------------------------------------------------------

    def check(self, ini_names: Iterable[str]) -> None:
        """Raise `pytest.UsageError` for anything given that cannot be used."""
        from pytest_sipreg.options import check_ini_names

        check_ini_names(self.config, ini_names)
        if (self.options.config, self.options.advertise, self.options.persona) != (None, None, None):
            self.settings  # noqa: B018 - raises
        self.accounts  # noqa: B018 - raises

    @property
    def options(self) -> Options:
        """What was given on the command line, in the environment and in the ini file."""
        if self._options is None:
            from pytest_sipreg.options import options_of

            self._options = options_of(self.config)
        return self._options

    @property
    def settings(self) -> CarrierSettings:
        """Settings of every carrier before `sipreg_config` is asked; their seed is that of the run."""
        if self._settings is None:
            from pytest_sipreg.options import settings_of

            settings = settings_of(self.options, self.config.rootpath)
            if settings.seed is None:
                settings = settings.changed(seed=drawn_seed(self.config))
            self._settings = settings
        return self._settings

    @property
    def accounts(self) -> tuple[AccountSpec, ...] | None:
        """The accounts of ``--sipreg-accounts``; None where there is no such file."""
        path = self.options.accounts
        if path is not None and self._accounts is None:
            from mockregistrar import SettingsError, load_accounts_csv

            try:
                text = path.read_text(encoding="utf-8-sig")
                self._accounts = load_accounts_csv(text, path.name, needs_networks=False)
            except (SettingsError, OSError, UnicodeDecodeError) as error:
                raise pytest.UsageError(f"{self.options.given['accounts']}: {error}") from None
        return self._accounts

    # -- what runs ---------------------------------------------------------------------------------------------

    @property
    def thread(self) -> ReactorThread:
        """The reactor thread of this run, started now if need be."""
        if self._thread is None:
            from mockregistrar import ReactorThread

            thread = ReactorThread()
            thread.hold()
            self._thread = thread
        return self._thread

    def begin(self, item: pytest.Item) -> None:
        """Start the traffic of a test: with what the lasting carriers see from here on."""
        if self.lasting or WATCHES in item.stash:
            item.stash[WATCHES] = Traffic([watch.from_now() for watch in self.lasting])

    def close(self) -> None:
        """Let go of the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.release()

    # -- xdist -------------------------------------------------------------------------------------------------

    def take(self, found: dict[str, int] | None) -> None:
        """Take what a worker collected; all workers collect the same."""
        for name, number in (found or {}).items():
            self.found[name] = max(self.found.get(name, 0), number)


class LazyAuthority:
    """The certificate authority of a run, made when TLS is first used, and on whichever thread that happens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: TestAuthority | None = None

    @property
    def made(self) -> TestAuthority:
        """The authority itself."""
        with self._lock:
            if self._made is None:
                from mockregistrar import TestAuthority

                self._made = TestAuthority()
            return self._made

    def __getattr__(self, name: str) -> Any:
        return getattr(self.made, name)

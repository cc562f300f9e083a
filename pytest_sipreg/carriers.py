"""Carriers for fixtures: settings from the marker, a seed of the test's own, a start that explains its failure."""

from __future__ import annotations

import hashlib
import socket
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from pytest_sipreg.options import listen_of, nearest, transports_of
from pytest_sipreg.plugin import CURRENT, MARKER, WATCHES
from pytest_sipreg.session import SipSession, session_of
from pytest_sipreg.watching import Watch, traffic_of

if TYPE_CHECKING:
    from mockregistrar import CarrierSettings, MockRegistrar

_OWN = ("bind", "transports", "timeout", "strict")
"""Keywords besides the fields of `CarrierSettings`."""
EVERY = "*"
"""The persona of a marker that stands for all of them."""
PERSONA = "sipreg_persona"
"""The fixture that holds the one of this run."""
_BLOCKED = (
    "pytest-socket keeps the mock SIP carrier from opening its sockets on 127.0.0.1: mark the test with "
    "@pytest.mark.enable_socket, or run with --allow-hosts=127.0.0.1"
)


def _known(settings: type[CarrierSettings]) -> list[str]:
    return [*(name for name in settings.__dataclass_fields__ if name != "explicit"), *_OWN]


def derived_seed(seed: int | None, name: str, number: int = 0) -> int:
    """Return the seed of carrier `number` of the test `name`: the same in any order, selection or worker."""
    text = f"{seed}\0{name}\0{number}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")


# -- the marker ------------------------------------------------------------------------------------------------


def marked(item: pytest.Item) -> dict[str, Any]:
    """Return the keywords of the markers of a test, those of module, class and function put over one another."""
    merged: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers(MARKER))):
        merged.update(marker.kwargs)
    return merged


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each persona, where its markers come to ``persona="*"``; those of sipreg.toml included."""
    if marked(metafunc.definition).get("persona") != EVERY:
        return
    from mockregistrar import PERSONAS

    own = session_of(metafunc.config).settings.personas
    names = [*PERSONAS, *(persona.name for persona in own)]
    if PERSONA not in metafunc.fixturenames:
        metafunc.fixturenames.append(PERSONA)
    metafunc.parametrize(PERSONA, names, ids=names, indirect=True)


def marker_mistakes(nodes: Iterable[object]) -> str:
    """Return what is wrong with the markers of collected tests, a line for each mistake; nothing where all is well."""
    from mockregistrar import CarrierSettings

    known = _known(CarrierSettings)
    mistakes: dict[str, str] = {}
    for node in nodes:
        if not isinstance(node, pytest.Item):
            continue
        for marker in node.iter_markers(MARKER):
            if marker.args:
                mistakes.setdefault("takes keywords only, e.g. sipreg(min_expires=30)", node.nodeid)
            for name in marker.kwargs:
                if name not in known:
                    mistakes.setdefault(f"has no setting `{name}`{nearest(name, known)}", node.nodeid)
    return "\n".join(f"{nodeid}: @pytest.mark.{MARKER} {text}" for text, nodeid in mistakes.items())


# -- starting --------------------------------------------------------------------------------------------------


def checked(base: object) -> CarrierSettings:
    """Return what the fixture `sipreg_config` returned, if it can be used."""
    __tracebackhide__ = True
    from mockregistrar import CarrierSettings

    if not isinstance(base, CarrierSettings):
        raise TypeError(
            f"the fixture sipreg_config returned {type(base).__name__}, not CarrierSettings; "
            "return sipreg_config.changed(...)"
        )
    return base


def start(
    session: SipSession, base: CarrierSettings, given: dict[str, Any], sources: dict[str, str], seed: int, label: str
) -> Watch:
    """Start a carrier with `base` and what was `given` over it; return the watch of it.

    Raises `SettingsError` for what cannot be used.
    """
    __tracebackhide__ = True
    from mockregistrar import CarrierSettings, MockRegistrar, SettingsError

    settings = dict(given)
    timeout = settings.pop("timeout", session.options.timeout)
    strict = settings.pop("strict", session.options.strict)
    transports, bind = settings.pop("transports", None), settings.pop("bind", None)
    settings.setdefault("seed", seed)
    known = _known(CarrierSettings)
    for name in settings:
        if name not in known:
            raise SettingsError(name, f"no such setting{nearest(name, known)}")
    final = base.changed(**settings)
    if transports is not None or bind is not None:
        try:
            names = None if transports is None else transports_of(transports)
        except ValueError as error:
            raise SettingsError("transports", str(error)) from None
        final = final.changed(listen=listen_of(final.listen, names, bind, None))
    carrier = MockRegistrar(final, timeout=timeout, thread=session.thread, authority=session.authority)
    with_sockets(carrier.start)
    return Watch(carrier, label, base, sources, strict=strict)


def with_sockets(action: Any) -> Any:
    """Return what `action` returns; where pytest-socket keeps it from opening sockets, say what lifts that."""
    __tracebackhide__ = True
    try:
        return action()
    except Exception:
        guard = sys.modules.get("pytest_socket")
        if guard is None or socket.socket.__module__ != guard.__name__:
            raise
        kind = guard.SocketBlockedError
        error = kind.__new__(kind)  # its __init__ warns, and takes another text in each version
        error.args = (_BLOCKED,)
    raise error


class Carriers:
    """The carriers that one fixture starts for one test, none yet; `base` is what `sipreg_config` says."""

    def __init__(self, item: pytest.Item, base: CarrierSettings) -> None:
        __tracebackhide__ = True
        self._item = item
        self._base = checked(base)
        self._session = session_of(item.config)
        self._started: list[Watch] = []

    def start(self, label: str, **settings: Any) -> MockRegistrar:
        """Start one more carrier with the marker's settings, and with `settings` over these."""
        __tracebackhide__ = True
        marker = marked(self._item)
        if marker.get("persona") == EVERY:
            marker["persona"] = self._persona()
        sources = {**dict.fromkeys(marker, "marker"), **dict.fromkeys(settings, label)}
        traffic = traffic_of(self._item)
        number = sum(watch.label != Factory.label for watch in traffic.watches)
        seed = derived_seed(self._base.seed, self._item.nodeid, number)
        watch = start(self._session, self._base, {**marker, **settings}, sources, seed, label)
        self._started.append(watch)
        traffic.watches.append(watch)
        return watch.carrier

    def _persona(self) -> str:
        """Return the persona of this run of a test that runs with every one."""
        from mockregistrar import SettingsError

        params = getattr(getattr(self._item, "callspec", None), "params", {})
        if PERSONA not in params:
            raise SettingsError("persona", "`*` takes a test function; a method of unittest.TestCase runs once")
        name: str = params[PERSONA]
        return name

    def close(self) -> None:
        """Keep what the carriers saw, and stop them."""
        _stop(self._started)


class Factory:
    """Starts carriers that last for the whole session, each at an address that stays."""

    label = "sipreg_factory"

    def __init__(self, config: pytest.Config, base: CarrierSettings) -> None:
        __tracebackhide__ = True
        self._config = config
        self._base = checked(base)
        self._session = session_of(config)
        self._started: list[Watch] = []

    def start(self, **settings: Any) -> MockRegistrar:
        """Return a carrier that runs until the end of the session; settings as for the marker ``sipreg(...)``."""
        __tracebackhide__ = True
        seed = derived_seed(self._base.seed, self.label, len(self._started))
        sources = dict.fromkeys(settings, self.label)
        watch = start(self._session, self._base, settings, sources, seed, self.label)
        self._started.append(watch)
        self._session.lasting.append(watch)
        item = self._config.stash.get(CURRENT, None)
        if item is not None:
            traffic_of(item).watches.append(watch.from_now())
        return watch.carrier

    def close(self) -> None:
        """Stop all carriers, after what the running test saw of them is kept."""
        item = self._config.stash.get(CURRENT, None)
        traffic = item.stash.get(WATCHES, None) if item is not None else None
        ours = {id(watch.carrier) for watch in self._started}
        for watch in traffic.watches if traffic is not None else ():
            if id(watch.carrier) in ours:
                watch.keep()
        self._session.lasting = [watch for watch in self._session.lasting if id(watch.carrier) not in ours]
        for watch in self._started:
            watch.carrier.stop()


def _stop(watches: list[Watch]) -> None:
    """Keep what each carrier saw and stop it; all are stopped whatever one of them does."""
    with ExitStack() as stack:
        for watch in watches:
            stack.callback(watch.carrier.stop)
            stack.callback(watch.keep)

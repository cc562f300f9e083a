"""What a carrier is told before it starts: the one dataclass behind `serve`, fixture and TOML.

Everything here is a frozen value that is checked when it is made, so that a wrong setting is
answered where it was written, before a socket is opened.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import compress
from operator import attrgetter, ne
from typing import TYPE_CHECKING, Any

from mockregistrar.carrier.checking import (
    CHECKS,
    CHOICES,
    EXPIRES_LIMIT,
    LOWEST,
    LOWEST_IF_GIVEN,
    TRANSPORTS,
    SettingsError,
    check_access,
    check_networks,
    check_text,
    nearest,
    one_of,
)
from mockregistrar.sip.digest import ALGORITHMS
from mockregistrar.sip.flow import format_address

if TYPE_CHECKING:
    from mockregistrar.carrier.personas import Persona

NOT_SETTINGS = ("explicit",)
"""Fields of `CarrierSettings` that nobody sets by name."""


@dataclass(frozen=True, slots=True)
class ListenSpec:
    """One place to listen at, written ``TRANSPORT:HOST:PORT`` (an IPv6 host in brackets)."""

    transport: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str, setting: str = "listen") -> ListenSpec:
        """Return the place that `text` names; raise `SettingsError` saying which part is wrong."""
        match = re.fullmatch(r"([A-Za-z]+):(\[[^\]]*\]|[^:\[\]]*):(\d+)", text)
        if not match:
            raise SettingsError(setting, f"{text!r} is not TRANSPORT:HOST:PORT, e.g. udp:127.0.0.1:5060 or tls:[::1]:0")
        transport, host, port = match[1].lower(), match[2].strip("[]"), int(match[3])
        one_of(setting, transport, TRANSPORTS)
        if port > 65535:
            raise SettingsError(setting, f"port {port} in {text!r} is above 65535")
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise SettingsError(
                setting, f"{host!r} in {text!r} is not an IP address; a listener binds an address, e.g. 127.0.0.1"
            ) from None
        return cls(transport, host, port)

    def __str__(self) -> str:
        return f"{self.transport}:{format_address((self.host, self.port))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSpec:
    """One account as the carrier has it. Without `secret` and `ha1` it can only be let in by address."""

    user: str
    """User part of the AOR, unescaped."""
    secret: str | None = field(default=None, repr=False)
    """The password; with neither this nor `ha1` the account is let in by its address alone."""
    ha1: Mapping[str, str] | None = field(default=None, repr=False)
    """Digest algorithm to H(user:realm:secret) in hex, for systems that store only the hash."""
    auth_user: str | None = None
    """Digest user name; the user itself when None."""
    domain: str = ""
    """Domain of the AOR; empty means any domain the carrier serves."""
    networks: tuple[str, ...] = ()
    """Addresses or CIDR networks the account may come from; empty means the carrier's own list."""
    access: str | None = None
    """``digest``, ``ip``, ``both`` or ``either``; None takes the carrier's."""
    min_expires: int | None = None
    """Shortest expiry granted, in seconds; None takes the carrier's."""
    max_expires: int | None = None
    """Longest expiry granted, in seconds; None takes the carrier's."""
    grant: int | None = None
    """Seconds granted whatever is asked (never more than asked), below any minimum too."""
    max_contacts: int | None = None
    """Contacts kept; None takes the carrier's."""
    made_up: bool = False
    """Whether the secret was made up by us, and so may be shown."""

    def __post_init__(self) -> None:
        if not self.user:
            raise SettingsError("user", "an account needs a user name")
        for name in ("user", "domain", "auth_user"):
            check_text(name, getattr(self, name))
        check_access("access", self.access)
        check_networks("networks", self.networks)
        for name, low in (("min_expires", 0), ("max_expires", 1), ("grant", 1), ("max_contacts", 1)):
            value = getattr(self, name)
            if value is not None and not low <= value <= EXPIRES_LIMIT:
                raise SettingsError(name, f"{value} is not between {low} and {EXPIRES_LIMIT}")
        for algorithm, value in (self.ha1 or {}).items():
            if algorithm not in ALGORITHMS:
                raise SettingsError("ha1", f"{algorithm!r} is not a digest algorithm{nearest(algorithm, ALGORITHMS)}")
            if not re.fullmatch(r"[0-9a-f]+", value):
                raise SettingsError("ha1", "is not lower-case hex")

    @property
    def effective_auth_user(self) -> str:
        """The digest user name that this account logs in with."""
        return self.user if self.auth_user is None else self.auth_user

    @property
    def has_credentials(self) -> bool:
        """Whether a digest can be checked for this account at all."""
        return self.secret is not None or bool(self.ha1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierSettings:
    """Everything that can be said about a carrier before it starts.

    The defaults are the default persona: what real clients can live with.
    """

    name: str = "carrier"
    """Name of the carrier, for reports and file names."""
    listen: tuple[ListenSpec, ...] = (ListenSpec("udp", "127.0.0.1", 0), ListenSpec("tcp", "127.0.0.1", 0))
    """Where to listen. Port 0 lets the system choose; UDP and TCP on one host then share the number."""
    advertise: str | None = None
    """Host that registration strings and certificates show; the listening host when None."""
    domains: tuple[str, ...] = ()
    """Domains served; without one every host name is served."""
    realm: str | None = None
    """Digest realm; the first domain, else the advertised host, when None."""
    accounts: tuple[AccountSpec, ...] = field(default=(), repr=False)
    """The accounts it has."""
    allow: tuple[str, ...] = ()
    """Source addresses or CIDR networks that are let in."""
    deny: tuple[str, ...] = ()
    """Source addresses or CIDR networks that are refused; beats `allow`."""
    access: str | None = None
    """``digest``, ``ip``, ``both`` or ``either``. When None: ``both`` where there is an allow-list, else
    ``digest``; an account without a secret is always ``ip``."""
    refuse: str = "403"
    """What a source that is not let in gets: ``403`` or ``drop`` (silence)."""
    min_expires: int = 60
    """Shortest expiry granted, in seconds; see `short_expires`."""
    max_expires: int = 7200
    """Longest expiry granted, in seconds."""
    default_expires: int = 3600
    """Seconds granted to a REGISTER that asks for no expiry."""
    short_expires: str = "reject"
    """An expiry below the minimum: ``reject`` with 423 once the client is known, ``reject-first`` before it is
    challenged, or ``raise`` it silently."""
    algorithms: tuple[str, ...] = ("MD5",)
    """Digest algorithms offered, one challenge each, in this order (:rfc:`8760`)."""
    qop: tuple[str, ...] = ("auth",)
    """``auth``, ``auth-int``, both, or ``none`` for challenges without qop (:rfc:`2069` style)."""
    nonce_ttl: float = 300.0
    """Seconds of carrier time that a nonce is accepted."""
    max_contacts: int = 10
    """Contacts kept for one account."""
    wrong_password: str = "401"
    """Answer to a wrong password: ``401`` (challenge again), ``403``, or ``drop`` (silence)."""
    unknown_user: str = "401"
    """Answer to an unknown user: ``401`` (indistinguishable from a wrong password), ``403``, ``404``, or ``drop``."""
    path: bool = False
    """Whether Path is supported (:rfc:`3327`)."""
    outbound: bool = False
    """Whether outbound (``reg-id``, ``+sip.instance``) is supported (:rfc:`5626`); needs `path`."""
    service_route: tuple[str, ...] = ()
    """Route URIs sent in Service-Route with every 200 (:rfc:`3608`)."""
    server: str | None = None
    """Server header of every response; none when None."""
    challenge: str = "401"
    """How a REGISTER is challenged: ``401`` with WWW-Authenticate, or ``407`` with Proxy-Authenticate."""
    realm_rule: str = "fixed"
    """Which realm a challenge has: the ``fixed`` one, or the domain of each ``aor`` as the client wrote it."""
    algorithm_form: str = "token"
    """How a challenge names its algorithm: as a ``token`` (:rfc:`7616` 3.3), ``quoted``, or ``omitted``, which
    clients take for MD5."""
    stale: bool = True
    """Whether a right digest over an old nonce is told ``stale=true`` (:rfc:`7616` 3.3)."""
    nonce_use: str = "many"
    """How long a nonce is good while it is young: for ``many`` requests that count up nc, for ``once``, or only
    while it is the ``latest`` that the account was sent."""
    digest_uri: str = "resource"
    """What the digest must be over: the same ``resource`` as the Request-URI, or the ``exact`` Request-URI
    (:rfc:`7616` 3.4.6)."""
    unregister_challenge: str = "usual"
    """Whether a REGISTER that removes bindings is challenged: as ``usual``, ``always`` anew, or ``never``."""
    min_expires_step: int = 0
    """Seconds by which an account's minimum rises with each 423 it gets, up to `max_expires`."""
    grant: int | None = None
    """Seconds granted to every account whatever is asked, never more than asked; None grants what is asked."""
    grant_in: str = "contact"
    """Where a 200 tells the grant: in the ``contact`` parameter, in the Expires ``header``, ``both`` or ``neither``."""
    grant_shown: int | None = None
    """Seconds that a 200 tells in place of those granted; None tells the truth."""
    contact_answer: str = "echo"
    """The contacts of a 200: ``echo`` them as registered, ``rewrite`` them to where the request came from, as NAT
    helpers do, ``decode`` the percent-encoded characters of their user, or ``omit`` them."""
    foreign_contacts: tuple[str, ...] = ()
    """Contact URIs of somebody else that stand before the client's own in every 200."""
    contacts_joined: bool = False
    """Whether all contacts of a 200 stand in one Contact field, with commas between them."""
    date: bool = True
    """Whether a 200 has a Date header."""
    too_many_contacts: str = "403"
    """Answer to a contact above `max_contacts`: ``403`` or ``503``."""
    first_refused: int = 0
    """REGISTERs of each account that are refused at first, before it is challenged."""
    first_status: str = "503"
    """Status of those: ``403``, ``404``, ``408``, ``480``, ``500``, ``503``, or ``drop`` (silence)."""
    retry_after: int | None = None
    """Seconds in the Retry-After of every 503 to a REGISTER; None leaves the header out."""
    rate_limit: int = 0
    """REGISTERs of one source address in `rate_window` that are looked at; the others get 503. 0: no limit."""
    rate_window: int = 10
    """Seconds of carrier time that `rate_limit` counts over."""
    lockout_after: int = 0
    """Wrong passwords in a row after which an account is locked out. 0: never."""
    lockout_time: int = 300
    """Seconds of carrier time that a locked-out account gets 403, right password or not."""
    header_order: tuple[str, ...] = ()
    """Names of header fields that come first in a response, in this order; the others follow as usual."""
    compact_headers: bool = False
    """Whether responses have the compact header names (:rfc:`3261` 7.3.3)."""
    stale_always: bool = False
    """Whether every challenge that answers credentials says ``stale=true``, be the password wrong."""
    unknown_user_at_once: bool = False
    """Whether an unknown user gets its answer (`unknown_user`) before any challenge."""
    uri_user: str = "any"
    """A REGISTER whose Request-URI has a user part, which it must not (:rfc:`3261` 10.2): ``any`` user is let pass, or
    it gets ``404`` or ``drop`` (silence)."""
    cseq_rule: str = "call"
    """What CSeq must increase within: the ``call`` (Call-ID) that a binding was made in (:rfc:`3261` 10.3), each
    ``contact`` whatever the Call-ID, or all contacts of the ``account``."""
    expires_from: str = "contact"
    """Where the expiry asked for is looked for first: in the ``contact`` parameter, or in the Expires ``header``."""
    lockout_counts: str = "wrong-password"
    """What `lockout_after` counts: a ``wrong-password`` alone, or ``stale-too``: a right one over an old nonce."""
    first_hop_outbound: bool = True
    """Whether the first hop supports outbound. Where not, a REGISTER that asks for outbound (``reg-id``) gets 439."""
    pub_gruu: bool = False
    """Whether a contact with ``+sip.instance`` is given a ``pub-gruu`` (:rfc:`5627`), to which nothing is routed."""
    via_rport: str = "right"
    """What the Via of a response to a REGISTER tells in ``rport``: the ``right`` source port, one that is ``changing``
    with each response, or ``none``."""
    to_tag: bool = True
    """Whether responses to a REGISTER have a tag in To, as they must (:rfc:`3261` 8.2.6.2)."""
    pong: bool = True
    """Whether the keep-alive of a connection is answered (:rfc:`5626` 3.5.1)."""
    grant_delay: float = 0.0
    """Seconds of wire time that a 200 to a REGISTER comes late; what is repeated meanwhile gets no answer."""
    trying: bool = False
    """Whether a 200 that comes late is announced by 100 Trying (which :rfc:`4320` forbids before 3.5 s)."""
    qualify: int = 0
    """Seconds of carrier time between two OPTIONS pings of each bound contact. 0: none."""
    qualify_with: str = "options"
    """What a ping is: ``options``, or over UDP ``zeros``, four zero octets that nobody answers."""
    qualify_timeout: float = 3.0
    """Seconds of wire time in which a contact has to answer a ping, up to 32 (timer F)."""
    qualify_remove: bool = False
    """Whether a contact that does not answer a ping is removed."""
    persona: tuple[str | Persona, ...] = ()
    """The carrier it behaves as: names of personas, later ones over earlier ones; settings given by name win."""
    personas: tuple[Persona, ...] = ()
    """Personas of your own, which `persona` may name besides the presets."""
    history_messages: int = 2000
    """Messages kept in the history."""
    history_bytes: int = 2 << 20
    """Octets of messages kept in the history."""
    history_records: int = 2000
    """Binding changes kept in the history, and as many refusals and other records."""
    faults: tuple[str, ...] = ()
    """Faults that are on from the start, e.g. ``drop REGISTER from trunk1 first=2``."""
    seed: int | None = None
    """Seed of nonces, tags and made-up secrets; drawn when None."""
    explicit: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Names of the settings that were given to `changed`, be it their default: no persona overrides them."""

    def __post_init__(self) -> None:
        if self.persona:
            self._take_on()
        said = self._said()
        if not said:  # the defaults hold, as the tests know
            return
        for name, value in said.items():
            if name in CHOICES:
                one_of(name, value, CHOICES[name])
            elif name in LOWEST or (name in LOWEST_IF_GIVEN and value is not None):
                low = LOWEST[name] if name in LOWEST else LOWEST_IF_GIVEN[name]
                if not low <= value <= EXPIRES_LIMIT:
                    raise SettingsError(name, f"{value} is not between {low} and {EXPIRES_LIMIT}")
            elif name in CHECKS:
                CHECKS[name](name, value)
        if self.algorithm_form == "omitted" and self.algorithms != ("MD5",):
            raise SettingsError("algorithm_form", 'omitted means MD5 to clients: it needs algorithms = ["MD5"] alone')
        if not self.min_expires <= self.max_expires:
            raise SettingsError("min_expires", f"{self.min_expires} is above max_expires {self.max_expires}")
        if self.trying and not self.grant_delay:
            raise SettingsError("trying", "announces a 200 that comes late: it needs grant_delay, e.g. 0.7")
        if self.unknown_user_at_once and self.unknown_user == "401":
            raise SettingsError("unknown_user_at_once", "needs unknown_user = 403, 404 or drop; 401 is a challenge")
        if not self.first_hop_outbound and not self.outbound:
            raise SettingsError("first_hop_outbound", "is about outbound: it needs outbound = true and path = true")
        if self.outbound and not self.path:
            raise SettingsError("outbound", "needs path = true (RFC 5626 section 6)")

    def _said(self) -> dict[str, Any]:
        """Return what is not at its default: all there is to check, and in most carriers next to nothing."""
        values = _values_of(self)
        if values == _DEFAULTS:
            return {}
        return dict(compress(zip(_NAMES, values, strict=True), map(ne, values, _DEFAULTS)))

    def _take_on(self) -> None:
        """Let the personas say what nobody said by name: what is still at its default and not explicit."""
        from mockregistrar.carrier.personas import combined  # most carriers have none

        defaults = dict(zip(_NAMES, _DEFAULTS, strict=True))
        for name, value in combined(self.persona, self.personas).items():
            if name not in self.explicit and getattr(self, name) == defaults[name]:
                object.__setattr__(self, name, value)  # before anybody has seen it

    @property
    def taken_on(self) -> frozenset[str]:
        """Names of the settings that are what the persona says."""
        if not self.persona:
            return frozenset()
        from mockregistrar.carrier.personas import combined

        knobs = combined(self.persona, self.personas)
        return frozenset(name for name, value in knobs.items() if getattr(self, name) == value)

    def changed(self, **overrides: Any) -> CarrierSettings:
        """Return these settings with `overrides`; an unknown name raises with the nearest known one.

        What is given here by name, now or before, beats what a persona says.
        """
        if not overrides:
            return self
        for name in overrides:
            if name not in _NAMES or name in NOT_SETTINGS:
                known = [known for known in _NAMES if known not in NOT_SETTINGS]
                raise SettingsError(name, f"no such setting{nearest(name, known)}")
        values = {name: normalised(name, value) for name, value in overrides.items()}
        explicit = tuple(dict.fromkeys((*self.explicit, *overrides)))
        if self.persona and "persona" in overrides:  # what the former one said goes with it
            from mockregistrar.carrier.personas import combined

            defaults = dict(zip(_NAMES, _DEFAULTS, strict=True))
            for name, value in combined(self.persona, self.personas).items():
                if name not in explicit and getattr(self, name) == value:
                    values[name] = defaults[name]
        return _copied(self, {**values, "explicit": explicit})


_NAMES = tuple(f.name for f in fields(CarrierSettings))
_DEFAULTS: tuple[Any, ...] = tuple(f.default for f in fields(CarrierSettings))
_values_of: Callable[[CarrierSettings], tuple[Any, ...]] = attrgetter(*_NAMES)
_PUTTERS = tuple(getattr(CarrierSettings, name).__set__ for name in _NAMES)


def _copied(settings: CarrierSettings, values: dict[str, Any]) -> CarrierSettings:
    """Return what `dataclasses.replace` would, in half the time: each test makes its settings of others."""
    made = object.__new__(CarrierSettings)
    for put, value in zip(_PUTTERS, _values_of(settings), strict=True):
        put(made, value)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    made.__post_init__()
    return made


_TUPLES = frozenset(
    {
        "listen", "domains", "allow", "deny", "algorithms", "qop", "service_route", "accounts", "foreign_contacts",
        "header_order", "persona", "personas", "faults",
    }
)  # fmt: skip


def normalised(name: str, value: Any) -> Any:
    """Return the value of a setting from the loose forms people write: one string for a list of one, 403 for "403"."""
    if name in _TUPLES:
        value = tuple(value) if isinstance(value, Iterable) and not isinstance(value, (str, Mapping)) else (value,)
    if name == "listen":
        return tuple(ListenSpec.parse(v) if isinstance(v, str) else v for v in value)
    if name == "accounts":
        return tuple(account_from(v) for v in value)
    if name == "faults":
        return tuple(map(str, value))
    if name in CHOICES and type(value) is int:
        return str(value)
    return value


def account_from(value: AccountSpec | Mapping[str, Any] | str) -> AccountSpec:
    """Return the account that `value` describes: a spec, a mapping of its fields, or ``USER[:SECRET]``."""
    if isinstance(value, AccountSpec):
        return value
    if isinstance(value, str):
        user, colon, secret = value.partition(":")
        return AccountSpec(user=user, secret=secret if colon else None)
    known = [f.name for f in fields(AccountSpec) if f.name != "made_up"]
    for name in value:
        if name not in known:
            raise SettingsError(name, f"no such account field{nearest(name, known)}")
    given = dict(value)
    if "networks" in given:
        networks = given["networks"]
        given["networks"] = (networks,) if isinstance(networks, str) else tuple(networks)
    if isinstance(given.get("ha1"), str):
        given["ha1"] = {"MD5": given["ha1"]}
    if given.get("secret") is False:
        given["secret"] = None
    return AccountSpec(**given)

"""What a carrier is told before it starts: the one dataclass behind `serve`, fixture and TOML.

Everything here is a frozen value that is checked when it is made, so that a wrong setting is
answered where it was written, before a socket is opened.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from mockregistrar.sip.digest import ALGORITHMS
from mockregistrar.sip.flow import format_address

if TYPE_CHECKING:
    from mockregistrar.carrier.personas import Persona

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

TRANSPORTS = ("udp", "tcp", "tls")
ACCESS = ("digest", "ip", "both", "either")
REFUSE = ("403", "drop")
SHORT_EXPIRES = ("reject", "reject-first", "raise")
QOPS = ("auth", "auth-int", "none")
_CHOICES = {
    "refuse": REFUSE,
    "short_expires": SHORT_EXPIRES,
    "wrong_password": ("401", "403", "drop"),
    "unknown_user": ("401", "403", "404", "drop"),
    "challenge": ("401", "407"),
    "realm_rule": ("fixed", "aor"),
    "algorithm_form": ("token", "quoted", "omitted"),
    "nonce_use": ("many", "once", "latest"),
    "digest_uri": ("resource", "exact"),
    "unregister_challenge": ("usual", "always", "never"),
    "grant_in": ("contact", "header", "both", "neither"),
    "contact_answer": ("echo", "rewrite", "decode", "omit"),
    "too_many_contacts": ("403", "503"),
    "cseq_rule": ("call", "contact", "account"),
    "uri_user": ("any", "404", "drop"),
    "via_rport": ("right", "changing", "none"),
    "lockout_counts": ("wrong-password", "stale-too"),
    "expires_from": ("contact", "header"),
    "qualify_with": ("options", "zeros"),
    "first_status": ("403", "404", "408", "480", "500", "503", "drop"),
}
"""The settings that are a choice, with what they may be."""
_LOWEST = {
    "min_expires": 0,
    "max_expires": 1,
    "default_expires": 1,
    "max_contacts": 1,
    "history_messages": 0,
    "history_bytes": 0,
    "history_records": 0,
    "min_expires_step": 0,
    "first_refused": 0,
    "rate_limit": 0,
    "rate_window": 1,
    "lockout_after": 0,
    "lockout_time": 1,
    "qualify": 0,
}
"""The settings that are whole numbers, with the least they may be."""
_LOWEST_IF_GIVEN = {"grant": 1, "grant_shown": 0, "retry_after": 0}
NOT_SETTINGS = ("explicit",)
"""Fields of `CarrierSettings` that nobody sets by name."""
_TIMER_F, _LONGEST_WAIT = 32.0, 60.0
EXPIRES_LIMIT = 2**32 - 1
"""The largest expiry that the grammar of :rfc:`3261` 20.19 lets a client ask for, in seconds."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and says what would do."""

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"{setting}: {message}")
        self.setting = setting
        self.message = message

    def __reduce__(self) -> tuple[type[SettingsError], tuple[str, str]]:
        return type(self), (self.setting, self.message)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean `x`?"`` for the known name closest to `name`, or an empty string."""
    import difflib  # here, since most settings are right

    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def one_of(setting: str, value: str, allowed: Iterable[str]) -> str:
    """Return `value` if it is among `allowed`; raise `SettingsError` with the choices otherwise."""
    choices = tuple(allowed)
    if value not in choices:
        raise SettingsError(setting, f"{value!r} is not one of {', '.join(choices)}{nearest(str(value), choices)}")
    return value


def parse_network(setting: str, text: str) -> Network:
    """Return the network that `text` (an address or CIDR) names; host bits are an error."""
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise SettingsError(setting, f"{text!r} is not an address or CIDR network ({error})") from None


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
            value = getattr(self, name)
            if value is not None and any(ord(c) < 32 or ord(c) == 127 for c in value):
                raise SettingsError(name, f"{value!r} holds a control character")
        if self.access is not None:
            one_of("access", self.access, ACCESS)
        for network in self.networks:
            parse_network("networks", network)
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
        for name, allowed in _CHOICES.items():
            one_of(name, getattr(self, name), allowed)
        if self.access is not None:
            one_of("access", self.access, ACCESS)
        for setting in ("allow", "deny"):
            for network in getattr(self, setting):
                parse_network(setting, network)
        if not self.algorithms:
            raise SettingsError("algorithms", f"needs at least one of {', '.join(ALGORITHMS)}")
        for algorithm in self.algorithms:
            one_of("algorithms", algorithm, ALGORITHMS)
        if not self.qop or ("none" in self.qop and len(self.qop) > 1):
            raise SettingsError("qop", "is auth, auth-int, both, or none alone")
        for value in self.qop:
            one_of("qop", value, QOPS)
        for name, low in _LOWEST.items():
            if not low <= getattr(self, name) <= EXPIRES_LIMIT:
                raise SettingsError(name, f"{getattr(self, name)} is not between {low} and {EXPIRES_LIMIT}")
        for name, low in _LOWEST_IF_GIVEN.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= EXPIRES_LIMIT:
                raise SettingsError(name, f"{value} is not between {low} and {EXPIRES_LIMIT}")
        if self.algorithm_form == "omitted" and self.algorithms != ("MD5",):
            raise SettingsError("algorithm_form", 'omitted means MD5 to clients: it needs algorithms = ["MD5"] alone')
        if not self.min_expires <= self.max_expires:
            raise SettingsError("min_expires", f"{self.min_expires} is above max_expires {self.max_expires}")
        if not self.nonce_ttl > 0:
            raise SettingsError("nonce_ttl", "is the seconds a nonce lives, above 0")
        if not 0 < self.qualify_timeout <= _TIMER_F:
            raise SettingsError("qualify_timeout", f"is above 0 and up to {_TIMER_F:g} seconds")
        if not 0 <= self.grant_delay <= _LONGEST_WAIT:
            raise SettingsError("grant_delay", f"is from 0 to {_LONGEST_WAIT:g} seconds")
        if self.trying and not self.grant_delay:
            raise SettingsError("trying", "announces a 200 that comes late: it needs grant_delay, e.g. 0.7")
        if self.unknown_user_at_once and self.unknown_user == "401":
            raise SettingsError("unknown_user_at_once", "needs unknown_user = 403, 404 or drop; 401 is a challenge")
        if not self.first_hop_outbound and not self.outbound:
            raise SettingsError("first_hop_outbound", "is about outbound: it needs outbound = true and path = true")
        if self.outbound and not self.path:
            raise SettingsError("outbound", "needs path = true (RFC 5626 section 6)")
        for name in ("realm", "server", "advertise"):
            value = getattr(self, name)
            if value is not None and any(ord(c) < 32 or ord(c) == 127 for c in value):
                raise SettingsError(name, f"{value!r} holds a control character")
        for route in self.service_route:
            if not re.fullmatch(r"<[^<>\x00-\x1f\x7f]+>[^<>\x00-\x1f\x7f]*|[^<>\x00-\x1f\x7f ]+", route):
                raise SettingsError("service_route", f"{route!r} is not a route, e.g. <sip:edge.example;lr>")
        for name, pattern, example in (
            ("foreign_contacts", r"sips?:[^<>,\x00-\x20\x7f]+", "a SIP URI, e.g. sip:100@192.0.2.99:5060"),
            ("header_order", r"[A-Za-z0-9.!%*_+`'~-]+", "the name of a header field"),
        ):
            for text in getattr(self, name):
                if not re.fullmatch(pattern, text):
                    raise SettingsError(name, f"{text!r} is not {example}")
        for domain in self.domains:
            if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:.]+", domain):
                raise SettingsError("domains", f"{domain!r} is not a host name or address")
        if self.faults:
            self._check_faults()
        seen: set[tuple[str, str]] = set()
        for account in self.accounts:
            key = (account.user, account.domain.lower())
            if key in seen:
                raise SettingsError("accounts", f"account {account.user!r} is there twice")
            seen.add(key)

    def _take_on(self) -> None:
        """Let the personas say what nobody said by name: what is still at its default and not explicit."""
        from mockregistrar.carrier.personas import combined  # most carriers have none

        defaults = _defaults()
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

    def _check_faults(self) -> None:
        from mockregistrar.faults import FaultError, FaultSpec  # here, as most carriers have none

        try:
            for text in self.faults:
                FaultSpec.parse(text)
        except FaultError as error:
            raise SettingsError("faults", error.line) from None

    def changed(self, **overrides: Any) -> CarrierSettings:
        """Return these settings with `overrides`; an unknown name raises with the nearest known one.

        What is given here by name, now or before, beats what a persona says.
        """
        known = [f.name for f in fields(self) if f.name not in NOT_SETTINGS]
        for name in overrides:
            if name not in known:
                raise SettingsError(name, f"no such setting{nearest(name, known)}")
        values = {name: normalised(name, value) for name, value in overrides.items()}
        explicit = tuple(dict.fromkeys((*self.explicit, *overrides)))
        if self.persona and "persona" in overrides:  # what the former one said goes with it
            from mockregistrar.carrier.personas import combined

            defaults = _defaults()
            for name, value in combined(self.persona, self.personas).items():
                if name not in explicit and getattr(self, name) == value:
                    values[name] = defaults[name]
        return replace(self, explicit=explicit, **values)


def _defaults() -> dict[str, Any]:
    return {f.name: f.default for f in fields(CarrierSettings)}


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
    if name in _CHOICES and type(value) is int:
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

"""Made-up SIP things for tests, as a provider for Faker: users, secrets, carriers, trunks, configs, and their typos.

``fake.add_provider(SipProvider)``; under pytest with Faker's plugin, the fixture `faker` has it already. Everything
depends on the seed of the generator only, and on no locale. No name, number or address is anybody's: domains end in
``.example`` (:rfc:`2606`), addresses are those for documentation (:rfc:`5737`), numbers those kept for fiction.

Theory of operation. What is made for a dialect is proven before it is given back: it is written in the dialect and read
again as that system reads it. What cannot be written, or would be read as something else, is drawn anew, plainer from
turn to turn, and a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from string import ascii_letters, digits
from typing import Any, TypeVar

from faker.providers import BaseProvider

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.typos import KINDS, DoesNotApply, Typo, typo, typos

_SPECIAL = "@:/;#?\" \\'()[]<>{}&%$=~,!|`*^+-."
"""What some dialect or other gives a meaning to in a password."""
_DRAWS = 24
_SAMPLE = Trunk("100", "sip.carrier.example", secret="kD7mXWq2x")
_PORTS = {"udp": (5060, 5080), "tcp": (5060, 5080), "tls": (5061,), "wss": (8089, 7443), "ws": (8088,)}
"""The transports, the usual one first, and the ports for them."""
_T = TypeVar("_T")

_BEGINNINGS = ("Bel", "Cor", "Dal", "Fen", "Gar", "Hol", "Ist", "Jar", "Kel", "Lor", "Mer", "Nor", "Ost", "Pal", "Quin")
_ENDINGS = ("aby", "andel", "ava", "egon", "ena", "erby", "idon", "illo", "imar", "ona", "oran", "orva", "uvio", "ynth")
_TRADES = ("Telecom", "Voice", "Networks", "Trunking", "SIP", "Communications", "Tel")
_SERVERS = ("sip", "sip1", "sip2", "voip", "trunk", "gw", "edge1", "proxy", "registrar", "pbx")
_NUMBERS = (
    ("+121255501", 2),  # in every area of North America, 555-0100 to 555-0199
    ("+141555501", 2),
    ("+170255501", 2),
    ("+442079460", 3),  # Ofcom, for drama
    ("+441632960", 3),
    ("+447700900", 3),
    ("+3319900", 4),  # ARCEP, for audiovisual works
    ("+3363998", 4),
    ("+493023125", 3),  # Bundesnetzagentur, for drama
    ("+498999998", 3),
)
"""How numbers begin that are kept for fiction, and how many digits are free behind that."""


class SipProvider(BaseProvider):
    """Users, secrets, carriers, trunks, registration strings and configs of telephony, and mistakes in them.

    A `dialect` is any name or alias of `mockregistrar.trunks.dialects`, such as ``asterisk`` or ``freeswitch``.
    """

    def sip_user(self) -> str:
        """A user name as carriers give them out: a number, a number with a suffix, or a word."""
        shape = self._one(("###", "####", "######", "########", "#######e0", "######_sub#", "trunk#", "dialer##"))
        return self._filled(shape)

    def sip_extension(self) -> str:
        """An extension of two to four digits."""
        return self._filled(self._one(("##", "###", "####")))

    def sip_secret(self, dialect: str | None = None, nasty: bool = False) -> str:
        """A secret of letters and digits.

        A nasty one holds characters that have a meaning in the dialect, as far as the dialect has a way to write them
        all; with no dialect, characters that have a meaning anywhere. Raises ValueError for a dialect that is not
        written, or that can write none of them.
        """
        length = self._random.randint(10, 14)
        plain = "".join(self._random.choices(ascii_letters + digits, k=length))
        if not nasty:
            return plain
        if dialect is None:
            return self._spiced(plain, self._some(tuple(_SPECIAL), self._random.randint(2, 4)))
        writable, careful = _special_characters(dialect)
        if not writable:
            raise ValueError(f"{dialect} has a way to write none of {_SPECIAL}")
        for _ in range(_DRAWS):
            chosen = {self._one(careful or writable), *self._some(writable, self._random.randint(1, 3))}
            secret = self._spiced(plain, sorted(chosen))
            if _proven(dialect, _sample(dialect, secret)) is not None:
                return secret
        return self._spiced(plain, [self._one(careful or writable)])

    def sip_domain(self) -> str:
        """A domain, always under ``.example``."""
        return f"{self._stem().lower()}.example"

    def sip_host(self, address: bool = False) -> str:
        """The name of a carrier's server, always under ``.example``; or an IPv4 address for documentation."""
        if address:
            return f"{self._one(('192.0.2', '198.51.100', '203.0.113'))}.{self._random.randint(1, 254)}"
        return f"{self._one(_SERVERS)}.{self.sip_domain()}"

    def sip_carrier(self) -> str:
        """The name of a carrier."""
        return f"{self._stem()} {self._one(_TRADES)}"

    def sip_number(self) -> str:
        """A telephone number in the form of E.164, from the ranges that are kept for fiction."""
        beginning, free = self._one(_NUMBERS)
        return beginning + "".join(self._random.choices(digits, k=free))

    def sip_trunk(self, dialect: str | None = None, nasty: bool = False, **fields: Any) -> Trunk:
        """A trunk; `fields` are those of `Trunk` that are to have a value of yours.

        With a dialect, one that can be written in it and is read again as the same login, in all its fields where the
        dialect can tell them. `nasty` is about its secret, as in `sip_secret`. Raises CannotRender where your values
        cannot be written, ValueError for a dialect that is not written.
        """
        if dialect is None:
            return self._drawn(None, 0, nasty, fields)
        for turn in range(_DRAWS):
            drawn = self._drawn(dialect, turn, nasty, fields)
            proven = _proven(dialect, drawn)
            if proven is None:
                continue
            lasting = proven if _proven(dialect, proven) == proven else drawn
            if all(getattr(lasting, name) == value for name, value in fields.items()):
                return lasting
        registry.render(dialect, drawn)  # raises where your values cannot be written
        raise CannotRender("", f"{dialect} reads another trunk than the one with this {', '.join(fields)}")

    def sip_registration_string(
        self,
        dialect: str = "asterisk-chan_sip",
        trunk: Trunk | None = None,
        nasty: bool = False,
    ) -> str:
        """What is pasted into that system for a trunk, by default for one that is made up.

        Raises CannotRender where the dialect has no way to write it, ValueError for a dialect that is not written.
        """
        return registry.render(dialect, trunk or self.sip_trunk(dialect, nasty))

    def sip_config(
        self,
        dialect: str = "asterisk-sip.conf",
        trunk: Trunk | None = None,
        nasty: bool = False,
    ) -> str:
        """A whole client config for a trunk, by default for one that is made up; raises as the string does."""
        return registry.render_config(dialect, trunk or self.sip_trunk(dialect, nasty))

    def sip_typo(self, text: str, dialect: str, kind: str | None = None) -> Typo:
        """The text with one mistake in it, of any kind or of the one named in `mockregistrar.trunks.typos.KINDS`.

        Raises `DoesNotApply`, which is a ValueError, where the text cannot have it.
        """
        if kind is not None:
            return typo(kind, text, dialect, self._random)
        tried = (self._tried(each, text, dialect) for each in self._some(tuple(KINDS), len(KINDS)))
        found = next((each for each in tried if each is not None), None)
        if found is None:
            raise DoesNotApply("any kind", f"no mistake can be made in this text of {dialect}")
        return found

    def sip_typos(self, text: str, dialect: str) -> tuple[Typo, ...]:
        """The text with a mistake of each kind that it can have, in the order of `KINDS`."""
        return typos(text, dialect, self._random)

    # --- drawing

    def _tried(self, kind: str, text: str, dialect: str) -> Typo | None:
        try:
            return typo(kind, text, dialect, self._random)
        except DoesNotApply:
            return None

    @property
    def _random(self) -> Any:
        return self.generator.random

    def _one(self, found: Sequence[_T]) -> _T:
        chosen: _T = self._random.choice(found)
        return chosen

    def _some(self, found: Sequence[_T], number: int) -> list[_T]:
        chosen: list[_T] = self._random.sample(found, min(number, len(found)))
        return chosen

    def _stem(self) -> str:
        return self._one(_BEGINNINGS) + self._one(_ENDINGS)

    def _filled(self, shape: str) -> str:
        """A shape with digits for its `#`; the first is never 0, which a number may lose."""
        first, *others = shape.split("#")
        return first + "".join(self._one(digits if i else digits[1:]) + rest for i, rest in enumerate(others))

    def _spiced(self, plain: str, special: Sequence[str]) -> str:
        """The secret with these characters inside, none at its ends, where a blank would be lost."""
        found = list(plain)
        for character in special:
            found.insert(self._random.randint(2, len(found) - 2), character)
        return "".join(found)

    def _drawn(self, dialect: str | None, turn: int, nasty: bool, fields: dict[str, Any]) -> Trunk:
        """A trunk with all that trunks can have at first, plainer with each turn."""
        user = self.sip_user()
        ways = _transports(dialect) if dialect is not None else ("udp", "tcp", "tls")
        transport = ways[0] if turn > _DRAWS // 2 else self._one((ways[0], *ways))
        made: dict[str, Any] = {
            "user": user,
            "host": self.sip_host(),
            "secret": self.sip_secret(dialect, nasty),
            "transport": transport,
            "port": _PORTS[transport][0],
        }
        if turn <= _DRAWS // 2:
            made["expiry"] = self._one((120, 300, 600, 1800, 3600))
            made["extension"] = self._one(("s", user, self.sip_extension()))
        if turn <= _DRAWS // 4:
            made["auth_user"] = self._one(("", "", f"{user}{self._one('tx')}{self._one(digits)}"))
            made["domain"] = self._one(("", "", self.sip_domain()))
            made["port"] = self._one((made["port"], *_PORTS[transport]))
        return Trunk(**{**made, **fields})


def _proven(dialect: str, trunk: Trunk) -> Trunk | None:
    """A trunk as its dialect reads it after writing it; None where it is not written, or comes out as another login."""
    try:
        text = registry.render(dialect, trunk)
    except CannotRender:
        return None
    parsed = registry.named(dialect).parse(text)
    if not parsed.ok or parsed.worst == "error" or len(parsed.registrations) != 1:
        return None
    read = parsed.registrations[0].trunk
    return read if _login(read) == _login(trunk) else None


def _login(trunk: Trunk) -> tuple[str, ...]:
    return trunk.user, trunk.secret, trunk.host, trunk.effective_auth_user, trunk.aor_host


@lru_cache(maxsize=64)
def _transports(dialect: str) -> tuple[str, ...]:
    """The transports that a dialect can be told to use, the usual one first. Raises as `registry.render` does."""
    found = [way for way in _PORTS if _proven(dialect, replace(_SAMPLE, transport=way, port=_PORTS[way][0]))]
    if not found:
        registry.render(dialect, _SAMPLE)
    return tuple(found) or ("udp",)


def _sample(dialect: str, secret: str = _SAMPLE.secret) -> Trunk:
    """A trunk that the dialect can write, with that secret."""
    transport = _transports(dialect)[0]
    return replace(_SAMPLE, secret=secret, transport=transport, port=_PORTS[transport][0])


@lru_cache(maxsize=64)
def _special_characters(dialect: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which special characters a dialect has a way to write inside a password, and which of them need an escape."""
    plain = registry.render(dialect, _sample(dialect))
    writable = {}
    for character in _SPECIAL:
        trunk = _sample(dialect, _SAMPLE.secret.replace("X", character))
        if _proven(dialect, trunk) is not None:
            writable[character] = registry.render(dialect, trunk) != plain.replace(_SAMPLE.secret, trunk.secret)
    return tuple(writable), tuple(character for character, careful in writable.items() if careful)

"""The tables of the consoles: `sip show registry`, `iax2 show registry`, `pjsip show registrations`, `sofia status`.

A row is known by its shape, so that a single row without its header is read as well. The columns are of fixed width and
cut what is longer; the header tells the width, where it was not lost on the way. What is cut is left out of the
registration, and said.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mockregistrar.trunks.model import Severity, Span
from mockregistrar.trunks.parsed import Registration

from . import states
from .states import State
from .told import Told, from_uris

CHAN_SIP, IAX2, PJSIP, FREESWITCH = (
    "asterisk-chan_sip",
    "asterisk-iax2",
    "asterisk-pjsip.conf",
    "freeswitch-gateway",
)

_SIP_WORDS = r"(?P<state>Unregistered|Request Sent|Auth\. Sent|Registered|Rejected|No Authentication|Failed|Timeout)"
_REGISTRY_HEADER = re.compile(r"\s*Host\s+(?P<dnsmgr>dnsmgr\s+)?Username\s+(?P<iax>Perceived\s+)?Refresh\s+State\b")
_IAX_ROW = re.compile(
    r"\s*(?P<host>\S{1,60})\s+(?P<dnsmgr>[YN])\s+(?P<user>\S{1,30})\s+(?:<Unregistered>|\S{1,60}:\d{1,5})\s+"
    rf"(?P<refresh>\d{{1,8}})\s+{_SIP_WORDS}\s*$"
)
_SIP_ROW = re.compile(
    r"\s*(?P<host>\S{1,60})\s+(?:(?P<dnsmgr>[YN])\s+)?(?P<user>\S(?:.{0,30}?\S)?)\s+"
    rf"(?P<refresh>\d{{1,8}})\s+{_SIP_WORDS}(?P<time>\s.{{0,60}}|)$"
)
_USER_WIDTHS = {CHAN_SIP: 12, IAX2: 10}
_COUNT = re.compile(r"\s*0 (?P<kind>SIP|IAX2) registrations\b", re.IGNORECASE)
_PJSIP_HEADER = re.compile(r"\s*(?:<Registration/ServerURI|\S{0,60}>\s*pjsip show registrations?\b)")
_PJSIP_NONE = re.compile(r"\s*(?:No objects found|Objects found: 0\b)")
_PJSIP_ROW = re.compile(
    r"\s*(?P<name>[^\s/<>:]{1,80})/(?P<uri>sips?:\S{1,120})\s+(?P<auth>\S{1,80})\s+"
    r"(?P<state>Registered|Unregistered|Rejected|Stopped|Stopping)\b"
    r"(?:\s*\(exp\.\s*(?P<seconds>\d{1,9})\s?s(?P<ago>\s+ago)?\))?"
)
_PJSIP_URI_WIDTH = 53
_DETAILS_HEADER = re.compile(r"\s*ParameterName\s+:\s*ParameterValue\b")
_DETAIL = re.compile(r"\s*(?P<key>[a-z_]{3,40})\s*:(?:\s+(?P<value>\S.*?))?\s*$")
_SOFIA_WORDS = "|".join(sorted(states.FREESWITCH, key=len, reverse=True))
_SOFIA_ROW = re.compile(
    rf"\s*(?P<name>\S{{1,80}})\s+gateway\s+(?P<uri>sips?:\S{{1,200}})\s+(?P<state>{_SOFIA_WORDS})\b(?P<rest>.{{0,60}})"
)
_SOFIA_FIELD = re.compile(
    r"(?P<key>Name|Profile|Scheme|Realm|Username|From|Exten|To|Proxy|Expires|State|Status)\s{1,20}(?P<value>\S.*?)\s*$"
)

_OVERDUE = 5
"""PJSIP shows `ago` for a moment at each refresh; above so many seconds nobody has answered."""


class Tables:
    """Reads lines that stand in a table, and knows under which header it is."""

    def __init__(self, told: Told, wanted: frozenset[str]) -> None:
        self.told = told
        self._wanted = wanted
        self._host_width = 39
        self.under = ""
        """The system whose header or command was seen last."""
        self._row: Registration | None = None
        self._details: dict[str, tuple[str, Span]] | None = None
        self._gateway: dict[str, str] = {}

    def takes(self, line: str, number: int) -> bool:
        """Read a line; False for one that is not part of a table."""
        return (
            self._registry(line, number)
            or self._pjsip(line, number)
            or self._detail(line, number)
            or self._sofia(line, number)
        )

    def done(self) -> None:
        """The text has ended."""
        self._settle()

    # --- sip show registry, iax2 show registry

    def _registry(self, line: str, number: int) -> bool:
        header = _REGISTRY_HEADER.match(line)
        if header is not None:
            self.under = IAX2 if header["iax"] else CHAN_SIP
            gap = 1 if header["dnsmgr"] and not header["iax"] else 2
            width = line.index("dnsmgr" if header["dnsmgr"] else "Username") - line.index("Host") - gap
            self._host_width = width if width in range(20, 60) else 39
            return True
        none = _COUNT.match(line)
        if none is not None:
            dialect = CHAN_SIP if none["kind"].upper() == "SIP" else IAX2
            self._say(dialect, states.NOTHING, _span(none, 0, number), "")
            return True
        row = _IAX_ROW.match(line)
        dialect = IAX2
        if row is None or self.under == CHAN_SIP:
            row, dialect = _SIP_ROW.match(line), CHAN_SIP
        if row is None or not (row["dnsmgr"] or self.under):
            return False
        host, port, cut = self._host(row["host"])
        user = row["user"]
        made = Registration(
            user=user,
            host=host,
            port=port,
            protocol="iax2" if dialect == IAX2 else None,
            span=_span(row, "host", number),
        )
        word = row["state"]
        more = [cut] if cut else []
        width = _USER_WIDTHS[dialect]
        if len(user) >= width:
            more.append(f"The user name may go on: the column ends after {width} characters.")
        time = row["time"].strip() if dialect == CHAN_SIP else ""
        if word == "Registered" and time:
            more.append(f"Here that was on {time}, and the refresh is every {row['refresh']} s.")
        table = states.CHAN_SIP if dialect == CHAN_SIP else states.IAX2
        where = f"{user} at {row['host']}: `{word}`."
        self._say(dialect, table[word], _span(row, "state", number), where, more, made)
        return True

    def _host(self, text: str) -> tuple[str | None, int | None, str]:
        """Host and port of the column, and what to say where it is cut."""
        host, colon, digits = text.rpartition(":")
        whole = bool(colon) and digits.isdecimal() and int(digits) < 65536
        if len(text) < self._host_width and whole:
            return host, int(digits), ""
        if whole:
            return host, None, f"The port may go on: the column ends after {self._host_width} characters."
        if len(text) < self._host_width:
            return text, None, ""
        return None, None, f"The host goes on: the column ends after {self._host_width} characters."

    # --- pjsip show registrations

    def _pjsip(self, line: str, number: int) -> bool:
        if _PJSIP_HEADER.match(line):
            self.under = PJSIP
            return True
        none = _PJSIP_NONE.match(line)
        if none is not None and self.under == PJSIP:
            self._say(PJSIP, states.NOTHING, _span(none, 0, number), "")
            return True
        row = _PJSIP_ROW.match(line)
        if row is None:
            return False
        self._settle()
        name, uri = row["name"], row["uri"]
        cut = len(uri) >= _PJSIP_URI_WIDTH - len(name)
        made = from_uris("", uri, _span(row, "name", number), name)
        more = []
        if cut:
            host = re.match(r"sips?:(?:[^@;]{0,120}@)?(\[[^\]]*\]|[^:;]+)(?=[:;])", uri)
            port = made.port if ";" in uri else None
            made = replace(made, host=host[1] if host else None, port=port, transport=None, server_uri=None)
            more.append("The URI is cut in this table: `pjsip show registration NAME` shows all of it.")
        state, ahead, severity = _pjsip_state(row["state"], row["seconds"], row["ago"] is not None)
        more += [ahead] if ahead else []
        said = f"`{row['state']}`."
        self._row = made
        self._say(PJSIP, state, _span(row, "state", number), f"{name} ({uri}): {said}", more, made, severity)
        return True

    def _detail(self, line: str, number: int) -> bool:
        if _DETAILS_HEADER.match(line):
            row = self._row
            self._settle()
            self._row, self._details, self.under = row, {}, PJSIP
            return True
        if self._details is None:
            return False
        found = _DETAIL.match(line)
        if found is not None:
            self._details[found["key"]] = (found["value"] or "", _span(found, "value", number))
            return True
        if line.strip(" =\t\r"):
            self._settle()
        return False

    def _settle(self) -> None:
        """What `pjsip show registration NAME` told is complete."""
        details, self._details = self._details or {}, None
        row, self._row = self._row, None
        if PJSIP not in self._wanted or not ("client_uri" in details or "server_uri" in details):
            return
        values = {key: value for key, (value, _) in details.items()}
        client, server = (values.get(key, "").replace("\\;", ";") for key in ("client_uri", "server_uri"))
        span = next(iter(details.values()))[1]
        made = from_uris(client, server, row.span if row and row.span else span, row.name if row else "")
        made = replace(
            made,
            extension=values.get("contact_user"),
            outbound_proxy=values.get("outbound_proxy"),
            expiry=_number(values.get("expiration")),
            retry_interval=_number(values.get("retry_interval")),
            max_retries=_number(values.get("max_retries")),
        )
        self.told.votes[PJSIP] += 1
        self.told.replaces(row, made)
        if made.max_retries == 0:
            message = "`max_retries` 0 is not for ever: the registration stops at the first failure."
            self.told.say("SR214", details["max_retries"][1], message, check="max_retries=10000")
        if made.expiry is not None and made.expiry <= 10:
            message = f"PJSIP refreshes 10 seconds before the end: with {made.expiry} it registers without a pause."
            self.told.say("SR215", details["expiration"][1], message, check="expiration=60")

    # --- sofia status, sofia status gateway NAME

    def _sofia(self, line: str, number: int) -> bool:
        row = _SOFIA_ROW.match(line)
        if row is not None:
            name = row["name"].rpartition("::")[2]
            made = replace(
                from_uris(row["uri"], "", _span(row, "name", number), name), register=row["state"] != "NOREG"
            )
            made = replace(made, client_uri=None)
            never = "(retry: NEVER)" in row["rest"]
            more = ["It is not tried again."] if never else []
            severity: Severity | None = "error" if never else None
            said = f"Gateway {name}: `{row['state']}`."
            self._say(
                FREESWITCH, states.FREESWITCH[row["state"]], _span(row, "state", number), said, more, made, severity
            )
            return True
        field = _SOFIA_FIELD.match(line)
        if field is None:
            return False
        if field["key"] == "Name":
            self._gateway = {}
        elif not self._gateway:
            return False
        self._gateway[field["key"]] = field["value"]
        word = field["value"].split()[0]
        if field["key"] == "State" and word in states.FREESWITCH and "Proxy" in self._gateway:
            self._gateway_state(word, Span(number, field.start("value") + 1, len(word)))
        elif field["key"] == "Status" and word == "DOWN" and self._gateway.get("State") in ("REGED", "NOREG"):
            span = Span(number, field.start("value") + 1, len(word))
            self._say(FREESWITCH, states.FREESWITCH["DOWN"], span, f"Gateway {self._gateway['Name']}: `DOWN`.")
        return True

    def _gateway_state(self, word: str, span: Span) -> None:
        values = self._gateway
        made = from_uris(values.get("To", ""), values["Proxy"], span, values["Name"])
        made = replace(
            made,
            user=made.user or values.get("Username"),
            realm=values.get("Realm"),
            extension=values.get("Exten"),
            expiry=_number(values.get("Expires")),
            register=word != "NOREG",
            client_uri=None,
            server_uri=None,
        )
        self._say(FREESWITCH, states.FREESWITCH[word], span, f"Gateway {values['Name']}: `{word}`.", (), made)

    def _say(
        self,
        dialect: str,
        state: State,
        span: Span,
        said: str,
        more: list[str] | tuple[str, ...] = (),
        made: Registration | None = None,
        severity: Severity | None = None,
    ) -> None:
        if dialect not in self._wanted:
            self.told.unwanted.setdefault(dialect, span)
            return
        self.told.votes[dialect] += 1
        message = " ".join(part for part in (said, state.means, *more) if part)
        self.told.say(state.code, span, message, check=state.check, causes=state.causes, severity=severity)
        if made is not None:
            self.told.registration(made)


def _pjsip_state(word: str, seconds: str | None, ago: bool) -> tuple[State, str, Severity | None]:
    """The state that a word and its `(exp. ...)` stand for, and what to say of the time."""
    number = int(seconds) if seconds else 0
    if word == "Registered":
        if ago and number > _OVERDUE:
            return states.PJSIP["Overdue"], f"It was due {number} s ago.", None
        return states.PJSIP[word], f"It is refreshed in {number} s." if seconds and not ago else "", None
    if word == "Rejected" and seconds and not ago:
        return states.PJSIP["Retried"], f"The next try is in {number} s.", None
    if word == "Unregistered" and seconds and not ago:
        return states.PJSIP[word], f"The next REGISTER is in {number} s.", None
    return states.PJSIP[word], "", None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,9}", text) else None


def _span(found: re.Match[str], group: str | int, number: int) -> Span:
    start, stop = found.span(group)
    if start < 0:
        return Span(number, found.end() + 1, 0)
    if group == 0:
        start += len(found[0]) - len(found[0].lstrip())
    return Span(number, start + 1, stop - start)

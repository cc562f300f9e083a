"""SIP.js in code or as JSON: `new SIP.UA({...})` before 0.16, `new UserAgent({...})` and `SimpleUser` since.

Theory of operation. The calls that make a user agent are looked for, and the Registerers that belong to them; a
SimpleUser is read as the user agent that it makes. Where there is none, an object with the options of one is read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks.model import Trunk
from mockregistrar.trunks.parsed import Notes, Parsed

from . import configuration, readers, signs, sipjs_before, sipjs_since, web_sockets
from .configuration import Options
from .js_literals import Program
from .literals import Call, Entry, Record, Unsettled, Value
from .sipjs_before import SYSTEM, Before
from .sipjs_since import Since
from .user_agents import EXPIRES, UserAgent

NAME = "sipjs"
ALIASES: tuple[str, ...] = ()
FORMS = ("code", "json")

_WORDS = re.compile(r"\bUA\b|Simple|UserAgent|SessionManager|authorization|wsServers|transportOptions|uri")


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    return signs.recognise(NAME, head)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the user agents in a program, or a configuration object. Never raises."""
    del path
    return readers.parsed(NAME, text, form, _WORDS, _agents)


def _agents(program: Program, notes: Notes, form: str) -> list[UserAgent]:
    first = program.first()
    if form == "json" or isinstance(first, Record):
        return [_bare(program, first, notes, form)] if isinstance(first, Record) else []
    agents: list[UserAgent] = []
    since: list[tuple[Call, Since]] = []
    for call in program.calls("UA", "Simple", "UserAgent", "SimpleUser", "SessionManager"):
        if not call.new:
            continue
        values = [program.settled(value) for value in call.arguments]
        if call.last in ("UA", "Simple"):
            agents += _before(program, values, notes, form)
        elif call.last == "UserAgent":
            ours = [value for value in values[:1] if isinstance(value, Record) and _ours(value)]
            since += [(call, Since(sipjs_since.LIBRARY, Options(program, record), notes, form)) for record in ours]
        elif len(values) > 1 and isinstance(values[1], Record):
            since.append((call, _simple(program, values[0], values[1], notes, form)))
    for call in program.calls("Registerer"):
        _registered(program, call, since)
    told = any(call.last == "register" for call in program.calls("register"))
    started = any(True for _ in program.calls("start", "connect"))
    for _, agent in since:
        agent.registers = True if (told if agent.simple else agent.registerer is not None) else None
        agent.silent = started and not told and agent.registers is None
        agents.append(agent)
    if agents:
        return agents
    names = ("authorizationUsername", "authorizationPassword", "authorizationUser", "wsServers", "transportOptions")
    return [_bare(program, record, notes, form) for record in program.records(names)]


def _ours(record: Record) -> bool:
    """Whether an object is for the UserAgent of SIP.js, and not for one of the many others of that name."""
    known = {*sipjs_since.LIBRARY.known[:6], *sipjs_since.LIBRARY.others, "wsServers"}
    return any(entry.name in known for entry in record.entries)


def _before(program: Program, values: list[Value], notes: Notes, form: str) -> list[UserAgent]:
    found: list[UserAgent] = []
    for value in values[:1]:
        inner = Options(program, value).get("ua") if isinstance(value, Record) else None  # SIP.WebRTC.Simple
        record = inner if isinstance(inner, Record) else value
        if isinstance(record, Record):
            found.append(Before(sipjs_before.LIBRARY, Options(program, record), notes, form))
    return found


def _simple(program: Program, server: Value, record: Record, notes: Notes, form: str) -> Since:
    """A SimpleUser as the user agent that it makes."""
    outer = Options(program, record)
    given = outer.get("userAgentOptions")
    inner = given if isinstance(given, Record) else Record((), record.span, open=isinstance(given, Unsettled))
    names = {entry.name for entry in inner.entries}
    entries = list(inner.entries)
    if "transportOptions" not in names:
        where = Record((Entry("server", server.span, server),), server.span)
        entries.append(Entry("transportOptions", server.span, where))
    aor = outer.get("aor")
    if "uri" not in names and aor is not None:
        entries.append(Entry("uri", aor.span, Call("UserAgent.makeURI", (aor,), aor.span)))
    made = replace(inner, entries=tuple(entries), span=record.span, start=record.start, stop=record.stop)
    agent = Since(sipjs_since.LIBRARY, Options(program, made), notes, form)
    agent.simple = True
    agent.registerer = outer.inner("registererOptions")
    return agent


def _registered(program: Program, call: Call, agents: list[tuple[Call, Since]]) -> None:
    """Give a Registerer's options to its user agent."""
    if not call.new or not call.arguments:
        return
    whose = program.settled(call.arguments[0])
    mine = [agent for made, agent in agents if isinstance(whose, Call) and made.start == whose.start]
    if not mine and len(agents) == 1:
        mine = [agents[0][1]]
    options = program.settled(call.arguments[1]) if len(call.arguments) > 1 else Record((), call.span)
    for agent in mine:
        record = options if isinstance(options, Record) else Record((), call.span, open=True)
        agent.registerer = Options(program, record)


def _bare(program: Program, record: Record, notes: Notes, form: str) -> UserAgent:
    """An object that no call is seen to use."""
    names = {entry.name for entry in record.entries}
    if "aor" in names or "userAgentOptions" in names:
        server = Options(program, record).get("server") or Unsettled(record.span)
        agent = _simple(program, server, record, notes, form)
    elif names & {"authorizationUsername", "authorizationPassword", "authorizationHa1"} or _has_server(program, record):
        agent = Since(sipjs_since.LIBRARY, Options(program, record), notes, form)
    else:
        return Before(sipjs_before.LIBRARY, Options(program, record), notes, form)
    agent.bare = True
    return agent


def _has_server(program: Program, record: Record) -> bool:
    inner = Options(program, record).inner("transportOptions")
    return inner is not None and inner.has("server")


def render(trunk: Trunk) -> str:
    """A program that registers. Raises CannotRender for what is reached without WebSocket."""
    quoted = configuration.javascript
    uri = quoted(web_sockets.uri_text(trunk.user, trunk.aor_host, trunk.domain_port))
    server = quoted(web_sockets.socket_url(trunk, SYSTEM))
    rows = [
        ("uri", f"UserAgent.makeURI({uri})"),
        ("transportOptions", f"{{ server: {server} }}"),
        ("authorizationUsername", quoted(trunk.auth_user) if trunk.auth_user else ""),
        ("authorizationPassword", quoted(trunk.secret) if trunk.secret else ""),
        ("authorizationHa1", quoted(trunk.ha1) if trunk.ha1 and not trunk.secret else ""),
    ]
    expires = f", {{ expires: {trunk.expiry} }}" if trunk.expiry != EXPIRES else ""
    configuration.positive(trunk.expiry, SYSTEM)
    lines = ['import { Registerer, UserAgent } from "sip.js";', "", "const userAgent = new UserAgent({"]
    lines += [f"  {name}: {value}," for name, value in rows if value]
    lines += ["});", f"const registerer = new Registerer(userAgent{expires});"]
    return "\n".join([*lines, "userAgent.start().then(() => registerer.register());"]) + "\n"

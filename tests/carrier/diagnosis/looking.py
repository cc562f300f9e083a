"""A login with a wrong password, and what is found out about it: the whole way but for the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playbook import LOCAL, SOURCE, Ask, Playbook, spec

from mockregistrar.carrier.diagnosis.examine import Case, Diagnosis, examine
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Request, parse

FLOW = Flow("udp", LOCAL, SOURCE)


def looked_into(
    right: str,
    sent: str,
    *others: str,
    as_hash: bool = False,
    user: str = "alice",
    each: Callable[[int], object] = lambda _: None,
    **settings: Any,
) -> Diagnosis | None:
    """Return the diagnosis of a login with `sent` where ``alice`` has the password `right`; None where it is let in.

    `others` are further accounts; `each` is told the units of each slice when it is done.
    """
    book = Playbook(spec(f"alice:{right}"), *others, **settings)
    book.ask(Ask(user=user))
    login = Ask(user=user, ha1=sent) if as_hash else Ask(user=user, password=sent)
    message = parse(login.octets(book.desk))
    assert isinstance(message, Request)
    answer = book.carrier.handle(message, FLOW, book.now)
    if answer.because is None:
        return None
    work = examine(Case(book.carrier, message, FLOW, answer))
    while True:
        try:
            units = next(work)
        except StopIteration as done:
            found: Diagnosis = done.value
            return found
        each(units)

"""What the tests of manners share: an attempt played to its end, and how long it took."""

from __future__ import annotations

from client_stage import HELLO, Carrier

from mockregistrar.client import MANNERS, Manners, states
from mockregistrar.sip.message import Request, parse


def begun(manners: Manners | str, **profile: object) -> Carrier:
    """Return an agent whose first REGISTER is on its way."""
    play = Carrier(MANNERS[manners] if isinstance(manners, str) else manners, **profile)
    play.call(play.agent.register)
    play.sent()
    return play


def refused(
    manners: Manners | str, status: int, *headers: tuple[str, str], reason: str = "No", **profile: object
) -> Carrier:
    """Return an agent whose first REGISTER was answered with `status`."""
    play = begun(manners, **profile)
    play.answer(status, *headers, reason=reason)
    return play


def until_next(play: Carrier) -> float:
    """Go on to the next thing that the agent does by itself, and return how many seconds that took."""
    when = play.agent.next_timer()
    assert when is not None, f"{play.agent.manners.name} does nothing more by itself"
    pause = when - play.now
    play.wait(pause)
    return pause


def pauses(play: Carrier, status: int, times: int) -> list[float]:
    """Refuse the next attempts too, so many times; return how long each was waited for."""
    found = []
    for _ in range(times):
        found.append(until_next(play))
        play.sent()
        play.answer(status, reason="No")
    return found


def stopped(play: Carrier) -> bool:
    """Return whether the agent has stopped for good: no timer, and nothing is sent however long one waits."""
    if play.agent.state != states.STOPPED:
        return False
    assert play.agent.next_timer() is None
    assert play.agent.next_refresh() is None
    play.wait(1e6)
    assert play.agent.outgoing() == []
    return True


def unanswered(play: Carrier) -> float:
    """Let the attempt under way go unanswered; return how many seconds pass until the next one."""
    start, sent = play.now, play.agent.attempts
    while play.agent.attempts == sent:
        until_next(play)
    return play.now - start


def refuse_logins(play: Carrier, *, same_nonce: bool = False, stale: bool = False) -> int:
    """Answer whatever comes at once with another challenge; return how many REGISTERs it was, the first included."""
    number = 1
    while True:
        nonce = "n" if same_nonce else f"n{number}"
        play.challenge(HELLO.replace("n1", nonce) + (", stale=true" if stale and number > 1 else ""))
        octets = play.agent.outgoing()
        if not octets:
            return number
        message = parse(octets[0])
        assert isinstance(message, Request)
        play.seen.append(message)
        number += 1
        assert number < 100, "the agent logs in without end"


def logged_in(manners: Manners | str, seconds: int, **profile: object) -> Carrier:
    """Return an agent that was challenged once with MD5 and granted so many seconds."""
    play = begun(manners, **profile)
    play.challenge()
    play.sent()
    play.grant(seconds)
    return play

"""What a carrier with a persona remembers of an account."""

from __future__ import annotations

from mockregistrar.carrier.accounts import Account


class Standing:
    """How an account stands with the carrier. Times are carrier time in seconds."""

    __slots__ = ("failures", "latest", "locked_until", "raised", "refused")

    def __init__(self) -> None:
        self.failures = 0
        """Wrong passwords in a row."""
        self.locked_until = 0.0
        self.refused = 0
        """REGISTERs refused at first, so far."""
        self.raised = 0
        """Seconds by which its minimum expiry was raised."""
        self.latest: tuple[str, ...] = ()
        """The nonces of the latest challenge it was sent."""


def standing_of(account: Account) -> Standing:
    """Return what is remembered of `account`, from now on if nothing was yet."""
    standing = account.standing
    if standing is None:
        standing = account.standing = Standing()
    return standing

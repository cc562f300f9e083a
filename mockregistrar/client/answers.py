"""What a user agent reads in the answers to its REGISTERs."""

from __future__ import annotations

from mockregistrar.client.manners.model import Manners
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.headers import NameAddr, Star, parse_expires
from mockregistrar.sip.message import Response
from mockregistrar.sip.uri import Uri


def contacts_in(response: Response) -> list[NameAddr]:
    """Return the contacts of a response; none if they cannot be read, as clients that do not find theirs."""
    try:
        found = response.contacts
    except ParseError:
        return []
    return [] if isinstance(found, Star) else found


def granted(response: Response, contacts: list[NameAddr], own: Uri, asked: int, manners: Manners) -> int:
    """Return the seconds granted to us: our own contact's, else the header's, else a default (:rfc:`3261` 10.2.4)."""
    ours = next((contact for contact in contacts if contact.uri.equivalent(own)), None)
    says = None if ours is None else parse_expires(ours.param("expires") or "")
    zero_says_nothing = manners.zero_grant == "default"
    if says is None or (says == 0 and zero_says_nothing):
        says = response.expires
    if says is None or (says == 0 and zero_says_nothing):
        says = manners.default_expiry if zero_says_nothing else asked
    return says


def retry_after(response: Response) -> float | None:
    """Return the seconds in Retry-After (:rfc:`3261` 20.33), whose comment and parameters do not matter here."""
    text = (response.first("retry-after") or "").partition(";")[0].partition("(")[0]
    number = parse_expires(text)
    return None if number is None else float(number)


def min_expires(response: Response) -> int:
    """Return the seconds in Min-Expires (:rfc:`3261` 20.23); 0 where it says nothing that can be read."""
    return parse_expires(response.first("min-expires") or "") or 0

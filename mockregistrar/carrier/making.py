"""Which carrier the settings ask for: the plain one, or the one that knows what personas do.

The plain one does no work for what it does not have, and the other is not even imported then.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from mockregistrar.carrier.carrier import Carrier
from mockregistrar.carrier.settings import CarrierSettings

if TYPE_CHECKING:
    import random

_PLAIN = (
    ("challenge", "401"),
    ("realm_rule", "fixed"),
    ("nonce_use", "many"),
    ("digest_uri", "resource"),
    ("unregister_challenge", "usual"),
    ("min_expires_step", 0),
    ("grant_in", "contact"),
    ("grant_shown", None),
    ("contact_answer", "echo"),
    ("foreign_contacts", ()),
    ("contacts_joined", False),
    ("date", True),
    ("first_refused", 0),
    ("retry_after", None),
    ("rate_limit", 0),
    ("lockout_after", 0),
    ("header_order", ()),
    ("compact_headers", False),
    ("stale_always", False),
    ("unknown_user_at_once", False),
    ("uri_user", "any"),
    ("cseq_rule", "call"),
    ("expires_from", "contact"),
    ("lockout_counts", "wrong-password"),
    ("first_hop_outbound", True),
    ("pub_gruu", False),
    ("via_rport", "right"),
    ("to_tag", True),
    ("grant_delay", 0.0),
)
"""The settings that the plain carrier has only one value of."""
_asked = attrgetter(*[name for name, _ in _PLAIN])
_KNOWN = tuple(value for _, value in _PLAIN)


def new_carrier(settings: CarrierSettings, rng: random.Random, now: float) -> Carrier:
    """Return the carrier for `settings` at carrier time `now`."""
    if settings.short_expires != "reject-first" and _asked(settings) == _KNOWN:
        return Carrier(settings, rng, now)
    from mockregistrar.carrier.personas.carrier import PersonaCarrier

    return PersonaCarrier(settings, rng, now)

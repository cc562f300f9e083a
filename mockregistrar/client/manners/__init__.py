"""Manners: how known clients behave, as data. A room for each family; apart, the rules and the model of them all."""

from __future__ import annotations

from mockregistrar.client.manners.asterisk import ASTERISK_CHAN_SIP, ASTERISK_PJSIP
from mockregistrar.client.manners.model import Manners, PortRule
from mockregistrar.client.manners.names import MANNERS, manners_for, manners_named
from mockregistrar.client.manners.plain import RFC3261
from mockregistrar.client.manners.rules import ChallengeRule, Do, Reaction, RealmRule, RefreshRule, RetryRule

__all__ = [
    "ASTERISK_CHAN_SIP",
    "ASTERISK_PJSIP",
    "MANNERS",
    "RFC3261",
    "ChallengeRule",
    "Do",
    "Manners",
    "PortRule",
    "Reaction",
    "RealmRule",
    "RefreshRule",
    "RetryRule",
    "manners_for",
    "manners_named",
]

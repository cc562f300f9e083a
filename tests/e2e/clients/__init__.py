"""Drivers of real SIP clients, one class for each, all of one shape (`base.Client`)."""

from __future__ import annotations

from clients.baresip import Baresip
from clients.base import Client
from clients.kamailio import KamailioUac
from clients.linphone import Linphone
from clients.net_sip import NetSip
from clients.npm_sip import NpmSip
from clients.pyvoip import PyVoip
from clients.sipp import Sipp
from clients.sipsak import Sipsak
from clients.twinkle import Twinkle

CLIENTS: tuple[type[Client], ...] = (
    Sipp,
    Sipsak,
    Baresip,
    Linphone,
    KamailioUac,
    Twinkle,
    NetSip,
    PyVoip,
    NpmSip,
)

__all__ = [
    "CLIENTS",
    "Baresip",
    "Client",
    "KamailioUac",
    "Linphone",
    "NetSip",
    "NpmSip",
    "PyVoip",
    "Sipp",
    "Sipsak",
    "Twinkle",
]

"""Twisted, with pytest-twisted: its reactor runs the test, the carrier keeps to a reactor of its own."""

import sys
from pathlib import Path

import pytest_twisted
from twisted.internet.threads import deferToThread  # noqa: TID251 - a test of a Twisted dialer has the global reactor

sys.path.insert(0, str(Path(__file__).parent.parent))

from dialer import Dialer


@pytest_twisted.ensureDeferred
async def test_registers(sipreg):
    account = sipreg.add_account("trunk1")
    dialer = Dialer(account.user, account.secret, sipreg.host, sipreg.port)
    registering = deferToThread(dialer.register)
    binding = await sipreg.async_wait_for_registration(account)
    assert binding.granted == await registering
    dialer.close()

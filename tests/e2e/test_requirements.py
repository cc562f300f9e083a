"""A missing client is a skip that says how to get it, and a failure where every client has to be there."""

from __future__ import annotations

import pytest
from clients.requirements import REQUIRED, require


def test_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-phone is not installed: apt-get install no-such-phone"):
        require("no-such-phone", "apt-get install no-such-phone")


def test_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-phone is not installed: apt-get install no-such-phone"):
        require("no-such-phone", "apt-get install no-such-phone")


def test_says_nothing_of_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRED, "1")
    require("sh", "")

"""Every verdict there is comes of a mistake made over the wire, and not of one that only looks like it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from wire_mistakes import ROWS, Make, Row, Scene, Settings

from mockregistrar import MockRegistrar, Verdict
from mockregistrar.verdicts import VERDICTS

ONLY_REFINED = {
    "no-credentials": "it is always known how: given up, in the wrong header, of another scheme",
}
"""Verdicts that are heads of families only, with the reason."""

Open = Callable[[Settings], MockRegistrar]


@pytest.fixture(scope="module")
def open_carrier() -> Iterator[Open]:
    """Start a carrier for each set of settings, once, and have it forget everything each time it is asked for."""
    with ExitStack() as stack:
        running: dict[Settings, MockRegistrar] = {}

        def open_(settings: Settings) -> MockRegistrar:
            if settings not in running:
                running[settings] = stack.enter_context(MockRegistrar(timeout=5, **dict(settings)))
            carrier = running[settings]
            carrier.reset()
            return carrier

        yield open_


def _found(carrier: MockRegistrar, make: Make, account: str | None) -> list[Verdict]:
    scene = Scene(carrier)
    make(scene)
    found = list(carrier.verdicts(account))
    for verdict in found:
        assert verdict.slug in VERDICTS
        assert verdict.cause.endswith(".")
        assert verdict.fix.endswith(".")
        assert verdict.sentence
        assert not verdict.sentence.endswith(".")
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_the_mistake_and_its_neighbour(open_carrier: Open, row: Row) -> None:
    found = _found(open_carrier(row.settings), row.make, row.account)
    assert {v.slug for v in found} - row.also == {row.slug}, found
    settings = row.settings if row.near_settings is None else row.near_settings
    found = _found(open_carrier(settings), row.near, row.account)
    assert {v.slug for v in found} == ({row.instead} if row.instead else set()), found
    assert row.slug not in {v.slug for v in found} or row.slug == "unknown-user"


def test_there_is_a_row_for_every_verdict() -> None:
    slugs = [row.slug for row in ROWS]
    assert len(slugs) == len(set(slugs))
    assert set(slugs) | ONLY_REFINED.keys() == VERDICTS.keys()
    assert not ONLY_REFINED.keys() & set(slugs)

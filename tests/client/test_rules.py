"""The rules that manners are made of, each by itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar.client import MANNERS, ChallengeRule, RefreshRule, RetryRule
from mockregistrar.client.authority import choose
from mockregistrar.client.manners.rules import realm_fits

SECONDS = st.integers(0, 10**6)
CHANCES = st.floats(0, 1)


# --- refresh -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "granted", "refresh"),
    [
        (RefreshRule(guard=10.0), 3600, 3590.0),
        (RefreshRule(guard=10.0), 10, 0.0),
        (RefreshRule(guard=10.0), 3, 0.0),
        (RefreshRule(guard=15.0, short=30, share=0.2, least=0.5), 30, 24.0),
        (RefreshRule(guard=15.0, short=30, share=0.2, least=0.5), 1, 0.5),
        (RefreshRule(guard=5.0, floor=5.0), 7, 5.0),
        (RefreshRule(guard=5.0, lowest=10), 3, 5.0),
        (RefreshRule(guard=0.0, short=math.inf, share=0.1), 20, 18.0),
        (RefreshRule(guard=3.0, timer=90.0, timer_early=True), 3600, 3510.0),
        (RefreshRule(guard=3.0, timer=90.0, timer_early=True), 60, 90.0),
        (RefreshRule(guard=3.0, timer=1.0, timer_early=True), 20, 16.0),
        (RefreshRule(guard=0.0, timer=100.0, timer_early=True), 3600, 3500.0),
        (RefreshRule(guard=0.0, timer=100.0, timer_early=True), 250, 200.0),
    ],
)
def test_when_it_refreshes(rule, granted, refresh):
    assert rule.refresh_in(granted) == pytest.approx(refresh)


def test_what_was_asked_for_may_count_instead():
    rule = RefreshRule(guard=5.0, by="asked")
    assert rule.refresh_in(3600, 120) == 115.0
    assert rule.refresh_in(20, 120) == 115.0
    assert rule.refresh_in(20) == 15.0


def test_a_long_grant_may_be_refreshed_at_any_moment_of_its_second_half():
    rule = RefreshRule(guard=5.0, spread_above=64, spread_guard=32.0)
    assert rule.refresh_in(64, chance=0.5) == 59.0
    assert rule.refresh_in(600, chance=0.0) == 300.0
    assert rule.refresh_in(600, chance=1.0) == 568.0


@given(st.sampled_from([manners.refresh for manners in MANNERS.values()]), SECONDS, SECONDS, CHANCES)
def test_no_refresh_lies_in_the_past(rule, granted, asked, chance):
    due = rule.refresh_in(granted, asked, chance)
    assert due >= 0
    assert math.isfinite(due)


@given(st.sampled_from([m.refresh for m in MANNERS.values() if m.refresh.by == "granted"]), SECONDS, CHANCES)
def test_no_refresh_of_a_usual_grant_comes_too_late(rule, granted, chance):
    if granted > max(rule.timer * 2, 10):
        assert rule.refresh_in(granted, None, chance) < granted or rule.never


# --- retries -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "pauses"),
    [
        (RetryRule(60.0), [60, 60, 60]),
        (RetryRule(30.0, growth="count"), [30, 60, 90]),
        (RetryRule(60.0, growth="doubling", longest=1800.0), [60, 120, 240, 480, 960, 1800, 1800]),
        (RetryRule(300.0, first=0.0), [0, 300, 300]),
        (RetryRule(0.0, timer=100.0), [100, 100]),
        (RetryRule(60.0, timer=90.0), [90, 90]),
        (RetryRule(120.0, timer=90.0), [180, 180]),
    ],
)
def test_how_long_it_waits(rule, pauses):
    assert [rule.pause_after(number) for number in range(1, len(pauses) + 1)] == pauses


def test_lots():
    assert RetryRule(60.0, spread=0.5).bounds() == (30.0, 60.0)
    assert RetryRule(300.0, jitter=10.0).bounds() == (290.0, 310.0)
    assert RetryRule(3.0, jitter=10.0).bounds() == (0.0, 10.0)
    assert RetryRule(60.0, spread=0.5).pause_after(1, 0.0) == 30.0
    assert RetryRule(60.0, spread=0.5).pause_after(1, 0.5) == 45.0


@given(st.sampled_from([m.retry for m in MANNERS.values() if m.retry]), st.integers(1, 10**9), CHANCES)
def test_every_pause_lies_within_its_bounds(rule, failures, chance):
    low, high = rule.bounds(failures)
    assert 0 <= low <= rule.pause_after(failures, chance) <= high
    assert rule.growth == "count" or high < math.inf


# --- challenges --------------------------------------------------------------------------------------------

MD5 = 'Digest realm="a", nonce="m", algorithm=MD5'
SHA = 'Digest realm="a", nonce="s", algorithm=SHA-256'
QUOTED = 'Digest realm="a", nonce="q", algorithm="MD5"'
BARE = 'Digest realm="a", nonce="b"'
FOREIGN = ("Basic realm=x", "Digest nonsense")


@pytest.mark.parametrize(
    ("rule", "offered", "nonce"),
    [
        (ChallengeRule(("SHA-256", "MD5")), (MD5, SHA), "s"),
        (ChallengeRule(("SHA-256", "MD5"), pick="first"), (MD5, SHA), "m"),
        (ChallengeRule(), (SHA, MD5), "m"),
        (ChallengeRule(), (*FOREIGN, BARE), "b"),
        (ChallengeRule(pick="first-only"), (SHA, MD5), None),
        (ChallengeRule(pick="first-only"), (*FOREIGN, MD5), None),
        (ChallengeRule(pick="first-only"), (MD5, SHA), "m"),
        (ChallengeRule(pick="last-only"), (SHA, MD5), "m"),
        (ChallengeRule(pick="last-only"), (MD5, SHA), None),
        (ChallengeRule(pick="single"), (MD5, SHA), None),
        (ChallengeRule(pick="single"), ("Basic realm=x", MD5), "m"),
        (ChallengeRule(("SHA-256", "MD5"), needs="MD5"), (SHA,), None),
        (ChallengeRule(("SHA-256", "MD5"), needs="MD5"), (SHA, MD5), "s"),
        (ChallengeRule(("SHA-256", "MD5"), needs="MD5"), (SHA, BARE), "s"),
        (ChallengeRule(reads_quoted=False), (QUOTED,), None),
        (ChallengeRule(), (QUOTED,), "q"),
        (ChallengeRule(ignores_algorithm=True), (SHA,), "s"),
        (ChallengeRule(), (), None),
    ],
)
def test_which_challenge_it_takes_up(rule, offered, nonce):
    chosen = choose(offered, rule)
    assert (chosen and chosen.nonce) == nonce


@pytest.mark.parametrize(
    ("rule", "configured", "challenged", "fits"),
    [
        ("any", "other", "acme", True),
        ("exact", "", "acme", True),
        ("exact", "acme", "acme", True),
        ("exact", "ACME", "acme", False),
        ("exact", "*", "acme", False),
        ("caseless", "", "acme", True),
        ("caseless", "*", "acme", True),
        ("caseless", "ACME", "acme", True),
        ("caseless", "other", "acme", False),
        ("named", "", "acme", False),
        ("named", "*", "acme", True),
        ("named", "ACME", "acme", True),
        ("named", "other", "acme", False),
        *((rule, None, "acme", True) for rule in ("any", "exact", "caseless", "named")),
    ],
)
def test_which_realm_fits(rule, configured, challenged, fits):
    assert realm_fits(rule, configured, challenged) is fits

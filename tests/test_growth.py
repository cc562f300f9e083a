"""The measure of growth: linear work passes, quadratic work does not, and work of no time tells nothing."""

from __future__ import annotations

import gc
import re

import pytest
from growth import assert_at_most, assert_linear, assert_linear_reading, repeated


def steps(count):
    return sum(1 for _ in range(count))


@pytest.mark.parametrize("work", [lambda _: steps(20_000), lambda size: steps(size * 20), lambda size: "x" * size])
def test_linear_work_passes(work):
    assert_linear(work, 1000)


@pytest.mark.parametrize(
    "work", [lambda size: steps(size * size // 32), lambda size: steps(size * 20 + size * size // 32)]
)
def test_quadratic_work_does_not(work):
    told = r"\Ait in sizes 8000 and 1000 takes too long: (\d+\.\d ms against \d+\.\d ms(, )?){4}\Z"
    with pytest.raises(AssertionError, match=told):
        assert_linear(work, 1000)


def test_what_reads_a_text_again_from_each_place_is_told_with_the_text():
    with pytest.raises(AssertionError, match=re.escape("'ab' in 'a={};' in sizes 8000 and 1000 takes")):
        assert_linear_reading(re.compile("(?:a|b)*c").search, "ab", ("{}c", "a={};"))
    assert_linear_reading(re.compile("(?:a|b)*c").match, "ab", ("{}", "a={};"))


def test_quadratic_work_that_takes_no_time_passes():
    assert_linear(lambda size: steps(size * size), 10)


def test_one_attempt_that_fits_is_enough():
    done = []

    def work():
        done.append(0)
        steps(2_000_000 if len(done) == 1 else 20)

    assert_at_most(2, work, lambda: steps(2000))
    assert len(done) == 2


def test_collection_of_garbage_goes_on_behind_it():
    within = []
    assert_linear(lambda _: within.append(gc.isenabled()), 1)
    assert set(within[1:]) == {False}
    assert gc.isenabled()


@pytest.mark.parametrize(("unit", "size", "count"), [("'", 20, 21), ("a;", 20, 11), ("a;", 22, 11), ("abc", 2, 1)])
def test_a_unit_is_there_an_odd_number_of_times(unit, size, count):
    assert repeated(unit, size) == unit * count

"""The model of storms obeys the law of pace, and says what follows of it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from gather.attendance.pending import GROUP_MAX
from tests.storm.pace_model import HERE, PRODUCTION, foresee

AT_ONCE = replace(PRODUCTION, deliveries_per_s=100_000)


def test_a_calm_event_is_written_once_for_each_answer() -> None:
    found = foresee([10.0 * number for number in range(30)], PRODUCTION)
    assert found.event_writes == 30
    assert max(found.settle_s) == pytest.approx(PRODUCTION.delivery_s + PRODUCTION.single_s)


def test_a_thousand_at_once_are_at_most_twenty_writes() -> None:
    assert foresee([0.0] * 1000, AT_ONCE).event_writes <= 20


@pytest.mark.parametrize("size", [1_000, 10_000, 100_000])
def test_a_backlog_is_settled_in_full_groups_about_one_a_second(size: int) -> None:
    found = foresee([0.0] * size, AT_ONCE)
    groups = size / GROUP_MAX
    assert groups <= found.event_writes <= 1.2 * groups + 8, (
        "single answers slip in where a group takes more than a second"
    )
    assert groups - 8 <= max(found.settle_s) <= 1.5 * groups + 8
    assert all(earlier <= later for earlier, later in pairwise(found.settle_s))


def test_the_slower_deliveries_are_begun_the_emptier_are_the_groups() -> None:
    arrivals = [number / 500 for number in range(2_000)]
    writes = [foresee(arrivals, replace(HERE, deliveries_per_s=rate)).event_writes for rate in (20, 50, 200, 500)]
    assert writes == sorted(writes, reverse=True)
    assert writes[0] > writes[-1]

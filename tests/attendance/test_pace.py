"""Pacing: a rate of about one write a second and a few at once, whatever clocks say."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gather.attendance.pace import BURST, SMALL_GROUP_COST, WRITE_COST, busy_after, is_hot, rest_before_group

NOW = datetime(2026, 6, 1, tzinfo=UTC)
moments = st.none() | st.datetimes(datetime(2026, 5, 1), datetime(2026, 7, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001  # given its zone at once
pauses = st.lists(st.floats(0, 10).map(lambda seconds: timedelta(seconds=seconds)), max_size=60)


def test_a_few_writes_at_once_are_taken_and_then_one_a_second() -> None:
    busy, taken = None, 0
    while not is_hot(busy, NOW):
        busy, taken = busy_after(busy, NOW, WRITE_COST), taken + 1
    assert taken == BURST / WRITE_COST
    assert not is_hot(busy, NOW + WRITE_COST)


@given(pauses)
def test_over_any_time_single_settlements_keep_to_the_rate(waits: list[timedelta]) -> None:
    now, busy, written = NOW, None, 0
    for wait in waits:
        now += wait
        if not is_hot(busy, now):
            busy, written = busy_after(busy, now, WRITE_COST), written + 1
    assert written <= (now - NOW + BURST) / WRITE_COST + 1


@given(pauses)
def test_groups_that_rest_keep_an_event_hot_so_that_nobody_overtakes_them(waits: list[timedelta]) -> None:
    now, busy = NOW, NOW + BURST
    for _ in waits:
        now += rest_before_group(busy, now)
        busy = busy_after(busy, now, SMALL_GROUP_COST)
        assert is_hot(busy, now)
        assert is_hot(busy, now + rest_before_group(busy, now) - timedelta(microseconds=1))


@given(moments, moments.filter(bool))
def test_no_clock_stops_an_event_for_long(busy: datetime | None, now: datetime) -> None:
    assert timedelta() <= rest_before_group(busy, now) <= 3 * SMALL_GROUP_COST
    assert busy_after(busy, now, WRITE_COST) - now <= BURST + 3 * SMALL_GROUP_COST
    assert not is_hot(None, now)

"""The virtual clock: it stands still, goes on when it is told to, and stops where somebody has something to do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from firewarden.testing import VirtualClock

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


class Alarm:
    """Wants to be told at some seconds; remembers when it was."""

    def __init__(self, clock: VirtualClock, *seconds: float) -> None:
        self.clock = clock
        self.seconds = list(seconds)
        self.seen: list[float] = []

    def due(self) -> float | None:
        return min((each for each in self.seconds if each > self.clock.monotonic()), default=None)

    def moved(self) -> None:
        self.seen.append(self.clock.monotonic())


def test_time_stands_still() -> None:
    clock = VirtualClock(NOON)
    assert clock.now() == clock.now() == NOON
    assert clock.timestamp().moment() == NOON


def test_time_is_told_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    assert VirtualClock(datetime(2026, 5, 1, 14, 0, tzinfo=there)).now().isoformat() == "2026-05-01T12:00:00+00:00"


def test_time_goes_on_by_what_it_is_told() -> None:
    clock = VirtualClock(NOON)
    clock.advance(timedelta(hours=1))
    clock.advance(minutes=30, seconds=1)
    assert clock.now() == NOON + timedelta(hours=1, minutes=30, seconds=1)
    assert clock.monotonic() == 5401
    clock.set(NOON + timedelta(days=1))
    assert clock.now() == NOON + timedelta(days=1)


def test_time_does_not_go_back() -> None:
    clock = VirtualClock(NOON)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(seconds=-1)
    with pytest.raises(ValueError, match="does not go back"):
        clock.set(NOON - timedelta(seconds=1))


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="no timezone"):
        VirtualClock(naive)
    with pytest.raises(ValueError, match="no timezone"):
        VirtualClock(NOON).set(naive)


def test_it_stops_where_somebody_has_something_to_do() -> None:
    clock = VirtualClock(NOON)
    alarm = Alarm(clock, 5, 2.5, 60)
    clock.follow(alarm)
    clock.advance(seconds=10)
    assert alarm.seen == [2.5, 5, 10]
    clock.leave(alarm)
    clock.advance(minutes=10)
    assert alarm.seen == [2.5, 5, 10]


def test_a_moment_between_two_microseconds_is_over_at_the_second_one() -> None:
    clock = VirtualClock(NOON)
    alarm = Alarm(clock, 1.0000015)
    clock.follow(alarm)
    clock.advance(seconds=2)
    assert alarm.seen == [1.000002, 2]

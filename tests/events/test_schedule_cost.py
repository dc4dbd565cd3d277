"""What reading an event costs, in steps (periods of its rule looked at), whatever rule and overrides were stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather.events.derive import derived_changes
from gather.events.limits import OVERRIDES_MAX
from gather.events.model import Event, parse_event
from gather.recurrence import Rule, dates, expand

NEVER_AGAIN = [
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
    "FREQ=WEEKLY;INTERVAL=52;BYMONTH=2",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
]
RARE_AND_COUNTED = [
    "FREQ=DAILY;BYMONTH=2;BYDAY=MO;COUNT=1000",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1000",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=1000",
]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Rule]:
    """Grows by the rule with every step; nothing is remembered from other tests."""
    taken: list[Rule] = []
    one_step = dates.days_of_period

    def counted(rule: Rule, *place: Any) -> Any:
        taken.append(rule)
        return one_step(rule, *place)

    dates._counted_days.cache_clear()
    monkeypatch.setattr(dates, "days_of_period", counted)
    return taken


def stored(rrule: str, *, year: int = 2026) -> dict[str, Any]:
    """An event with as many overrides as are read, a week apart."""
    start = datetime(year, 5, 4, 18, tzinfo=UTC)
    days = [start + timedelta(days=7 * number) for number in range(OVERRIDES_MAX)]
    names = [f"{day.year:04}{day:%m%dT%H%M%SZ}" for day in days]
    return {
        "title": "Salon",
        "startAt": start,
        "timezone": "UTC",
        "visibility": "private",
        "createdBy": "ana",
        "recurrence": {"rrule": rrule},
        "overrides": {name: {"title": "Gala"} for name in names},
    }


def read(data: dict[str, Any]) -> Event:
    return parse_event("e", data)


@pytest.mark.parametrize("rrule", [*NEVER_AGAIN, "FREQ=WEEKLY", "FREQ=WEEKLY;UNTIL=20300101"])
def test_an_override_costs_one_step_at_most(steps: list[Rule], rrule: str) -> None:
    """A walk to the next occurrence for each override would be millions."""
    event = read(stored(rrule))
    assert 0 < len(steps) <= OVERRIDES_MAX
    assert len(event.overrides) >= 1


@pytest.mark.parametrize("rrule", RARE_AND_COUNTED)
def test_a_rule_with_count_is_walked_once_and_not_for_ever(steps: list[Rule], rrule: str) -> None:
    """However often one event is looked at."""
    data = stored(rrule, year=2)
    event = read(data)
    first = len(steps)
    assert 0 < first <= dates.COUNTED_PERIODS_MAX
    derived_changes(event, data)
    read(data)
    assert len(steps) == first


def test_the_bound_of_a_walk_is_reached_by_the_rarest_rule(steps: list[Rule]) -> None:
    read(stored(RARE_AND_COUNTED[-1], year=2))
    assert len(steps) == dates.COUNTED_PERIODS_MAX


@pytest.mark.parametrize("rrule", NEVER_AGAIN)
def test_a_window_costs_its_own_length(steps: list[Rule], rrule: str) -> None:
    event = read({**stored(rrule), "overrides": {}})
    steps.clear()
    assert expand(event, datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)) == []
    assert len(steps) <= 60

"""The expansion against an outside reader of iCalendar: recurring-ical-events, as a subscriber would use it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from gather.recurrence import Override, Recurrence, Rule, Series, expand
from tests.support.recurrence import is_named, rules

ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001  # made aware here
    lambda moment: moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0, tzinfo=UTC)
)
WINDOW = timedelta(days=420)


def calendar_of(series: Series) -> Calendar:
    zone = ZoneInfo(series.timezone or "UTC")
    assert series.start_at is not None
    assert series.recurrence is not None
    calendar = Calendar()
    event = _component(series.start_at, zone)
    event["RRULE"] = series.recurrence.rule.text
    for exdate in series.recurrence.exdates:
        event.add("exdate", exdate.astimezone(zone))
    calendar.add_component(event)
    for name, override in series.overrides.items():
        assert override.start_at is not None
        changed = _component(override.start_at, zone)
        changed.add("recurrence-id", datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone))
        calendar.add_component(changed)
    return Calendar.from_ical(calendar.to_ical())


def _component(start: datetime, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", "picnic@example.org")
    event.add("dtstart", start.astimezone(zone))
    event.add("duration", timedelta(hours=1))
    return event


@settings(deadline=None, max_examples=50)
@given(rules(), STARTS, ZONES, st.data())
def test_a_subscriber_sees_the_occurrences_we_compute(
    rule: Rule, start: datetime, zone: str, data: st.DataObject
) -> None:
    """Same starts, with exdates and moved occurrences, over more than a year of changing clocks.

    Left out is where the specification is silent and readers differ: a counted rule whose start it does not name,
    and plain beside counted weekdays (python-dateutil, which this reader uses, wants both at once).
    """
    assume(start.astimezone(ZoneInfo(zone)).fold == 0)
    first = start.astimezone(ZoneInfo(zone)).date()
    assume(len({day.nth == 0 for day in rule.by_day}) < 2)
    plain = Series(start_at=start, timezone=zone, recurrence=Recurrence(rule))
    end = start + WINDOW
    originals = expand(plain, start, end)
    assume(len(originals) > 1 and (rule.count is None or is_named(rule, first, first)))
    picked = data.draw(st.lists(st.sampled_from(originals), max_size=4, unique_by=lambda each: each.id))
    exdates = tuple(each.start for each in picked[:2])
    overrides = {each.id: Override(start_at=each.start + timedelta(days=3, hours=1)) for each in picked[2:]}
    series = Series(start_at=start, timezone=zone, recurrence=Recurrence(rule, exdates), overrides=overrides)
    ours = [occurrence.start for occurrence in expand(series, start, end)]
    seen = recurring_ical_events.of(calendar_of(series)).between(start, end)
    assert ours == sorted(event["DTSTART"].dt.astimezone(UTC) for event in seen)

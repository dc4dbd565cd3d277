"""Random series: what recurring-ical-events makes of our text is what our own expansion makes of the event."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import recurring_ical_events
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gather.events.model import Event
from gather.feeds.calendar import vcalendar
from gather.feeds.ical import vevents, zones_used
from gather.recurrence import Override, Recurrence, expand, parse_rrule
from tests.feeds.rfc_linter import lint
from tests.feeds.samples import ORIGIN, event

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
RULES = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 5)),
    st.builds("FREQ=WEEKLY;INTERVAL={}".format, st.integers(1, 3)),
    st.builds(
        lambda days, interval: f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(days)}",
        st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True),
        st.integers(1, 3),
    ),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.sampled_from([1, 15, 28, -1, -2])),
    st.builds("FREQ=MONTHLY;BYDAY={}{}".format, st.sampled_from([1, 2, 3, -1]), st.sampled_from(WEEKDAYS)),
    st.builds("FREQ=YEARLY;BYMONTH={};BYDAY=1SU".format, st.integers(1, 12)),
)
WINDOW_LENGTH = timedelta(days=500)


@st.composite
def series(draw: st.DrawFn) -> Event:
    """A series that starts on a day its rule names, away from the hours that a change of the clocks touches."""
    zone = draw(st.sampled_from(ZONES))
    first = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 300)))
    rule = draw(RULES)
    found = event("random", startAt=first, timezone=zone, recurrence={"rrule": rule})
    # The first start need not be one that the rule names, and readers disagree about those; the second is.
    own = expand(found, first, first + timedelta(days=1000))
    assume(len(own) > 2)
    starts = [occurrence.start for occurrence in own[1:]]
    changed = draw(st.lists(st.integers(1, min(20, len(starts) - 1)), max_size=4, unique=True))
    exdates = tuple(starts[number] for number in changed[:2])
    overrides = {
        f"{starts[number]:%Y%m%dT%H%M%SZ}": Override(start_at=starts[number] + timedelta(hours=3 * number - 8))
        for number in changed[2:]
    }
    return replace(
        found,
        start_at=starts[0],
        end_at=starts[0] + timedelta(minutes=draw(st.integers(1, 150))),
        recurrence=Recurrence(parse_rrule(rule), exdates),
        overrides=overrides,
    )


@given(series())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_others_expand_our_text_as_we_expand_the_event(found: Event) -> None:
    data = vcalendar("Random", zones_used(found), [vevents(found, ORIGIN)]).encode()
    assert lint(data) == []
    assert found.start_at is not None
    window = (found.start_at - timedelta(days=1), found.start_at + WINDOW_LENGTH)
    theirs = {
        (each.start.astimezone(UTC), each.end.astimezone(UTC))
        for each in recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(*window)
    }
    assert theirs == {(occurrence.start, occurrence.end) for occurrence in expand(found, *window)}

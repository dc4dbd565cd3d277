"""A weekly choir with an exception and a moved evening, as subscribers of the feed see it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from demo.acts import answers_rsvp, changes, creates, fetches_feed
from demo.facts import FEED, field, occurrences
from demo.people import GUEST
from demo.steps import Chapter, Fact, Step, answers

_ZONE = ZoneInfo("Europe/Berlin")
_EVENINGS = 6
_OFF, _MOVED = 2, 4


def feed_chapter(began: datetime) -> Chapter:
    """Six Tuesdays at 18:30 in Berlin; the third is off, the fifth is an hour later elsewhere."""
    evenings = [_evening(began, week) for week in range(_EVENINGS)]
    moved = evenings[_MOVED] + timedelta(hours=1)
    choir = creates(
        "choir",
        title="Choir",
        startAt=evenings[0],
        endAt=evenings[0] + timedelta(minutes=90),
        timezone=_ZONE.key,
        visibility="public",
        published=True,
        recurrence={"rrule": f"FREQ=WEEKLY;COUNT={_EVENINGS}", "exdates": [evenings[_OFF]]},
        overrides={
            f"{evenings[_MOVED]:%Y%m%dT%H%M%SZ}": {
                "title": "Choir, in the church",
                "startAt": moved,
                "endAt": moved + timedelta(minutes=90),
            }
        },
    )
    return Chapter(
        "A weekly choir, and the calendars that subscribe to it",
        (
            Step("ana", "creates a weekly choir: one evening off, one moved", choir, facts=(_shown(evenings, moved),)),
            Step(GUEST, "fetches the public feed", fetches_feed(FEED, conditional=False), answers(200)),
            Step(GUEST, "fetches it again", fetches_feed(FEED, conditional=True), answers(304)),
            Step(
                "ben",
                "joins the choir: the feed has not changed",
                answers_rsvp("choir", "going"),
                facts=(field("events/choir", "attendingCount", 1),),
            ),
            Step(GUEST, "fetches it again", fetches_feed(FEED, conditional=True), answers(304)),
            Step(
                "ana",
                "changes the choir's place: the feed changes",
                changes("choir", location="Town hall"),
                facts=(field("events/choir", "sequence", 1),),
            ),
            Step(GUEST, "fetches it again", fetches_feed(FEED, conditional=True), answers(200)),
            Step(
                GUEST, "fetches the same as JSON", fetches_feed("/feeds/public.json", conditional=False), answers(200)
            ),
        ),
    )


def _evening(began: datetime, week: int) -> datetime:
    """The wall clock says 18:30 every week, whatever the clocks do in between."""
    today = began.astimezone(_ZONE).date()
    tuesday = today + timedelta(days=(1 - today.weekday()) % 7 + 7 * (week + 1))
    return datetime.combine(tuesday, time(18, 30), tzinfo=_ZONE).astimezone(UTC)


def _shown(evenings: list[datetime], moved: datetime) -> Fact:
    kept = [(evening, "Choir") for number, evening in enumerate(evenings) if number not in {_OFF, _MOVED}]
    kept.append((moved, "Choir, in the church"))
    return occurrences("choir", sorted(f"{at.astimezone(_ZONE):%Y-%m-%d %H:%M} {title}" for at, title in kept))

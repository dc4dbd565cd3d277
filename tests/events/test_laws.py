"""The laws of events: past, status, teaser, digest. And the access table, row by row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather.events.derive import derived_changes, has_sound_counts, teaser_of
from gather.events.model import (
    ENDLESS,
    GUEST,
    Event,
    Viewer,
    can_manage,
    can_read,
    effective_end,
    is_past,
    is_public,
    last_end,
    parse_event,
    schedule_digest,
    status_of,
    wants_teaser,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEKLY = {"timezone": "UTC", "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=3"}}


def event(**fields: Any) -> Event:
    stored = {"title": "Picnic", "startAt": NOW + DAY, "visibility": "public", "createdBy": "cleo", "createdAt": NOW}
    return parse_event("e", {**stored, **fields})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, NOW + DAY + HOUR),
        ({"endAt": NOW + 2 * DAY}, NOW + 2 * DAY),
        ({"endAt": NOW}, NOW + DAY + HOUR),
        ({"startAt": None}, None),
        ({"allDay": True}, datetime(2026, 5, 3, tzinfo=UTC)),
        (
            {"allDay": True, "timezone": "Europe/Berlin", "startAt": datetime(2026, 3, 28, 23, tzinfo=UTC)},
            datetime(2026, 3, 29, 22, tzinfo=UTC),  # a day of 23 hours
        ),
    ],
)
def test_the_effective_end(fields: dict[str, Any], expected: datetime | None) -> None:
    assert effective_end(event(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "past"),
    [
        ({"startAt": NOW - HOUR}, False),  # ends now
        ({"startAt": NOW - HOUR - timedelta(seconds=1)}, True),
        ({"startAt": NOW - 9 * DAY, **WEEKLY}, False),  # nobody has computed its last end yet
        ({"startAt": NOW - 9 * DAY, **WEEKLY, "lastEndAt": NOW + DAY}, False),
        ({"startAt": NOW - 99 * DAY, **WEEKLY, "lastEndAt": NOW - DAY}, True),
        ({"startAt": NOW - 99 * DAY, "lastEndAt": ENDLESS}, False),
        ({"startAt": NOW - 99 * DAY, "lastEndAt": NOW}, False),
        ({"startAt": None}, False),
    ],
)
def test_an_event_is_past_when_the_whole_of_it_is_over(fields: dict[str, Any], past: bool) -> None:
    assert is_past(event(**fields), NOW) == past


UNREADABLE: list[Any] = [
    {"rrule": "FREQ=WEEKLY;BYDAY=1MO"},
    {"rrule": "FREQ=WEEKLY;BYWEEKNO=3"},
    {"rrule": "FREQ=WEEKLY;COUNT=1001"},
    {"rrule": None},
    {},
    "FREQ=WEEKLY",
    None,
]


@pytest.mark.parametrize("recurrence", UNREADABLE)
@pytest.mark.parametrize("computed", [{}, {"lastEndAt": NOW - 9 * DAY}, {"lastEndAt": None}])
def test_a_series_whose_rule_cannot_be_read_is_never_over(recurrence: Any, computed: dict[str, Any]) -> None:
    """To be past would open a private series to everyone after its first evening."""
    stored = {"startAt": NOW - 9 * DAY, "visibility": "private", "timezone": "UTC", "recurrence": recurrence}
    series = event(**stored, **computed)
    assert not is_past(series, NOW)
    assert not can_read(series, GUEST, now=NOW)
    assert last_end(series) == ENDLESS
    assert derived_changes(series, stored | computed)["lastEndAt"] == ENDLESS
    assert series.faults


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "scheduled"),
        ({"published": False, "canceled": True}, "draft"),
        ({"canceled": True, "startAt": NOW - DAY}, "canceled"),
        ({"startAt": NOW - DAY}, "past"),
    ],
)
def test_the_status_is_computed(fields: dict[str, Any], status: str) -> None:
    assert status_of(event(**fields), NOW) == status


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, True),
        ({"visibility": "members"}, True),
        ({"visibility": "private"}, False),
        ({"visibility": "friends"}, False),
        ({"published": False}, False),
        ({"canceled": True}, False),
        ({"noTeaser": True}, False),
        ({"startAt": NOW}, False),
        ({"startAt": "soon"}, False),
    ],
)
def test_a_teaser_shows_only_what_everyone_may_know(fields: dict[str, Any], wanted: bool) -> None:
    assert wants_teaser(event(**fields), NOW) == wanted
    shown = {"title": "Picnic", "startAt": NOW + DAY, "createdAt": NOW}
    assert teaser_of(event(**fields), NOW) == (shown if wanted else None)


def test_public_is_the_visibility_or_the_legacy_mark() -> None:
    assert is_public(event())
    assert is_public(event(visibility="private", public=True))
    assert not is_public(event(visibility="members"))


# --- Sequence --------------------------------------------------------------------------------------------------

SECOND = f"{NOW + 8 * DAY:%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize(
    "fields",
    [
        {"startAt": NOW + 2 * DAY},
        {"endAt": NOW + 2 * DAY},
        {"allDay": True},
        {"timezone": "Europe/Berlin"},
        {"location": "Park"},
        {"canceled": True},
        {"recurrence": {"rrule": "FREQ=WEEKLY;COUNT=4"}},
        {"recurrence": {"rrule": "FREQ=WEEKLY;COUNT=3", "exdates": [NOW + 8 * DAY]}},
        {"overrides": {SECOND: {"startAt": NOW + 9 * DAY}}},
        {"overrides": {SECOND: {"location": "Park"}}},
        {"overrides": {SECOND: {"canceled": True}}},
    ],
)
def test_the_digest_follows_time_place_recurrence_and_cancellation(fields: dict[str, Any]) -> None:
    assert schedule_digest(event(**WEEKLY)) != schedule_digest(event(**{**WEEKLY, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Feast"},
        {"description": "Bring cake"},
        {"maxAttendees": 5, "attendingCount": 3},
        {"visibility": "members"},
        {"recurrence": {"rrule": "count=3;freq=weekly"}},
    ],
)
def test_the_digest_is_blind_to_the_rest(fields: dict[str, Any]) -> None:
    assert schedule_digest(event(**WEEKLY)) == schedule_digest(event(**{**WEEKLY, **fields}))


def test_sequence_grows_once_for_a_change_however_often_it_is_looked_at() -> None:
    stored: dict[str, Any] = {"title": "Picnic", "startAt": NOW + DAY, "visibility": "public", "published": True}
    for startAt, sequence in ((NOW + DAY, 0), (NOW + 2 * DAY, 1), (NOW + 2 * DAY, 1), (NOW + DAY, 2)):  # noqa: N806
        stored["startAt"] = startAt
        stored |= derived_changes(parse_event("e", stored), stored)
        assert derived_changes(parse_event("e", stored), stored) == {}
        assert stored["sequence"] == sequence


def test_an_event_that_is_in_order_needs_no_write() -> None:
    stored = {"title": "ÄRGER İn İzmir", "startAt": NOW + DAY, "endAt": NOW + 2 * DAY, "visibility": "public"}
    changes = derived_changes(parse_event("e", stored), stored)
    assert changes == {
        "titleLower": "ärger i̇n i̇zmir",
        "lastEndAt": NOW + 2 * DAY,
        "sequence": 0,
        "scheduleDigest": schedule_digest(parse_event("e", stored)),
        "published": True,
    }
    assert derived_changes(parse_event("e", stored | changes), stored | changes) == {}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"sequence": 1.0}, {"sequence": 1}),
        ({"sequence": True}, {"sequence": 0}),
        ({"published": False}, {}),
        ({"published": None}, {}),
        ({"published": "yes"}, {}),
        ({"attendingCount": "lost"}, {}),  # only the ledger knows
        ({"startAt": None, "lastEndAt": NOW}, {"lastEndAt": None}),
    ],
)
def test_a_derived_field_is_put_right_in_value_and_type(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    sound = {"title": "Picnic", "startAt": NOW + DAY, "visibility": "public"}
    sound |= derived_changes(parse_event("e", sound), sound)
    stored = sound | fields
    stored["scheduleDigest"] = schedule_digest(parse_event("e", stored))
    assert derived_changes(parse_event("e", stored), stored) == expected


@pytest.mark.parametrize("broken", [None, "3", 3.0, True, -1, float("nan")])
@pytest.mark.parametrize("name", ["attendingCount", "waitlistCount"])
def test_a_count_is_sound_or_it_is_not(name: str, broken: Any) -> None:
    sound = {"attendingCount": 3, "waitlistCount": 0}
    assert has_sound_counts(sound)
    assert not has_sound_counts(sound | {name: broken})
    assert not has_sound_counts({key: value for key, value in sound.items() if key != name})


# --- The access table ------------------------------------------------------------------------------------------

VIEWERS = {
    "guest": GUEST,
    "nobody": Viewer("nora"),
    "member": Viewer("ana", "member"),
    "invited": Viewer("ivy"),
    "creator": Viewer("cleo", "member"),
    "former creator": Viewer("cleo"),
    "organizer": Viewer("olga", "member", organizer=True),
    "former organizer": Viewer("olga", organizer=True),
    "admin": Viewer("root", "admin"),
}
MANAGERS = {"creator", "organizer", "admin"}
EVENT = event(organizationId="club", invitedUsers=["ivy"])


@pytest.mark.parametrize(
    ("fields", "readers"),
    [
        ({"visibility": "public"}, set(VIEWERS)),
        ({"visibility": "members"}, MANAGERS | {"member", "invited"}),
        ({"visibility": "private"}, MANAGERS | {"invited"}),
        ({"visibility": "private", "startAt": NOW - DAY}, set(VIEWERS)),
        ({"visibility": "private", "startAt": NOW - DAY, **WEEKLY}, MANAGERS | {"invited"}),
        ({"visibility": "public", "published": False}, MANAGERS),
        ({"visibility": "public", "published": False, "startAt": NOW - DAY}, MANAGERS),
        ({"visibility": "private", "canceled": True}, MANAGERS | {"invited"}),
    ],
)
def test_who_may_read(fields: dict[str, Any], readers: set[str]) -> None:
    seen = event(organizationId="club", invitedUsers=["ivy"], **fields)
    assert {name for name, viewer in VIEWERS.items() if can_read(seen, viewer, now=NOW)} == readers


def test_who_may_manage() -> None:
    assert {name for name, viewer in VIEWERS.items() if can_manage(EVENT, viewer)} == MANAGERS


def test_nobody_organizes_an_event_without_an_organization() -> None:
    assert not can_manage(replace(EVENT, organization_id=None), VIEWERS["organizer"])


def test_an_event_without_a_creator_is_not_everybody_s() -> None:
    assert not can_manage(event(createdBy=None), Viewer("", "member"))

"""The tolerant reading of stored events: any data has one, and what was replaced is named."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import DocumentReference, GeoPoint
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.events.derive import derived_changes, teaser_of
from gather.events.laws import status_of
from gather.events.model import ENDLESS, Event, Visibility, last_end, parse_event, schedule_digest

START = datetime(2026, 5, 5, 16, tzinfo=UTC)
PRECISE: Any = DatetimeWithNanoseconds(2026, 5, 5, 16, nanosecond=5, tzinfo=UTC)  # type: ignore[no-untyped-call]  # untyped
STORED: dict[str, Any] = {
    "title": "Picnic",
    "startAt": START,
    "visibility": "public",
    "createdBy": "ana",
    "createdAt": START,
    "updatedAt": START,
}
RULE = {"rrule": "FREQ=WEEKLY;COUNT=4"}
WEEKLY: dict[str, Any] = {"timezone": "Europe/Berlin", "recurrence": RULE}


def read(**fields: Any) -> Event:
    return parse_event("picnic", {**STORED, **fields})


def test_a_sound_event_has_no_faults_and_the_defaults_of_what_is_absent() -> None:
    event = read()
    assert event.faults == ()
    assert (event.published, event.count_party_size, event.guest_list_visible) == (True, True, True)
    assert (event.canceled, event.is_waitlist_enabled, event.is_paid, event.no_teaser) == (False,) * 4
    assert (event.waitlist_policy, event.attending_count, event.sequence) == ("strict", 0, 0)
    assert (event.end_at, event.timezone, event.max_attendees, event.recurrence) == (None,) * 4


# A stored field, the attribute it is read into, what is read, and the field of the fault (None: there is none).
READINGS: list[tuple[dict[str, Any], str, Any, str | None]] = [
    ({"title": "  Picnic \n"}, "title", "Picnic", None),
    ({"title": "   "}, "title", "", "title"),
    ({"title": 7}, "title", "", "title"),
    ({"title": "x" * 300}, "title", "x" * 200, "title"),
    ({"description": b"bytes"}, "description", "", "description"),
    ({"startAt": "2026-05-05"}, "start_at", None, "startAt"),
    ({"startAt": None}, "start_at", None, "startAt"),
    ({"startAt": datetime(1, 1, 1, tzinfo=UTC)}, "start_at", None, "startAt"),
    ({"startAt": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "start_at", None, "startAt"),
    ({"startAt": START.astimezone(timezone(timedelta(hours=2)))}, "start_at", START, None),
    ({"startAt": START.replace(tzinfo=None)}, "start_at", START, "startAt"),
    ({"startAt": PRECISE}, "start_at", START, None),
    ({"endAt": START + timedelta(hours=2)}, "end_at", START + timedelta(hours=2), None),
    ({"endAt": START}, "end_at", None, "endAt"),
    ({"endAt": START - timedelta(days=1)}, "end_at", None, "endAt"),
    ({"endAt": 5}, "end_at", None, "endAt"),
    ({"allDay": "yes"}, "all_day", False, "allDay"),
    ({"timezone": "Europe/Berlin"}, "timezone", "Europe/Berlin", None),
    ({"timezone": "Mars/Olympus"}, "timezone", "UTC", "timezone"),
    ({"timezone": "../../etc/passwd"}, "timezone", "UTC", "timezone"),
    ({"timezone": "Europe"}, "timezone", "UTC", "timezone"),
    ({"timezone": 3}, "timezone", "UTC", "timezone"),
    ({"visibility": "members"}, "visibility", Visibility.MEMBERS, None),
    ({"visibility": "everyone"}, "visibility", Visibility.PRIVATE, "visibility"),
    ({"visibility": None}, "visibility", Visibility.PRIVATE, "visibility"),
    ({"visibility": ["public"]}, "visibility", Visibility.PRIVATE, "visibility"),
    ({"visibility": "private", "public": True}, "visibility", Visibility.PUBLIC, None),
    ({"visibility": "private", "public": "true"}, "visibility", Visibility.PRIVATE, None),
    ({"visibility": "private", "public": 1}, "visibility", Visibility.PRIVATE, None),
    ({"invitedUsers": ["ana", 3, "ben", "ana", ""]}, "invited_users", ("ana", "ben"), "invitedUsers"),
    ({"invitedUsers": {"ana": True}}, "invited_users", (), "invitedUsers"),
    ({"tags": [f"tag{number}" for number in range(12)]}, "tags", tuple(f"tag{n}" for n in range(10)), "tags"),
    ({"tags": ["x" * 41, "fine"]}, "tags", ("fine",), "tags"),
    ({"maxAttendees": 5}, "max_attendees", 5, None),
    ({"maxAttendees": 5.9}, "max_attendees", 5, "maxAttendees"),
    ({"maxAttendees": 0}, "max_attendees", None, "maxAttendees"),
    ({"maxAttendees": -3}, "max_attendees", None, "maxAttendees"),
    ({"maxAttendees": float("nan")}, "max_attendees", None, "maxAttendees"),
    ({"maxAttendees": float("inf")}, "max_attendees", None, "maxAttendees"),
    ({"maxAttendees": True}, "max_attendees", None, "maxAttendees"),
    ({"maxAttendees": "5"}, "max_attendees", None, "maxAttendees"),
    ({"attendingCount": -1}, "attending_count", 0, "attendingCount"),
    ({"waitlistPolicy": "skip"}, "waitlist_policy", "skip", None),
    ({"waitlistPolicy": "fair"}, "waitlist_policy", "strict", "waitlistPolicy"),
    ({"published": False}, "published", False, None),
    ({"published": "true"}, "published", False, "published"),
    ({"guestListVisible": 1}, "guest_list_visible", False, "guestListVisible"),
    ({"canceled": "no"}, "canceled", False, "canceled"),
    ({"imageUrl": "https://example.org/a.png"}, "image_url", "https://example.org/a.png", None),
    ({"imageUrl": "javascript:alert(1)"}, "image_url", None, "imageUrl"),
    ({"priceCents": -5}, "price_cents", None, "priceCents"),
    ({"currency": "eur"}, "currency", "EUR", None),
    ({"currency": "euro"}, "currency", None, "currency"),
    ({"organizationId": "a/b"}, "organization_id", None, "organizationId"),
    ({"createdBy": ["ana"]}, "created_by", "", "createdBy"),
    ({"createdBy": "a/b"}, "created_by", "", "createdBy"),
    ({"createdBy": "__x__"}, "created_by", "", "createdBy"),
    ({"createdBy": ".."}, "created_by", "", "createdBy"),
    ({"createdBy": ""}, "created_by", "", "createdBy"),
    ({"createdBy": "x" * 129}, "created_by", "", "createdBy"),
    ({"createdBy": " ana"}, "created_by", " ana", None),
    ({"createdBy": None}, "created_by", "", "createdBy"),
    ({"published": None}, "published", False, "published"),
    ({"canceled": None}, "canceled", False, "canceled"),
    ({"isWaitlistEnabled": None}, "is_waitlist_enabled", False, "isWaitlistEnabled"),
    ({"maxAttendees": None}, "max_attendees", None, "maxAttendees"),
    ({"lastEndAt": None}, "last_end_at", None, "lastEndAt"),
    ({"endAt": None}, "end_at", None, "endAt"),
    ({"invitedUsers": None}, "invited_users", (), "invitedUsers"),
    ({"recurrence": None}, "recurrence", None, "recurrence"),
    ({"recurrence": {}, "timezone": "UTC"}, "recurrence", None, "recurrence.rrule"),
    ({"location": None}, "location", None, None),
    ({"countPartySize": None}, "count_party_size", True, None),
    ({"lastEndAt": ENDLESS}, "last_end_at", ENDLESS, None),
    ({"lastEndAt": "never"}, "last_end_at", None, "lastEndAt"),
    ({"sequence": 2.5}, "sequence", 2, "sequence"),
    ({"recurrence": "FREQ=DAILY"}, "recurrence", None, "recurrence"),
    ({"recurrence": {"rrule": "FREQ=HOURLY"}, "timezone": "UTC"}, "recurrence", None, "recurrence.rrule"),
    ({"recurrence": {"rrule": ["FREQ=DAILY"]}, "timezone": "UTC"}, "recurrence", None, "recurrence.rrule"),
    ({**WEEKLY, "startAt": None}, "recurrence", None, "startAt"),
    ({**WEEKLY, "overrides": {"20260512T160000Z": 3}}, "overrides", {}, "overrides"),
    ({**WEEKLY, "overrides": {"tomorrow": {"title": "x"}}}, "overrides", {}, "overrides"),
    ({**WEEKLY, "overrides": {"20260513T160000Z": {"title": "x"}}}, "overrides", {}, "overrides"),
    ({**WEEKLY, "overrides": ["x"]}, "overrides", {}, "overrides"),
    ({**WEEKLY, "recurrence": {**RULE, "exdates": "x"}}, "overrides", {}, "recurrence.exdates"),
    ({"overrides": {"20260505T160000Z": {"title": "x"}}}, "overrides", {}, None),
]


@pytest.mark.parametrize(("stored", "attribute", "expected", "fault"), READINGS)
def test_a_stored_field_is_read(stored: dict[str, Any], attribute: str, expected: Any, fault: str | None) -> None:
    event = read(**stored)
    assert getattr(event, attribute) == expected
    assert ([fault] if fault else []) == [each.field for each in event.faults]


@pytest.mark.parametrize("field", ["title", "startAt", "visibility", "createdBy"])
def test_a_field_that_every_event_has_is_missed(field: str) -> None:
    stored = {name: value for name, value in STORED.items() if name != field}
    assert [field] == [each.field for each in parse_event("picnic", stored).faults]


TEXT = "Canary"
QUOTED: list[dict[str, Any]] = [
    *({name: TEXT} for name in ("startAt", "endAt", "allDay", "timezone", "visibility", "invitedUsers", "tags")),
    *({name: TEXT} for name in ("maxAttendees", "waitlistPolicy", "published", "imageUrl", "currency", "recurrence")),
    *({"timezone": "UTC", "recurrence": {"rrule": rrule}} for rrule in (TEXT, f"{TEXT}=1", f"FREQ={TEXT}")),
    {**WEEKLY, "recurrence": {**RULE, "exdates": [TEXT]}},
    {"createdBy": f"{TEXT}/{TEXT}"},
    {**WEEKLY, "overrides": {TEXT: {}}},
    {**WEEKLY, "overrides": {"20260512T160000Z": TEXT}},
    {**WEEKLY, "overrides": {"20260512T160000Z": {TEXT: 1}}},
    {**WEEKLY, "overrides": {"20260512T160000Z": {"startAt": TEXT}}},
]


@pytest.mark.parametrize("fields", QUOTED)
def test_no_fault_quotes_what_was_stored(fields: dict[str, Any]) -> None:
    """Faults are logged, and an event may be private."""
    faults = read(**fields).faults
    assert faults
    assert TEXT.lower() not in str(faults).lower()
    assert "20260512" not in str(faults)


def test_a_fault_of_many_overrides_is_reported_once() -> None:
    names = [f"202605{day:02}T160000Z" for day in (5, 12, 19)]
    event = read(**WEEKLY, overrides={name: {"endAt": 3} for name in names})
    assert [each.field for each in event.faults] == ["overrides.endAt"]


def test_a_recurring_event_without_a_zone_repeats_in_utc_and_says_so() -> None:
    event = read(recurrence={"rrule": "FREQ=WEEKLY"})
    assert event.recurrence is not None
    assert [each.field for each in event.faults] == ["timezone"]


def test_an_override_is_found_under_its_canonical_name_whichever_was_stored() -> None:
    event = read(**WEEKLY, overrides={"2026-05-12": {"title": "Indoors", "startAt": START + timedelta(days=8)}})
    assert event.faults == ()
    assert list(event.overrides) == ["20260512T160000Z"]
    assert event.overrides["20260512T160000Z"].title == "Indoors"


def test_an_occurrence_that_an_exdate_cancels_has_no_override() -> None:
    second = START + timedelta(days=7)
    recurrence = {**RULE, "exdates": [second, "tomorrow"]}
    event = read(timezone="Europe/Berlin", recurrence=recurrence, overrides={"20260512T160000Z": {"title": "x"}})
    assert event.overrides == {}
    assert event.recurrence is not None
    assert event.recurrence.exdates == (second,)
    assert [each.field for each in event.faults] == ["recurrence.exdates", "overrides"]


def test_an_override_may_not_touch_what_the_whole_series_decides() -> None:
    event = read(**WEEKLY, overrides={"20260512T160000Z": {"visibility": "public", "endAt": 3}})
    assert [each.field for each in event.faults] == ["overrides.*", "overrides.endAt"]


def test_overrides_beyond_their_bound_are_left_out() -> None:
    days = [START + timedelta(days=number) for number in range(400)]
    event = read(
        timezone="UTC",
        recurrence={"rrule": "FREQ=DAILY"},
        overrides={f"{day:%Y%m%dT%H%M%SZ}": {"canceled": True} for day in days},
    )
    assert len(event.overrides) == 366
    assert [each.field for each in event.faults] == ["overrides"]


@pytest.mark.parametrize(
    ("stored", "start", "end"),
    [
        ("2026-05-04T22:00", "2026-05-04T22:00", None),  # midnight in Berlin
        ("2026-05-05T00:00", "2026-05-04T22:00", None),  # midnight in UTC: the same local day
        ("2026-05-05T21:59", "2026-05-04T22:00", None),
    ],
)
def test_an_all_day_event_starts_at_local_midnight(stored: str, start: str, end: str | None) -> None:
    event = read(startAt=datetime.fromisoformat(stored).replace(tzinfo=UTC), allDay=True, timezone="Europe/Berlin")
    assert event.start_at == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert event.end_at == end
    assert bool(event.faults) == (stored != start)


def test_an_all_day_event_that_ends_on_its_day_lasts_that_day() -> None:
    midnight = datetime(2026, 5, 4, 22, tzinfo=UTC)
    event = read(startAt=midnight, endAt=midnight + timedelta(hours=23), allDay=True, timezone="Europe/Berlin")
    assert last_end(event) == midnight + timedelta(days=1)


def test_the_document_s_own_times_stand_in_for_missing_ones() -> None:
    stored = {key: value for key, value in STORED.items() if key not in {"createdAt", "updatedAt"}}
    later = START + timedelta(days=1)
    event = parse_event("picnic", stored, create_time=START, update_time=later)
    assert (event.created_at, event.updated_at) == (START, later)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=30)
    | st.binary(max_size=10)
    | st.datetimes(timezones=st.just(UTC))
    | st.datetimes()
    | st.sampled_from([PRECISE, GeoPoint(1, 2)])
    | st.builds(DocumentReference, st.just("events"), st.just("e"), client=st.none())
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=8,
)
RRULES = (
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;COUNT=9", "FREQ=MONTHLY;UNTIL=20301231", "FREQ=NEVER", ""]) | VALUES
)
NAMES = st.sampled_from(["20260505T160000Z", "2026-05-06", "20260507", "x"]) | st.text(max_size=20)
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-11))]))
OVERRIDE = st.dictionaries(
    st.sampled_from(["startAt", "endAt", "title", "tags", "canceled", "recurrence"]), MOMENTS | VALUES
)
PLAUSIBLE = st.fixed_dictionaries(
    {},
    optional={
        "startAt": MOMENTS | VALUES,
        "endAt": MOMENTS | VALUES,
        "allDay": st.booleans() | VALUES,
        "timezone": st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/New_York"]) | VALUES,
        "recurrence": st.fixed_dictionaries({"rrule": RRULES}, optional={"exdates": st.lists(MOMENTS) | VALUES})
        | VALUES,
        "overrides": st.dictionaries(NAMES, OVERRIDE | VALUES, max_size=4) | VALUES,
    },
)
OTHER_FIELDS = [
    "title", "description", "location", "imageUrl", "visibility", "public", "invitedUsers", "tags", "maxAttendees",
    "countPartySize", "isWaitlistEnabled", "waitlistPolicy", "isPaid", "priceCents", "currency", "organizationId",
    "published", "noTeaser", "guestListVisible", "canceled", "cancelReason", "createdBy", "createdAt", "updatedAt",
    "attendingCount", "waitlistCount", "lastEndAt", "sequence", "scheduleDigest", "recurrence",
]  # fmt: skip
JUNK = st.dictionaries(st.sampled_from(OTHER_FIELDS) | st.text(max_size=10), VALUES)


@settings(deadline=None, max_examples=120)
@given(JUNK, PLAUSIBLE)
def test_any_stored_data_is_read_and_every_law_answers(junk: dict[str, Any], plausible: dict[str, Any]) -> None:
    """Nothing a privileged writer can store makes reading raise; what is derived from it settles in one step."""
    stored = {**junk, **plausible}
    event = parse_event("e", stored)
    changes = derived_changes(event, stored)
    settled = {**stored, **changes}
    assert derived_changes(parse_event("e", settled), settled) == {}
    assert status_of(event, START) in {"draft", "scheduled", "canceled", "past"}
    assert len(schedule_digest(event)) == 64
    assert teaser_of(event, START) is None or event.visibility is not Visibility.PRIVATE

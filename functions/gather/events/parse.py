"""From a stored document to an `Event`: every field read with its type, bounds and default. Never raises.

The table of fields is spec text turned into code once; whoever reads an event reads it through here.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from gather.events.event import Event, Visibility
from gather.events.fields import FieldReader
from gather.events.limits import (
    CURRENCY_LENGTH,
    DESCRIPTION_MAX,
    DIGEST_MAX,
    INVITED_USERS_MAX,
    LOCATION_MAX,
    REASON_MAX,
    TAG_MAX,
    TAGS_MAX,
    TITLE_MAX,
    UID_MAX,
    URL_MAX,
)
from gather.events.schedule import read_schedule
from gather.recurrence import ENDLESS

DECIDING_FIELDS = frozenset(
    {
        "canceled",
        "createdBy",
        "endAt",
        "invitedUsers",
        "isWaitlistEnabled",
        "lastEndAt",
        "maxAttendees",
        "published",
        "recurrence",
        "startAt",
        "visibility",
    }
)
"""Who may read and attend depends on these. To the rules a null is a wrong type, not an absent field; so here."""


def parse_event(
    event_id: str,
    data: Mapping[str, Any],
    *,
    create_time: datetime | None = None,
    update_time: datetime | None = None,
) -> Event:
    """Any stored data has a reading: unusable values count as absent, or as the side that shows least.

    `create_time` and `update_time` of the document stand in for createdAt and updatedAt.
    """
    fields = FieldReader(data, deciding=DECIDING_FIELDS)
    title = fields.text("title", TITLE_MAX)
    created_by = fields.document_id("createdBy", UID_MAX)
    for name, value in (("title", title), ("createdBy", created_by)):
        if value is None:
            fields.missing(name)
    schedule = read_schedule(fields)
    event = Event(
        id=event_id,
        title=title or "",
        description=fields.text("description", DESCRIPTION_MAX) or "",
        start_at=schedule.start_at,
        end_at=schedule.end_at,
        all_day=schedule.all_day,
        timezone=schedule.timezone,
        recurrence=schedule.recurrence,
        has_unreadable_recurrence="recurrence" in data and schedule.recurrence is None,
        overrides=schedule.overrides,
        location=fields.text("location", LOCATION_MAX),
        image_url=fields.https("imageUrl", URL_MAX),
        visibility=_visibility(fields),
        invited_users=fields.texts("invitedUsers", INVITED_USERS_MAX, UID_MAX),
        tags=fields.texts("tags", TAGS_MAX, TAG_MAX),
        max_attendees=fields.whole("maxAttendees", 1),
        count_party_size=fields.flag("countPartySize", default=True),
        is_waitlist_enabled=fields.flag("isWaitlistEnabled", default=False),
        waitlist_policy=_waitlist_policy(fields),
        is_paid=fields.flag("isPaid", default=False),
        price_cents=fields.whole("priceCents", 0),
        currency=_currency(fields),
        organization_id=fields.document_id("organizationId", UID_MAX),
        # A draft must not appear because its mark was stored as a string; the same for a hidden guest list.
        published=fields.flag("published", default=True, when_malformed=False),
        no_teaser=fields.flag("noTeaser", default=False, when_malformed=True),
        guest_list_visible=fields.flag("guestListVisible", default=True, when_malformed=False),
        canceled=fields.flag("canceled", default=False),
        cancel_reason=fields.text("cancelReason", REASON_MAX),
        created_by=created_by or "",
        created_at=fields.moment("createdAt") or create_time,
        updated_at=fields.moment("updatedAt") or update_time,
        attending_count=fields.whole("attendingCount", 0) or 0,
        waitlist_count=fields.whole("waitlistCount", 0) or 0,
        last_end_at=_last_end_at(fields),
        sequence=fields.whole("sequence", 0) or 0,
        schedule_digest=fields.text("scheduleDigest", DIGEST_MAX),
        faults=(),
    )
    return replace(event, faults=tuple(fields.faults))


def _visibility(fields: FieldReader) -> Visibility:
    if fields.data.get("public") is True:
        return Visibility.PUBLIC
    value = fields.data.get("visibility")
    if isinstance(value, str) and value in {visibility.value for visibility in Visibility}:
        return Visibility(value)
    fields.fault("visibility", "is missing or not one of public, members, private; read as private")
    return Visibility.PRIVATE


def _waitlist_policy(fields: FieldReader) -> Literal["strict", "skip"]:
    value = fields.data.get("waitlistPolicy")
    if value == "skip":
        return "skip"
    if value not in (None, "strict"):
        fields.fault("waitlistPolicy", "is neither strict nor skip; read as strict")
    return "strict"


def _currency(fields: FieldReader) -> str | None:
    code = fields.text("currency", 16)
    if code is not None and not (len(code) == CURRENCY_LENGTH and code.isascii() and code.isalpha()):
        fields.fault("currency", "is not a code of three letters")
        return None
    return code.upper() if code else None


def _last_end_at(fields: FieldReader) -> datetime | None:
    value = fields.data.get("lastEndAt")
    if isinstance(value, datetime) and value.year == ENDLESS.year and value.tzinfo is not None:
        return ENDLESS
    return fields.moment("lastEndAt")

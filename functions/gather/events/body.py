"""An event as HTTP clients send it: JSON into the stored fields, older names included, every fault at once. Pure.

What a field may hold is not said again here: the document is read as every stored event is (`parse`), and whatever
that reading would replace is refused.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from gather.events.parse import parse_event
from gather.money import MINOR_DIGITS

CLIENT_FIELDS = (
    "title", "description", "startAt", "endAt", "allDay", "timezone", "location", "imageUrl", "refundPolicy",
    "visibility", "invitedUsers", "tags", "maxAttendees", "countPartySize", "isWaitlistEnabled", "waitlistPolicy",
    "recurrence", "overrides", "isPaid", "priceCents", "currency", "externalProductId", "organizationId", "published",
    "noTeaser", "guestListVisible", "canceled", "cancelReason",
)  # fmt: skip
"""What organizers write, as the rules list it in `eventFields`; `titleLower` follows from the title."""
OLDER_NAMES = {
    "name": "title",
    "start_time": "startAt",
    "starts_at": "startAt",
    "end_time": "endAt",
    "capacity": "maxAttendees",
    "cancelled": "canceled",
}
IGNORED = frozenset({"id", "createdBy", "organizer_id", "organizerUid"})  # always the caller, or the path
TEXTS_ONLY_STORED = {"refundPolicy": 5_000, "externalProductId": 200}  # read by nobody here, bounded by the rules
_MOMENTS = ("startAt", "endAt")

Detail = dict[str, str]


def fields_of(body: object) -> tuple[dict[str, Any], list[Detail]]:
    """Return the fields sent, under their stored names and with their stored types; None says to remove one."""
    if not isinstance(body, Mapping):
        return {}, [{"field": "", "problem": "is not an object"}]
    details: list[Detail] = []
    fields: dict[str, Any] = {}
    for sent, value in body.items():
        name = OLDER_NAMES.get(sent, sent)
        if name in CLIENT_FIELDS:
            fields[name] = _stored(name, value, details)
        elif name == "price":
            fields["priceCents"] = _cents(value, body.get("currency"), details)
        elif name not in IGNORED:
            details.append({"field": str(sent), "problem": "is no field of an event"})
    if isinstance(fields.get("title"), str):
        fields["title"] = fields["title"].strip()
    return fields, details


def faults_of(document: Mapping[str, Any]) -> list[Detail]:
    """Name everything in an event's document that the rules would refuse or a reader would replace."""
    details = [{"field": fault.field, "problem": fault.problem} for fault in parse_event("new", document).faults]
    for name, length_max in TEXTS_ONLY_STORED.items():
        value = document.get(name, "")
        if not isinstance(value, str) or len(value) > length_max:
            details.append({"field": name, "problem": f"is not a string of up to {length_max} characters"})
    if document.get("isPaid") is True:
        missing = [name for name in ("priceCents", "currency") if document.get(name) is None]
        details += [{"field": name, "problem": "is missing, which a paid event needs"} for name in missing]
    if "invitedUsers" in document and document.get("visibility") != "private":
        details.append({"field": "invitedUsers", "problem": "only private events have invitations"})
    return details


def _stored(name: str, value: Any, details: list[Detail]) -> Any:
    if value is None:
        return None
    if name in _MOMENTS:
        return read_moment(name, value, details)
    if name == "recurrence" and isinstance(value, Mapping) and isinstance(value.get("exdates"), list):
        exdates = [read_moment("recurrence.exdates", exdate, details) for exdate in value["exdates"]]
        return {**value, "exdates": exdates}
    if name == "overrides" and isinstance(value, Mapping):
        return {key: _override(override, details) for key, override in value.items()}
    return value


def _override(override: Any, details: list[Detail]) -> Any:
    if not isinstance(override, Mapping):
        return override
    return {
        name: read_moment(f"overrides.{name}", value, details) if name in _MOMENTS and value is not None else value
        for name, value in override.items()
    }


def read_moment(name: str, value: Any, details: list[Detail]) -> datetime | None:
    """Read a time with an offset, in ISO 8601; for anything else add a detail about the field `name`."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        details.append({"field": name, "problem": "is not a time with an offset, such as 2026-05-01T18:00:00+02:00"})
        return None
    return moment


def _cents(value: Any, currency: Any, details: list[Detail]) -> int | None:
    digits = MINOR_DIGITS.get(currency.upper(), 2) if isinstance(currency, str) else 2
    try:
        cents = Decimal(str(value)).scaleb(digits)
    except InvalidOperation:
        cents = Decimal("nan")
    if isinstance(value, bool) or not cents.is_finite() or cents != cents.to_integral_value():
        details.append({"field": "price", "problem": "is not a price in this currency"})
        return None
    return int(cents)

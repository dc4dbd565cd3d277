"""Lists of events over HTTP: one query by the narrowest filter, the others on its page, and a cursor to go on.

A page holds what its caller may read and nothing else; it may therefore be shorter than asked for, and is the last
one only where it comes without a cursor.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.events.fields import is_document_id
from gather.events.model import Event, Viewer, Visibility, can_read
from gather.events.store import SignedIn, event_of, viewer_of

PAGE_MAX, PAGE_DEFAULT = 100, 50
PREFIX_END = "\uf8ff"  # sorts after every letter in use


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list is asked for; `after` is the place of the last event of the page before."""

    since: datetime
    until: datetime | None = None
    prefix: str | None = None
    tag: str | None = None
    visibility: Visibility | None = None
    organization_id: str | None = None
    mine: bool = False
    limit: int = PAGE_DEFAULT
    after: tuple[Any, str] | None = None


@dataclass(slots=True)
class _Reading:
    args: Mapping[str, str]
    details: list[dict[str, str]] = field(default_factory=list)

    def fault(self, name: str, problem: str) -> None:
        self.details.append({"field": name, "problem": problem})

    def moment(self, name: str) -> datetime | None:
        if name not in self.args:
            return None
        try:
            moment = datetime.fromisoformat(self.args[name])
        except ValueError:
            self.fault(name, "is not a time such as 2026-05-01T18:00:00Z")
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_list_request(args: Mapping[str, str], *, now: datetime) -> tuple[Asked, list[dict[str, str]]]:
    """Read a query string; parameters that nobody knows are left alone."""
    reading = _Reading(args)
    limit = args.get("limit", str(PAGE_DEFAULT))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 3 and 1 <= int(limit) <= PAGE_MAX):
        reading.fault("limit", f"is not a whole number from 1 to {PAGE_MAX}")
        limit = str(PAGE_DEFAULT)
    visibility = args.get("visibility")
    if visibility is not None and visibility not in set(Visibility):
        reading.fault("visibility", "is none of public, members, private")
        visibility = None
    organization_id = args.get("organizationId")
    if organization_id is not None and not is_document_id(organization_id):
        reading.fault("organizationId", "cannot be the id of an organization")
    after = decode_cursor(args["cursor"]) if "cursor" in args else None
    if "cursor" in args and after is None:
        reading.fault("cursor", "is not a cursor of this list; start without one")
    asked = Asked(
        since=reading.moment("from") or now,
        until=reading.moment("to"),
        prefix=args.get("q", "").strip().lower() or None,
        tag=args.get("tag") or None,
        visibility=Visibility(visibility) if visibility else None,
        organization_id=organization_id,
        mine=args.get("mine") in {"1", "true"},
        limit=int(limit),
        after=after,
    )
    return asked, reading.details


def list_events(
    client: Any, caller: SignedIn | None, asked: Asked, *, now: datetime
) -> tuple[list[tuple[Event, Mapping[str, Any], Viewer]], str | None]:
    """Return a page of events that the caller may read, and where to go on; None where there is no more."""
    query, order = list_query(client, caller, asked)
    if asked.after is not None:
        value, name = asked.after
        query = query.start_after({order: value, "__name__": client.collection("events").document(name)})
    page = list(query.limit(asked.limit).stream())
    found = []
    for snapshot in page:
        event = event_of(snapshot)
        if event is None or not _matches(event, asked, has_since=order == "lastEndAt"):
            continue
        viewer = viewer_of(client, caller, event)
        if can_read(event, viewer, now=now):
            found.append((event, snapshot.to_dict(), viewer))
    is_last = len(page) < asked.limit
    return found, None if is_last else encode_cursor(page[-1].get(order), page[-1].id)


def list_audit(client: Any, event_id: str, asked: Asked) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of an event's audit trail, the latest first, and where to go on."""
    trail = client.collection("events", event_id, "audit")
    query, order = _ordered(trail, "at", newest_first=True)
    if asked.after is not None:
        value, name = asked.after
        query = query.start_after({order: value, "__name__": trail.document(name)})
    page = list(query.limit(asked.limit).stream())
    entries = [{"id": entry.id, **entry.to_dict()} for entry in page]
    return entries, encode_cursor(page[-1].get(order), page[-1].id) if len(page) == asked.limit else None


def list_query(client: Any, caller: SignedIn | None, asked: Asked) -> tuple[Any, str]:
    """Return the query of the narrowest filter and the field that orders it."""
    events = client.collection("events")
    if asked.mine and caller is not None:
        return _ordered(events.where(filter=FieldFilter("createdBy", "==", caller.uid)), "startAt", newest_first=True)
    seen = events.where(filter=FieldFilter("published", "==", value=True))
    if asked.organization_id is not None:
        seen = seen.where(filter=FieldFilter("organizationId", "==", asked.organization_id))
    seen = seen.where(filter=FieldFilter("visibility", "in", _visibilities(caller, asked)))
    if asked.prefix is not None and asked.organization_id is None:
        titled = seen.where(filter=FieldFilter("titleLower", ">=", asked.prefix))
        return _ordered(titled.where(filter=FieldFilter("titleLower", "<", asked.prefix + PREFIX_END)), "titleLower")
    if asked.tag is not None and asked.organization_id is None:
        seen = seen.where(filter=FieldFilter("tags", "array_contains", asked.tag))
    return _ordered(seen.where(filter=FieldFilter("lastEndAt", ">=", asked.since)), "lastEndAt")


def _ordered(query: Any, name: str, *, newest_first: bool = False) -> tuple[Any, str]:
    direction = "DESCENDING" if newest_first else "ASCENDING"
    return query.order_by(name, direction=direction).order_by("__name__", direction=direction), name


def _visibilities(caller: SignedIn | None, asked: Asked) -> Sequence[str]:
    allowed = [Visibility.PUBLIC]
    if caller is not None and caller.role is not None:
        allowed.append(Visibility.MEMBERS)
    if caller is not None and caller.role == "admin":
        allowed.append(Visibility.PRIVATE)
    wanted = [each for each in allowed if asked.visibility in (None, each)]
    # Nothing of the visibility asked for is anybody's to list; what is read by accident is not shown.
    return [each.value for each in wanted or [Visibility.PUBLIC]]


def _matches(event: Event, asked: Asked, *, has_since: bool) -> bool:
    """The filters that the query has not applied."""
    ends_too_early = (
        not has_since and not asked.mine and event.last_end_at is not None and event.last_end_at < asked.since
    )
    starts_too_late = asked.until is not None and (event.start_at is None or event.start_at >= asked.until)
    return not (
        ends_too_early
        or starts_too_late
        or (asked.prefix is not None and not event.title.lower().startswith(asked.prefix))
        or (asked.tag is not None and asked.tag not in event.tags)
        or asked.visibility not in (None, event.visibility)
        or asked.organization_id not in (None, event.organization_id)
    )


def encode_cursor(value: Any, name: str) -> str:
    """Name a place in a list by the value that orders it and the event there."""
    text = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([isinstance(value, datetime), text, name]).encode()).decode()


def decode_cursor(cursor: str) -> tuple[Any, str] | None:
    """Read a cursor; None where it is none."""
    try:
        is_moment, text, name = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        value = datetime.fromisoformat(text) if is_moment else text
    except (ValueError, TypeError, binascii.Error):
        return None
    return (value, name) if isinstance(name, str) and is_document_id(name) and value is not None else None

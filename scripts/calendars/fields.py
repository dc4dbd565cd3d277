"""The stored fields of one event, as a client would write them, within the size of a document. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from calendars import limits
from calendars.report import Remark
from calendars.times import Kind
from calendars.vevent import VEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the files do not say: who may read their events, and the zone of times that name none."""

    visibility: Literal["public", "members", "private"] = "members"
    timezone: str = "UTC"


def event_fields(
    vevent: VEvent, extra: Mapping[str, Any], options: Options
) -> tuple[Mapping[str, Any], tuple[Remark, ...]]:
    """Absent is absent: no field is stored that says nothing. Too large an event has no fields at all."""
    fields: dict[str, Any] = {
        "title": vevent.title,
        "titleLower": vevent.title.lower()[: limits.TITLE_LOWER_CHARS_MAX],
        "description": vevent.description,
        "startAt": vevent.start.instant,
        "endAt": vevent.end,
        "allDay": vevent.all_day or None,
        # A single event given in UTC has no zone; a series must have one.
        "timezone": vevent.start.zone if vevent.start.kind is not Kind.UTC or "recurrence" in extra else None,
        "location": vevent.location,
        "visibility": "private" if vevent.is_private else options.visibility,
        "tags": list(vevent.tags) or None,
        "canceled": vevent.is_canceled or None,
        **extra,
    }
    return _within_document({name: value for name, value in fields.items() if value is not None}, vevent)


def _within_document(fields: dict[str, Any], vevent: VEvent) -> tuple[Mapping[str, Any], tuple[Remark, ...]]:
    """The texts of single occurrences go first; what is still too large is left out."""
    if _size(fields) <= limits.DOCUMENT_BYTES_MAX:
        return fields, ()
    overrides = fields.get("overrides", {})
    slim = {name: {key: one[key] for key in one if key != "description"} for name, one in overrides.items()}
    fields = {**fields, "overrides": {name: one for name, one in slim.items() if one}}
    if _size(fields) <= limits.DOCUMENT_BYTES_MAX:
        text = "it is too large for one document: its changed occurrences lost their descriptions"
        return fields, (Remark(text, vevent.line, is_loss=True),)
    return {}, (Remark("it is larger than a document may be", vevent.line, is_loss=True),)


def _size(fields: Mapping[str, Any]) -> int:
    return len(json.dumps(fields, default=str, ensure_ascii=False).encode("utf-8", "replace"))

"""Reads when an event takes place: times, zone, recurrence and overrides, each checked against the others.

Part of `parse`; kept apart because these fields only have a meaning together.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from functools import lru_cache
from importlib.resources import files
from typing import Any

from gather.events.fields import FieldReader
from gather.events.limits import (
    DESCRIPTION_MAX,
    LOCATION_MAX,
    OVERRIDES_MAX,
    REASON_MAX,
    TAG_MAX,
    TAGS_MAX,
    TITLE_MAX,
    URL_MAX,
)
from gather.recurrence import (
    Override,
    Recurrence,
    RecurrenceError,
    Series,
    excluded_ids,
    instant,
    local_date,
    local_day_of,
    overridden_occurrences,
    parse_rrule,
    zone_named,
)

_OVERRIDABLE = frozenset(
    {"startAt", "endAt", "title", "description", "location", "imageUrl", "tags", "canceled", "cancelReason"}
)


def read_schedule(fields: FieldReader) -> Series:
    """Without a start nothing repeats; a broken rule makes a single event; an unknown zone is UTC."""
    zone = _timezone(fields)
    start = fields.moment("startAt")
    if start is None:
        fields.missing("startAt")
    series = Series(
        start_at=start, end_at=fields.moment("endAt"), all_day=fields.flag("allDay", default=False), timezone=zone
    )
    series = _whole_days(fields, series) if series.all_day else series
    series = _ends_after_start(fields, series)
    series = replace(series, recurrence=_recurrence(fields, series))
    return replace(series, overrides=_overrides(fields, series))


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The names of the pinned tzdata, so that the host's own (localtime, right/...) are not accepted by chance."""
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


def _timezone(fields: FieldReader) -> str | None:
    stored = fields.data.get("timezone")
    if stored is None or stored == "":
        return None
    if isinstance(stored, str) and stored in known_zones():
        return stored
    fields.fault("timezone", "is not the name of a zone in the IANA database; read as UTC")
    return "UTC"


def _whole_days(fields: FieldReader, series: Series) -> Series:
    """All-day events run from local midnight to local midnight, whatever time of these days was stored."""
    snapped = {}
    for name, moment in (("startAt", series.start_at), ("endAt", series.end_at)):
        at_midnight = _midnight(series, moment)
        if at_midnight != moment:
            fields.fault(name, "is not midnight in the event's zone; read as the start of that day")
        snapped[name] = at_midnight
    return replace(series, start_at=snapped["startAt"], end_at=snapped["endAt"])


def _midnight(series: Series, moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    zone = zone_named(series.timezone)
    return instant(local_date(moment, zone), time.min, zone)


def _ends_after_start(fields: FieldReader, series: Series) -> Series:
    if series.start_at and series.end_at and series.end_at <= series.start_at:
        fields.fault("endAt", "is not after startAt; the default end is used")
        return replace(series, end_at=None)
    return series


def _recurrence(fields: FieldReader, series: Series) -> Recurrence | None:
    stored = fields.mapping("recurrence")
    if stored is None or series.start_at is None:
        return None
    if series.timezone is None:
        fields.fault("timezone", "is missing, which a recurring event needs; read as UTC")
    rrule = stored.get("rrule")
    if not isinstance(rrule, str):
        fields.fault("recurrence.rrule", "is missing or not a string; read as a single event")
        return None
    try:
        return Recurrence(parse_rrule(rrule), _exdates(fields, stored.get("exdates")))
    except RecurrenceError as error:
        fields.fault("recurrence.rrule", f"{error.unquoted}; read as a single event")
        return None


def _exdates(fields: FieldReader, stored: object) -> tuple[datetime, ...]:
    if stored is None:
        return ()
    if not isinstance(stored, list | tuple):
        fields.fault("recurrence.exdates", "is not a list")
        return ()
    moments = [fields.moment_value("recurrence.exdates", item) for item in stored]
    return tuple(sorted({moment for moment in moments if moment is not None}))


def _overrides(fields: FieldReader, series: Series) -> Mapping[str, Override]:
    """Only overrides of occurrences that take place are kept, each under its canonical name."""
    stored = fields.mapping("overrides")
    if not stored or series.recurrence is None:
        return {}
    readable = _readable_overrides(fields, series, stored)
    occurrences = overridden_occurrences(replace(series, overrides=readable))
    gone = excluded_ids(series)
    kept = {each.id: each.override for each in occurrences if each.override is not None and each.id not in gone}
    if len(kept) < len(readable):
        fields.fault("overrides", "names occurrences that do not exist, twice, or that exdates cancel; left out")
    return kept


def _readable_overrides(fields: FieldReader, series: Series, stored: Mapping[str, Any]) -> dict[str, Override]:
    names = sorted(name for name in stored if isinstance(name, str))
    if len(names) > OVERRIDES_MAX:
        fields.fault("overrides", f"holds more than {OVERRIDES_MAX} entries; the later ones are left out")
    readable = {}
    for name in names[:OVERRIDES_MAX]:
        try:
            local_day_of(series, name)
        except RecurrenceError as error:
            fields.fault("overrides", error.unquoted)
            continue
        if isinstance(stored[name], Mapping):
            readable[name] = _override(fields, series, stored[name])
        else:
            fields.fault("overrides", "holds an entry that is not a map")
    return readable


def _override(fields: FieldReader, series: Series, stored: Mapping[str, Any]) -> Override:
    own = FieldReader(stored)
    if not stored.keys() <= _OVERRIDABLE:
        own.fault("*", "holds a field that cannot differ between occurrences; the series' value is used")
    moved = Series(start_at=own.moment("startAt"), end_at=own.moment("endAt"), timezone=series.timezone)
    if series.all_day:
        moved = _whole_days(own, moved)
    moved = _ends_after_start(own, moved)
    override = Override(
        start_at=moved.start_at,
        end_at=moved.end_at,
        title=own.text("title", TITLE_MAX),
        description=own.text("description", DESCRIPTION_MAX),
        location=own.text("location", LOCATION_MAX),
        image_url=own.https("imageUrl", URL_MAX),
        tags=own.texts("tags", TAGS_MAX, TAG_MAX) if stored.get("tags") is not None else None,
        canceled=own.flag("canceled", default=False) if stored.get("canceled") is not None else None,
        cancel_reason=own.text("cancelReason", REASON_MAX),
    )
    for fault in own.faults:
        # Without the occurrence's name: fields are counted by name, and faults quote nothing that is stored.
        fields.fault(f"overrides.{fault.field}", fault.problem)
    return override

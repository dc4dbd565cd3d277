"""How an occurrence is named: by the start the rule gives it, wherever it was moved since.

`YYYYMMDDTHHMMSSZ` (UTC) for a timed occurrence, `YYYYMMDD` for an all-day one. Readers also accept the local
day, `YYYY-MM-DD`. Whether such an occurrence exists is not decided here (see `expand.find_occurrence`).
"""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gather.recurrence.rule import RecurrenceError
from gather.recurrence.series import EventSeries, local_date, zone_named

_TIMED = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_ALL_DAY = re.compile(r"[0-9]{8}")
_LOCAL_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def occurrence_id(start: datetime, all_day: bool, zone: ZoneInfo) -> str:  # noqa: FBT001  # agreed signature
    """One original start has one name: in UTC when timed, the local day when all-day."""
    if all_day:
        day = local_date(start, zone)
        return f"{day.year:04}{day:%m%d}"
    moment = start.astimezone(UTC)
    return f"{moment.year:04}{moment:%m%dT%H%M%SZ}"


def local_day_of(series: EventSeries, name: str) -> date:
    """The local day an occurrence name points at; a name of another form is refused with the right one.

    A series has at most one occurrence a day, so a day names at most one.
    """
    try:
        if _LOCAL_DAY.fullmatch(name):
            return date.fromisoformat(name)
        if series.all_day and _ALL_DAY.fullmatch(name):
            return datetime.strptime(name, "%Y%m%d").replace(tzinfo=UTC).date()
        if not series.all_day and _TIMED.fullmatch(name):
            moment = datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return local_date(moment, zone_named(series.timezone))
    except (ValueError, OverflowError) as error:
        raise RecurrenceError("occurrenceId", "is no date of the calendar", found=name) from error
    form = "YYYYMMDD" if series.all_day else "YYYYMMDDTHHMMSSZ"
    raise RecurrenceError("occurrenceId", f"is neither {form} nor a local day YYYY-MM-DD", found=f"{name[:40]!r}")

"""A recurring VEVENT and the VEVENTs that change single occurrences, as `recurrence` and `overrides` of one event.

What counts as an occurrence is decided by the backend's own expansion (`gather.recurrence`), nowhere here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from calendars import limits
from calendars.report import Remark
from calendars.times import Kind, Moment
from calendars.vevent import VEvent
from gather.recurrence import (
    ENDLESS,
    Occurrence,
    Recurrence,
    RecurrenceError,
    Rule,
    Series,
    expand,
    find_occurrence,
    local_date,
    parse_rrule,
)


@dataclass(frozen=True, slots=True)
class SeriesFields:
    """The stored fields; what was lost; overrides that fit the event, and those that need an event of their own."""

    fields: Mapping[str, Any]
    remarks: tuple[Remark, ...]
    fitting: tuple[VEvent, ...]
    separate: tuple[tuple[VEvent, str], ...]


def series_rule(master: VEvent) -> Rule:
    """The one rule of a series in the backend's grammar; raises RecurrenceError when the series has no such rule."""
    if len({line.value.strip() for line in master.rules}) > 1:
        raise RecurrenceError("RRULE", f"stands {len(master.rules)} times; an event has one rule")
    if master.exrules:
        raise RecurrenceError("EXRULE", "takes away occurrences by a second rule, which is not kept")
    return parse_rrule(_without_clock(master.rules[0].value, master))


def series_fields(master: VEvent, rule: Rule, overrides: Iterable[VEvent]) -> SeriesFields:
    """Occurrences keep the name of their original start; never both an exdate and an override for one of them."""
    series = Series(
        start_at=master.start.instant,
        end_at=master.end,
        all_day=master.all_day,
        timezone=master.start.zone,
        recurrence=Recurrence(rule),
    )
    occurrences = _Occurrences(series)
    remarks: list[Remark] = []
    separate: list[tuple[VEvent, str]] = []
    changed: dict[str, dict[str, Any]] = {}
    fitting: list[VEvent] = []
    removed = _removed(master, occurrences, remarks)
    for override in overrides:
        assert override.recurrence_id is not None  # noqa: S101  # INVARIANT: that is what makes it an override
        occurrence = occurrences.at(override.recurrence_id)
        if occurrence is None:
            separate.append((override, "its RECURRENCE-ID is no occurrence of the series"))
        elif reason := _stranger(master, override):
            separate.append((override, reason))
            removed[occurrence.id] = occurrence.start
        else:
            changed[occurrence.id] = _difference(master, occurrence, override)
            fitting.append(override)
    changed = {name: fields for name, fields in _bounded(changed, remarks, master).items() if fields}
    exdates = [removed[name] for name in sorted(removed) if name not in changed]
    fields = {"recurrence": _recurrence(rule, exdates, remarks, master)}
    if changed:
        fields["overrides"] = changed
    remarks += lost_dates(master, [one for one in master.rdates if occurrences.at(one) is None])
    return SeriesFields(fields, tuple(remarks), tuple(fitting), tuple(separate))


class _Occurrences:
    """Looks occurrences up by the moment they were to start, without overrides and exdates."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._zone = ZoneInfo(series.timezone or "UTC")
        counted = series.recurrence is not None and series.recurrence.rule.count is not None
        # COUNT is walked from its first day: once for all of them, not once for each that is looked up.
        self._by_name = self._walked(series) if counted else None

    def at(self, moment: Moment) -> Occurrence | None:
        """The occurrence whose original start is `moment`; a day on a timed series is the one of that local day."""
        if moment.kind is not Kind.DAY and not self._series.all_day:
            at = moment.instant.astimezone(UTC)
            return self._named(f"{at.year:04}{at:%m%dT%H%M%SZ}")
        day = moment.day
        if moment.kind is Kind.UTC:
            # Some programs name the occurrence of an all-day series by a midnight in UTC.
            day = moment.instant.astimezone(self._zone).date()
        return self._named(f"{day.year:04}-{day:%m-%d}")

    def _named(self, name: str) -> Occurrence | None:
        if self._by_name is not None:
            return self._by_name.get(name)
        try:
            return find_occurrence(self._series, name)
        except RecurrenceError:
            return None

    def _walked(self, series: Series) -> dict[str, Occurrence]:
        assert series.start_at is not None  # noqa: S101  # INVARIANT: read_vevent refuses events without a start
        found = expand(series, series.start_at, ENDLESS)
        by_day = {local_date(one.start, self._zone).isoformat(): one for one in found}
        return by_day | {one.id: one for one in found}


def _without_clock(text: str, master: VEvent) -> str:
    """BYHOUR, BYMINUTE and BYSECOND that only repeat the start say nothing; on a day they are to be ignored."""
    clock = {
        "BYHOUR": master.start.local.hour,
        "BYMINUTE": master.start.local.minute,
        "BYSECOND": master.start.local.second,
    }

    def is_idle(part: str) -> bool:
        name, _, value = part.upper().partition("=")
        return not part or (name in clock and (master.all_day or value == str(clock[name])))

    return ";".join(part for part in "".join(text.split()).split(";") if not is_idle(part))


def _removed(master: VEvent, occurrences: _Occurrences, remarks: list[Remark]) -> dict[str, datetime]:
    found = [occurrences.at(moment) for moment in master.exdates]
    if strangers := found.count(None):
        remarks.append(Remark(f"{strangers} EXDATE name no occurrence and were dropped", master.line))
    return {occurrence.id: occurrence.start for occurrence in found if occurrence}


def _stranger(master: VEvent, override: VEvent) -> str | None:
    """Why an override cannot live inside the series' document."""
    if override.all_day != master.all_day:
        return "it changes between all-day and timed, which one series cannot"
    if override.is_private != master.is_private:
        return "it is private and its series is not, or the other way round"
    return None


def _difference(master: VEvent, occurrence: Occurrence, override: VEvent) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    start, end = override.start.instant, override.end
    if start != occurrence.start or (end is not None and end != occurrence.end):
        fields["startAt"] = start
        if end is not None:
            fields["endAt"] = end
    texts = {
        "title": (override.title, master.title),
        "description": (override.description, master.description),
        "location": (override.location or "", master.location or ""),
        "tags": (list(override.tags), list(master.tags)),
        "canceled": (override.is_canceled, master.is_canceled),
    }
    return fields | {name: mine for name, (mine, theirs) in texts.items() if mine != theirs}


def _bounded(changed: dict[str, dict[str, Any]], remarks: list[Remark], master: VEvent) -> dict[str, dict[str, Any]]:
    excess = len(changed) - limits.OVERRIDES_MAX
    if excess > 0:
        text = (
            f"{excess} changed occurrences above {limits.OVERRIDES_MAX} were left as the series has them: the earliest"
        )
        remarks.append(Remark(text, master.line, is_loss=True))
    return {name: changed[name] for name in sorted(changed)[max(excess, 0) :]}


def _recurrence(rule: Rule, exdates: list[datetime], remarks: list[Remark], master: VEvent) -> dict[str, Any]:
    excess = len(exdates) - limits.EXDATES_MAX
    if excess > 0:
        text = f"{excess} cancelled occurrences above {limits.EXDATES_MAX} were dropped: the earliest"
        remarks.append(Remark(text, master.line, is_loss=True))
    kept = sorted(exdates)[max(excess, 0) :]
    return {"rrule": rule.text, "exdates": kept} if kept else {"rrule": rule.text}


def lost_dates(master: VEvent, moments: Iterable[Moment]) -> list[Remark]:
    """The dates that RDATE adds are named, as nothing in an event can hold them; cancelled ones are not missed."""
    canceled = {moment.instant for moment in master.exdates}
    dates = [moment.local.isoformat(" ", "minutes") for moment in moments if moment.instant not in canceled]
    if not dates:
        return []
    listed = ", ".join(dates[:5]) + (f" and {len(dates) - 5} more" if len(dates) > 5 else "")
    return [Remark(f"RDATE adds dates that one rule cannot hold: {listed}", master.line, is_loss=True)]

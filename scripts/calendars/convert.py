"""Calendars as events: which component becomes which event, and a report entry for every one of them. Pure.

An event's id comes from its UID, so that importing the same calendar again finds the same events. A fragment is
only left out when no honest event can be made of it; an event that is right but not complete says so.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from calendars.fields import Options, event_fields
from calendars.report import Entry, Outcome, Remark
from calendars.series import lost_dates, series_fields, series_rule
from calendars.source import Component, Source
from calendars.times import Moment
from calendars.vevent import NoEvent, VEvent, read_vevent
from calendars.zones import Zones, zones_of
from gather.recurrence import RecurrenceError


@dataclass(frozen=True, slots=True)
class ImportedEvent:
    """The fields of an event that its calendar decides."""

    event_id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Conversion:
    """The events, by id, and an entry for every component of every file."""

    events: tuple[ImportedEvent, ...]
    entries: tuple[Entry, ...]


def convert(sources: Iterable[Source], options: Options) -> Conversion:
    """Every event component is carried, carried in part, or left out, and the report says which and why."""
    harvest = _Harvest(options)
    groups: dict[str, list[VEvent]] = {}
    for source in sources:
        for vevent in _read_all(source, harvest):
            groups.setdefault(vevent.uid, []).append(vevent)
    for group in groups.values():
        _convert_group(group, harvest)
    entries = sorted(harvest.entries, key=lambda entry: (entry.file, entry.line))
    return Conversion(tuple(harvest.events.values()), tuple(entries))


def event_id(uid: str, recurrence_id: str = "") -> str:
    """The same UID gives the same id, for ever; an occurrence that became an event of its own has one too."""
    name = f"{uid}\n{recurrence_id}" if recurrence_id else uid
    return "ics-" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class _Harvest:
    """What has been converted so far."""

    options: Options
    events: dict[str, ImportedEvent] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def report(self, vevent: VEvent, remarks: Iterable[Remark], event_id: str | None) -> None:
        """One component and the event it reached, or None when it reached none."""
        self.entries.append(_entry(vevent, remarks, event_id))

    def add(
        self, vevent: VEvent, name: str, remarks: Iterable[Remark], extra: Mapping[str, Any] | None = None
    ) -> str | None:
        """One event; None when it is too large for a document."""
        fields, lost = event_fields(vevent, extra or {}, self.options)
        stored = name if fields else None
        if fields:
            self.events[name] = ImportedEvent(name, fields)
        self.report(vevent, (*remarks, *lost), stored)
        return stored


def _read_all(source: Source, harvest: _Harvest) -> list[VEvent]:
    read: list[VEvent] = []
    for fault in source.faults:
        remark = Remark(fault.problem, fault.number, is_loss=True)
        entry = Entry(source.file, fault.number, "line", Outcome.LEFT_OUT, remarks=(remark,))
        harvest.entries.append(entry)
    for calendar in source.calendars:
        zones = zones_of(calendar, default=harvest.options.timezone)
        for component in calendar.children:
            if component.name == "VTIMEZONE":
                continue
            try:
                read.append(_read(source.file, component, zones))
            except NoEvent as reason:
                harvest.entries.append(_left_out(source.file, component, str(reason)))
    return read


def _read(file: str, component: Component, zones: Zones) -> VEvent:
    if component.name != "VEVENT":
        raise NoEvent(f"{component.name} is no event")
    vevent = read_vevent(file, component, zones)
    if vevent.uid:
        return vevent
    # An event without UID is told apart by what it is: its title and its start.
    uid = f"no-uid:{vevent.start.local.isoformat()}:{vevent.start.zone}:{vevent.title}"
    remark = Remark("it has no UID: if its title or start changes, a later import makes a second event", vevent.line)
    return replace(vevent, uid=uid, remarks=(*vevent.remarks, remark))


def _left_out(file: str, component: Component, reason: str) -> Entry:
    def text(name: str) -> str:
        return next((line.value.strip()[:200] for line in component.named(name)), "")

    remark = Remark(reason, component.number, is_loss=True)
    name = component.name[:40]
    return Entry(file, component.number, name, Outcome.LEFT_OUT, text("UID"), text("SUMMARY"), remarks=(remark,))


def _convert_group(group: Sequence[VEvent], harvest: _Harvest) -> None:
    """The components of one UID: an event, or a series and the changes to its occurrences."""
    master = _newest([one for one in group if one.recurrence_id is None], harvest)
    overrides = _newest_overrides([one for one in group if one.recurrence_id is not None], harvest)
    separate: Sequence[tuple[VEvent, str]]
    if master is None:
        separate = [(override, "its series is not in the file") for override in overrides]
    elif master.rules:
        separate = _convert_series(master, overrides, harvest)
    else:
        separate = [(override, "its event does not recur") for override in overrides]
        harvest.add(master, event_id(master.uid), lost_dates(master, _dates_beside_start(master)))
    for override, reason in separate:
        remark = Remark(f"{reason}; it became an event of its own", override.line)
        remarks = [remark, *_override_remarks(override)]
        harvest.add(override, event_id(override.uid, _occurrence_key(override)), remarks)


def _convert_series(master: VEvent, overrides: Sequence[VEvent], harvest: _Harvest) -> Sequence[tuple[VEvent, str]]:
    try:
        rule = series_rule(master)
    except RecurrenceError as error:
        return _convert_first_occurrence(master, overrides, error, harvest)
    series = series_fields(master, rule, overrides)
    stored = harvest.add(master, event_id(master.uid), series.remarks, series.fields)
    for override in series.fitting:
        harvest.report(override, _override_remarks(override), stored)
    return series.separate


def _convert_first_occurrence(
    master: VEvent, overrides: Sequence[VEvent], error: RecurrenceError, harvest: _Harvest
) -> Sequence[tuple[VEvent, str]]:
    """Of a rule that is not accepted the first occurrence is certain; the others are reported as missing."""
    start, line = master.start.instant, (master.rules + master.exrules)[0].number
    reason = f"RRULE part {error.part} {error.reason}"
    changed = next((one for one in overrides if _original_start(one) == start), None)
    if changed is None and start in {moment.instant for moment in master.exdates}:
        remark = Remark(
            f"its first occurrence is cancelled, and the rule is not accepted: {reason}", line, is_loss=True
        )
        harvest.report(master, [remark], None)
        return [(one, "its series could not be carried") for one in overrides]
    remark = Remark(f"only the first occurrence was carried: {reason}", line, is_loss=True)
    if changed is None:
        harvest.add(master, event_id(master.uid), [remark])
    else:
        harvest.report(master, [remark], event_id(master.uid))
        harvest.add(changed, event_id(master.uid), [Remark("it is the first occurrence of its series", changed.line)])
    return [(one, "its series was carried in part") for one in overrides if one is not changed]


def _newest(copies: Sequence[VEvent], harvest: _Harvest) -> VEvent | None:
    """Of several components with one UID the highest SEQUENCE counts, then the latest change, then the last."""
    if not copies:
        return None
    newest = max(enumerate(copies), key=lambda pair: (pair[1].version, pair[0]))[1]
    harvest.entries.extend(_superseded(one, newest) for one in copies if one is not newest)
    return newest


def _newest_overrides(overrides: Iterable[VEvent], harvest: _Harvest) -> list[VEvent]:
    by_occurrence: dict[str, list[VEvent]] = {}
    for override in overrides:
        by_occurrence.setdefault(_occurrence_key(override), []).append(override)
    found = (_newest(copies, harvest) for copies in by_occurrence.values())
    return [one for one in found if one is not None]


def _superseded(old: VEvent, new: VEvent) -> Entry:
    place = f"{new.file}:{new.line}"
    if old.says == new.says:
        entry = _entry(old, [Remark(f"the same stands at {place}", old.line)], None)
        return replace(entry, outcome=Outcome.REPEATED)
    return _entry(
        old, [Remark(f"{place} has the same UID and was taken: it is newer or later", old.line, is_loss=True)], None
    )


def _entry(vevent: VEvent, remarks: Iterable[Remark], event_id: str | None) -> Entry:
    everything = (*vevent.remarks, *remarks)
    outcome = Outcome.IN_PART if any(remark.is_loss for remark in everything) else Outcome.CARRIED
    if event_id is None:
        outcome = Outcome.LEFT_OUT
    component = "VEVENT" if vevent.recurrence_id is None else "override"
    return Entry(vevent.file, vevent.line, component, outcome, vevent.uid, vevent.title, event_id, everything)


def _override_remarks(override: VEvent) -> list[Remark]:
    remarks = []
    if override.range == "THISANDFUTURE":
        text = "RANGE=THISANDFUTURE: only this occurrence was changed, the later ones are as the series has them"
        remarks.append(Remark(text, override.line, is_loss=True))
    if override.rules or override.rdates:
        text = "a changed occurrence recurs by a rule of its own; only its first date was carried"
        remarks.append(Remark(text, override.line, is_loss=True))
    return remarks


def _occurrence_key(override: VEvent) -> str:
    start = _original_start(override)
    return "" if start is None else start.isoformat()


def _original_start(override: VEvent) -> datetime | None:
    return None if override.recurrence_id is None else override.recurrence_id.instant


def _dates_beside_start(master: VEvent) -> list[Moment]:
    return [moment for moment in master.rdates if moment.instant != master.start.instant]

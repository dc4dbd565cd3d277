"""Events as JSCalendar (RFC 8984), made from their plain JSON when somebody asks for it.

A series carries recurrenceRules and recurrenceOverrides; cancelled occurrences are `excluded` ones.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gather.feeds.ical import UTC_NAMES, until_day, until_instant
from gather.recurrence import Day, Rule, instant, parse_rrule, zone_named
from gather.recurrence.rule import WEEKDAYS

_LOCATION = "1"


def jscalendar_event(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Times are local times in `timeZone`; all-day events float, start at midnight and last whole days (4.1.4)."""
    event: dict[str, Any] = {
        "@type": "Event",
        "uid": fields["uid"],
        "updated": fields.get("updatedAt") or fields.get("createdAt") or fields["startAt"],
        "sequence": fields["sequence"],
        "title": fields["title"],
        **_span(fields, fields),
        "status": "cancelled" if fields["canceled"] else "confirmed",
        "freeBusyStatus": "free" if fields["allDay"] or fields["canceled"] else "busy",
        "links": {"page": {"@type": "Link", "href": fields["url"]}},
    }
    if fields["allDay"]:
        event["showWithoutTime"] = True
    else:
        event["timeZone"] = _zone_name(fields)
    if "createdAt" in fields:
        event["created"] = fields["createdAt"]
    if "description" in fields:
        event["description"] = fields["description"]
    if "location" in fields:
        event["locations"] = _locations(fields["location"])
    if "tags" in fields:
        event["keywords"] = dict.fromkeys(fields["tags"], True)
    if "imageUrl" in fields:
        event["links"]["image"] = {"@type": "Link", "href": fields["imageUrl"], "rel": "icon", "display": "graphic"}
    if "recurrence" in fields:
        event |= _recurrence(fields)
    return event


def _recurrence(fields: Mapping[str, Any]) -> dict[str, Any]:
    zone = zone_named(fields.get("timezone"))
    rule = parse_rrule(fields["recurrence"]["rrule"])
    found: dict[str, Any] = {"recurrenceRules": [_rule(rule, zone, all_day=fields["allDay"])]}
    overrides: dict[str, Any] = {
        _original(fields, datetime.fromisoformat(exdate)): {"excluded": True}
        for exdate in fields["recurrence"].get("exdates", ())
    }
    for occurrence_id, override in fields.get("overrides", {}).items():
        overrides[_original(fields, _named(occurrence_id, zone))] = _patch(fields, override)
    if overrides:
        found["recurrenceOverrides"] = dict(sorted(overrides.items()))
    return found


def _rule(rule: Rule, zone: ZoneInfo, *, all_day: bool) -> dict[str, Any]:
    """RecurrenceRule (4.3.3): the parts of RFC 5545 under their long names, UNTIL as a local time."""
    fields: dict[str, Any] = {"@type": "RecurrenceRule", "frequency": rule.frequency.value.lower()}
    if rule.interval != 1:
        fields["interval"] = rule.interval
    if rule.week_start:
        fields["firstDayOfWeek"] = WEEKDAYS[rule.week_start].lower()
    if rule.by_day:
        fields["byDay"] = [_day(day) for day in rule.by_day]
    if rule.by_month_day:
        fields["byMonthDay"] = list(rule.by_month_day)
    if rule.by_month:
        fields["byMonth"] = [str(month) for month in rule.by_month]
    if rule.by_set_pos:
        fields["bySetPosition"] = list(rule.by_set_pos)
    if rule.count is not None:
        fields["count"] = rule.count
    if rule.until is not None:
        day_only = f"{until_day(rule.until, zone)}T23:59:59"
        fields["until"] = day_only if all_day else _local(until_instant(rule.until, zone), zone)
    return fields


def _day(day: Day) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "NDay", "day": WEEKDAYS[day.weekday].lower()}
    return found | {"nthOfPeriod": day.nth} if day.nth else found


def _patch(fields: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """PatchObject (1.4.9): the members that differ, a deeper one by its path."""
    patch = _span(fields, override)
    for name in ("title", "description"):
        if name in override:
            patch[name] = override[name]
    if "location" in override:
        if "location" in fields:
            patch[f"locations/{_LOCATION}/name"] = override["location"]
        else:
            patch["locations"] = _locations(override["location"])
    if "tags" in override:
        patch["keywords"] = dict.fromkeys(override["tags"], True)
    if override.get("canceled"):
        patch |= {"status": "cancelled", "freeBusyStatus": "free"}
    return patch


def _span(fields: Mapping[str, Any], moved: Mapping[str, Any]) -> dict[str, Any]:
    if fields["allDay"]:
        first, last = date.fromisoformat(moved["startDate"]), date.fromisoformat(moved["endDate"])
        return {"start": f"{first}T00:00:00", "duration": f"P{(last - first).days}D"}
    start, end = datetime.fromisoformat(moved["startAt"]), datetime.fromisoformat(moved["endAt"])
    return {"start": _local(start, zone_named(fields.get("timezone"))), "duration": _duration(end - start)}


def _duration(length: timedelta) -> str:
    """Exact time, never days: a day of JSCalendar has 23 or 25 hours when the clocks change (1.4.6)."""
    minutes, seconds = divmod(length // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if value]
    return "PT" + ("".join(parts) or "0S")


def _named(occurrence_id: str, zone: ZoneInfo) -> datetime:
    if "T" in occurrence_id:
        return datetime.strptime(occurrence_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    day = datetime.strptime(occurrence_id, "%Y%m%d").replace(tzinfo=UTC).date()
    return instant(day, datetime.min.time(), zone)


def _original(fields: Mapping[str, Any], moment: datetime) -> str:
    local = _local(moment, zone_named(fields.get("timezone")))
    return f"{local[:10]}T00:00:00" if fields["allDay"] else local


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()


def _locations(name: str) -> dict[str, Any]:
    return {_LOCATION: {"@type": "Location", "name": name}}


def _zone_name(fields: Mapping[str, Any]) -> str:
    name: str | None = fields.get("timezone")
    return "Etc/UTC" if name is None or name in UTC_NAMES else name

"""A linter for what RFC 5545 demands of our feeds and parsers forgive: one finding for each breach, with its line."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

ONCE = {
    "VCALENDAR": {
        "PRODID", "VERSION", "CALSCALE", "METHOD", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL",
    },
    "VEVENT": {
        "UID", "DTSTAMP", "DTSTART", "CLASS", "CREATED", "DESCRIPTION", "GEO", "LAST-MODIFIED", "LOCATION", "ORGANIZER",
        "PRIORITY", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "URL", "RECURRENCE-ID", "RRULE", "DTEND", "DURATION",
    },
    "VTIMEZONE": {"TZID", "LAST-MODIFIED", "TZURL"},
    "STANDARD": {"DTSTART", "TZOFFSETTO", "TZOFFSETFROM", "RRULE"},
    "DAYLIGHT": {"DTSTART", "TZOFFSETTO", "TZOFFSETFROM", "RRULE"},
}  # fmt: skip
REQUIRED = {
    "VCALENDAR": {"PRODID", "VERSION"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": {"DTSTART", "TZOFFSETTO", "TZOFFSETFROM"},
    "DAYLIGHT": {"DTSTART", "TZOFFSETTO", "TZOFFSETFROM"},
}


@dataclass(slots=True)
class Component:
    """A component with its properties as (name, parameters, value) and the components inside it."""

    name: str
    properties: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    inside: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> tuple[dict[str, str], str] | None:
        """Return the parameters and value of the first property of that name."""
        return next(((parameters, value) for found, parameters, value in self.properties if found == name), None)


def lint(data: bytes) -> list[str]:
    """Return every breach found, an empty list for a calendar without one."""
    findings = list(_lint_lines(data))
    calendar = parse(data)
    for component in _walk(calendar):
        findings += _lint_properties(component)
        if component.name == "VTIMEZONE" and not component.inside:
            findings.append("VTIMEZONE without an observance")
    findings += _lint_calendar(calendar)
    return findings


def parse(data: bytes) -> Component:
    """Return the one calendar of `data`, trusting its nesting."""
    root = Component("")
    stack = [root]
    for line in data.decode().replace("\r\n ", "").split("\r\n"):
        head, _, value = line.partition(":")
        name, *parameters = head.split(";")
        if name == "BEGIN":
            stack[-1].inside.append(Component(value))
            stack.append(stack[-1].inside[-1])
        elif name == "END":
            assert stack.pop().name == value
        elif line:
            stack[-1].properties.append((name, dict(each.split("=", 1) for each in parameters), value))
    assert stack == [root]
    (calendar,) = root.inside
    return calendar


def _walk(component: Component) -> Iterator[Component]:
    yield component
    for inner in component.inside:
        yield from _walk(inner)


def _lint_lines(data: bytes) -> Iterator[str]:
    if not data.endswith(b"\r\n"):
        yield "the last line does not end with CRLF"
    for number, line in enumerate(data.removesuffix(b"\r\n").split(b"\r\n"), 1):
        if len(line) > 75:
            yield f"line {number} has {len(line)} octets"
        if any((octet < 32 and octet != 9) or octet == 127 for octet in line):
            yield f"line {number} holds a control character"
        if not line.strip():
            yield f"line {number} is empty"
        try:
            line.decode()
        except UnicodeDecodeError:
            yield f"line {number} breaks a character"


def _lint_properties(component: Component) -> Iterator[str]:
    counts = Counter(name for name, _, _ in component.properties)
    for name in REQUIRED.get(component.name, set()) - counts.keys():
        yield f"{component.name} without {name}"
    for name, count in counts.items():
        if count > 1 and name in ONCE.get(component.name, set()):
            yield f"{component.name} with {name} {count} times"
    if component.name == "VEVENT":
        yield from _lint_event(component)


def _lint_event(event: Component) -> Iterator[str]:
    names = {name for name, _, _ in event.properties}
    if {"DTEND", "DURATION"} <= names:
        yield "VEVENT with both DTEND and DURATION"
    if {"RRULE", "RECURRENCE-ID"} <= names:
        yield "VEVENT with both RRULE and RECURRENCE-ID"
    start = event.first("DTSTART") or ({}, "")
    kind = start[0].get("VALUE")
    for name, parameters, value in event.properties:
        if name in {"DTEND", "EXDATE", "RECURRENCE-ID", "RDATE"} and parameters.get("VALUE") != kind:
            yield f"{name} is not of DTSTART's value type"
        if name in {"DTSTART", "DTEND", "EXDATE", "RECURRENCE-ID"} and "TZID" in parameters and value.endswith("Z"):
            yield f"{name} has a TZID and is in UTC"
        if name == "DTEND" and parameters == start[0] and value <= start[1]:
            yield "DTEND is not after DTSTART"
        if name in {"DTSTAMP", "CREATED", "LAST-MODIFIED"} and not value.endswith("Z"):
            yield f"{name} is not in UTC"
        if name == "RRULE":
            yield from _lint_rule(value, start)


def _lint_rule(value: str, start: tuple[dict[str, str], str]) -> Iterator[str]:
    parts = dict(part.split("=", 1) for part in value.split(";"))
    if {"UNTIL", "COUNT"} <= parts.keys():
        yield "RRULE with both UNTIL and COUNT"
    if "UNTIL" in parts:
        wanted_length = 8 if start[0].get("VALUE") == "DATE" else 16
        if len(parts["UNTIL"]) != wanted_length:
            yield "UNTIL is not of DTSTART's value type, or not in UTC"


def _lint_calendar(calendar: Component) -> Iterator[str]:
    if not calendar.inside:
        yield "VCALENDAR without a component"
    if calendar.first("METHOD") is not None:
        yield "a subscribed calendar has no METHOD"
    defined: set[str] = set()
    identities: Counter[tuple[str, str]] = Counter()
    for component in calendar.inside:
        if component.name == "VTIMEZONE":
            defined.add((component.first("TZID") or ({}, ""))[1])
            continue
        for name, parameters, _ in component.properties:
            if "TZID" in parameters and parameters["TZID"] not in defined:
                yield f"{name} names the zone {parameters['TZID']} before its VTIMEZONE"
        uid, recurrence_id = component.first("UID"), component.first("RECURRENCE-ID")
        identities[(uid or ({}, ""))[1], (recurrence_id or ({}, ""))[1]] += 1
    for identity, count in identities.items():
        if count > 1:
            yield f"{count} components are {identity}"

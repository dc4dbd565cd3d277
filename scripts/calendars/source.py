"""Cuts the text of an .ics file into components, each with the number of every line.

It knows folding, nesting and nothing else: what a property means is decided in `convert.py`. It never raises for
what stands inside a calendar: whatever cannot be cut is returned as a fault with its line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from calendars.limits import EVENTS_MAX, FILE_BYTES_MAX, LINE_CHARS_MAX, NESTING_MAX

_LINE_END = re.compile(r"\r\n|\n|\r")
_NAME = re.compile(r"([A-Za-z0-9-]+)[;:]")


class SourceError(Exception):
    """A file as a whole cannot be read as a calendar."""


@dataclass(frozen=True, slots=True)
class Line:
    """One unfolded content line; `number` is where it begins in the file."""

    number: int
    name: str
    text: str

    @property
    def value(self) -> str:
        """Everything behind the first colon: right for properties that have no quoted parameters."""
        return self.text.partition(":")[2]


@dataclass(slots=True)
class Component:
    """BEGIN to END with its own lines and the components inside."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)
    closed: bool = False

    def named(self, *names: str) -> list[Line]:
        """The lines of these properties, in the file's order."""
        return [line for line in self.lines if line.name in names]

    def inside(self, name: str) -> list["Component"]:
        """The direct children of that name."""
        return [child for child in self.children if child.name == name]


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be cut, and where."""

    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class Source:
    """The calendars of one file, and what was not readable in it."""

    file: str
    calendars: tuple[Component, ...]
    faults: tuple[Fault, ...]


def read_source(file: str, data: bytes) -> Source:
    """Every component of every VCALENDAR in `data`; raises SourceError when there is none."""
    if len(data) > FILE_BYTES_MAX:
        raise SourceError(f"{len(data):,} bytes are more than the {FILE_BYTES_MAX:,} one file may have: split it")
    faults: list[Fault] = []
    top = _cut(_unfold(_decode(data, faults)), faults)
    calendars = tuple(top.inside("VCALENDAR"))
    if not calendars:
        raise SourceError("there is no BEGIN:VCALENDAR in it: is this an iCalendar file?")
    events = sum(len(calendar.inside("VEVENT")) for calendar in calendars)
    if events > EVENTS_MAX:
        raise SourceError(f"{events:,} events are more than the {EVENTS_MAX:,} one file may have: split it")
    return Source(file, calendars, tuple(faults))


def _decode(data: bytes, faults: list[Fault]) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = len(_LINE_END.findall(data[: error.start].decode("latin-1"))) + 1
        faults.append(Fault(number, "the file is not UTF-8; it was read as Windows-1252"))
        return data.decode("cp1252", errors="replace")


def _unfold(text: str) -> Iterator[tuple[int, str]]:
    """RFC 5545, 3.1: a line that begins with a space or a tab continues the one before it."""
    begun, parts = 0, [""]
    for number, physical in enumerate(_LINE_END.split(text), start=1):
        if physical[:1] in {" ", "\t"} and begun:
            parts.append(physical[1:])
            continue
        yield begun, "".join(parts)
        begun, parts = number, [physical]
    yield begun, "".join(parts)


def _cut(lines: Iterator[tuple[int, str]], faults: list[Fault]) -> Component:
    top = Component("", 0)
    stack = [top]
    for number, text in lines:
        if not text.strip():
            continue
        if len(text) > LINE_CHARS_MAX:
            faults.append(Fault(number, f"{text[:30]!r}… has {len(text):,} characters: the line was left out"))
        elif (match := _NAME.match(text)) is None:
            faults.append(Fault(number, f"{text[:60]!r} is not a property: the line was left out"))
        else:
            _place(stack, Line(number, match[1].upper(), text), faults)
    _unclosed(stack[1:], faults)
    return top


def _place(stack: list[Component], line: Line, faults: list[Fault]) -> None:
    if line.name == "BEGIN":
        _begin(stack, Component(line.value.strip().upper(), line.number), faults)
    elif line.name == "END":
        _end(stack, line, faults)
    else:
        stack[-1].lines.append(line)


def _begin(stack: list[Component], component: Component, faults: list[Fault]) -> None:
    # A second BEGIN:VEVENT inside an event means that its END is missing, not that events nest.
    names = [one.name for one in stack]
    if component.name in names[1:]:
        at = names.index(component.name, 1)
        _unclosed(stack[at:], faults)
        del stack[at:]
    if len(stack) > NESTING_MAX:
        faults.append(Fault(component.number, f"BEGIN:{component.name[:40]} is nested too deeply"))
        return
    stack[-1].children.append(component)
    stack.append(component)


def _end(stack: list[Component], line: Line, faults: list[Fault]) -> None:
    name = line.value.strip().upper()
    names = [one.name for one in stack]
    if name not in names[1:]:
        faults.append(Fault(line.number, f"END:{name[:40]} closes nothing"))
        return
    at = names.index(name, 1)
    _unclosed(stack[at + 1 :], faults)
    stack[at].closed = True
    del stack[at:]


def _unclosed(components: list[Component], faults: list[Fault]) -> None:
    faults.extend(Fault(one.number, f"BEGIN:{one.name[:40]} is never closed") for one in components)

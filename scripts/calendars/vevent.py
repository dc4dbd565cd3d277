"""One VEVENT as the backend could hold it: texts within bounds, a start, an end, and its raw recurrence.

It knows nothing of other components: series, overrides and duplicates are `series.py` and `convert.py`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast

from icalendar import Event

from calendars import limits
from calendars.report import Remark
from calendars.source import Component, Line
from calendars.times import Kind, Moment, TimeError, read_duration, read_moment, read_moments
from calendars.zones import Zones

UNTITLED = "(untitled)"
_TEXTS = ("UID", "SUMMARY", "DESCRIPTION", "LOCATION", "URL", "CATEGORIES", "STATUS", "CLASS", "SEQUENCE")
_TIMES = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "EXDATE", "RDATE", "RRULE", "EXRULE")
_BOOKKEEPING = ("DTSTAMP", "CREATED", "LAST-MODIFIED")
# What icalendar raises for values it cannot read.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)
# Everything but the line break: what no text of an event should hold.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class NoEvent(Exception):  # noqa: N818  # it is an answer, not a failure of ours
    """No honest event can be made of the component; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VEvent:
    """What one VEVENT says, read."""

    file: str
    line: int
    uid: str
    title: str
    description: str
    location: str | None
    tags: tuple[str, ...]
    is_canceled: bool
    is_private: bool
    start: Moment
    end: datetime | None
    rules: tuple[Line, ...]
    exrules: tuple[Line, ...]
    exdates: tuple[Moment, ...]
    rdates: tuple[Moment, ...]
    recurrence_id: Moment | None
    range: str | None
    version: tuple[int, datetime]
    remarks: tuple[Remark, ...]

    @property
    def all_day(self) -> bool:
        """A start that is a day makes an all-day event."""
        return self.start.kind is Kind.DAY

    @property
    def says(self) -> "VEvent":
        """The event without its place and version: equal for two copies of the same event."""
        return replace(self, file="", line=0, version=(0, datetime.min.replace(tzinfo=UTC)), remarks=())


class _Reader:
    """Collects remarks while one component is read."""

    def __init__(self, component: Component, zones: Zones) -> None:
        self.component, self.zones = component, zones
        self.remarks: list[Remark] = []
        self.texts, unreadable = _parse_texts(component.named(*_TEXTS))
        for line in unreadable:
            self.note(f"{line.text[:60]!r} cannot be read", line.number, is_loss=True)

    def note(self, text: str, line: int | None = None, *, is_loss: bool = False) -> None:
        if text not in {remark.text for remark in self.remarks}:
            self.remarks.append(Remark(text, line or self.component.number, is_loss))

    def text(self, name: str) -> str:
        """The value of a property that stands once; the first, with a remark, when it stands several times."""
        value = self.texts.get(name)
        if isinstance(value, list):
            self.note(f"{name} stands {len(value)} times; the first was taken")
            value = value[0]
        return "" if value is None else _clean(str(value))

    def moment(self, name: str) -> Moment | None:
        """The time of a property that stands once."""
        lines = self.component.named(name)
        if not lines:
            return None
        if len(lines) > 1:
            self.note(f"{name} stands {len(lines)} times; the first was taken", lines[1].number)
        moment = read_moment(lines[0], self.zones)
        if moment.remark:
            self.note(moment.remark, lines[0].number, is_loss=moment.is_doubtful)
        return moment

    def moments(self, name: str) -> tuple[Moment, ...]:
        """The times of a property that may stand often; unreadable ones are losses."""
        found: list[Moment] = []
        for line in self.component.named(name):
            try:
                found += read_moments(line, self.zones).moments
            except TimeError as error:
                self.note(str(error), line.number, is_loss=True)
        found = list(dict.fromkeys(found))
        if len(found) > limits.DATES_MAX:
            self.note(f"{len(found):,} {name}; the last {limits.DATES_MAX:,} were read", is_loss=True)
        return tuple(found[-limits.DATES_MAX :])


def read_vevent(file: str, component: Component, zones: Zones) -> VEvent:
    """Everything the component says that an event can hold, each departure as a remark; NoEvent without a start."""
    if not component.closed:
        raise NoEvent("BEGIN:VEVENT is never closed: the file may have been cut off")
    reader = _Reader(component, zones)
    start = _start(reader)
    recurrence_id, range_ = _recurrence_id(reader)
    _left_behind(reader)
    return VEvent(
        file=file,
        line=component.number,
        uid=reader.text("UID").strip(),
        title=_title(reader),
        description=_description(reader),
        location=_shortened(reader, "LOCATION", reader.text("LOCATION").strip(), limits.LOCATION_CHARS_MAX) or None,
        tags=_tags(reader),
        is_canceled=reader.text("STATUS").strip().upper() == "CANCELLED",
        is_private=reader.text("CLASS").strip().upper() not in {"", "PUBLIC"},
        start=start,
        end=_end(reader, start),
        rules=tuple(line for line in component.named("RRULE") if line.value.strip()),
        exrules=tuple(component.named("EXRULE")),
        exdates=reader.moments("EXDATE"),
        rdates=reader.moments("RDATE"),
        recurrence_id=recurrence_id,
        range=range_,
        version=_version(reader),
        remarks=tuple(reader.remarks),
    )


def _parse_texts(lines: Sequence[Line]) -> tuple[Event, list[Line]]:
    """The texts, and the lines that icalendar cannot read: they do not take the others with them."""
    try:
        return _parsed(lines), []
    except _UNREADABLE:
        bad = [line for line in lines if not _is_readable(line)]
    try:
        return _parsed([line for line in lines if line not in bad]), bad
    except _UNREADABLE as error:
        raise NoEvent(f"its texts cannot be read: {error}") from error


def _is_readable(line: Line) -> bool:
    try:
        _parsed([line])
    except _UNREADABLE:
        return False
    return True


def _parsed(lines: Sequence[Line]) -> Event:
    text = "\r\n".join(["BEGIN:VEVENT", *(line.text for line in lines), "END:VEVENT", ""])
    return cast("Event", Event.from_ical(text))


def _start(reader: _Reader) -> Moment:
    try:
        start = reader.moment("DTSTART")
    except TimeError as error:
        raise NoEvent(f"its start cannot be read: {error}") from error
    if start is None:
        raise NoEvent("it has no DTSTART")
    return start


def _end(reader: _Reader, start: Moment) -> datetime | None:
    try:
        end = _stated_end(reader, start)
    except (TimeError, OverflowError) as error:
        reader.note(f"its end cannot be read ({error}); readers see the default length", is_loss=True)
        return None
    if end is None and start.kind is not Kind.DAY:
        reader.note("it has no end; readers see 60 minutes")
    if end is None or end > start.instant:
        return end
    if end < start.instant:
        reader.note("it ends before it starts; readers see the default length", is_loss=True)
    else:
        reader.note("it has no length; readers see the default one")
    return None


def _stated_end(reader: _Reader, start: Moment) -> datetime | None:
    end = reader.moment("DTEND")
    if end is not None:
        if start.kind is not Kind.DAY:
            return end.instant
        if end.kind is not Kind.DAY:
            reader.note("it starts on a day and ends at a time; it became an all-day event", is_loss=True)
        return replace(start, local=datetime.combine(end.day, datetime.min.time())).instant
    durations = reader.component.named("DURATION")
    if not durations:
        return None
    length = read_duration(durations[0])
    if start.kind is Kind.DAY:
        return replace(start, local=start.local + timedelta(days=length.days)).instant
    # RFC 5545, 3.3.6: days are days of the calendar, the rest is exact time.
    by_days = replace(start, local=start.local + timedelta(days=length.days)).instant
    return by_days + timedelta(seconds=length.seconds)


def _recurrence_id(reader: _Reader) -> tuple[Moment | None, str | None]:
    try:
        moment = reader.moment("RECURRENCE-ID")
        if moment is None:
            return None, None
        return moment, read_moments(reader.component.named("RECURRENCE-ID")[0], reader.zones).range
    except TimeError as error:
        raise NoEvent(f"which occurrence it changes cannot be read: {error}") from error


def _title(reader: _Reader) -> str:
    title = " ".join(reader.text("SUMMARY").split())
    if not title:
        reader.note(f"it has no title; it is called {UNTITLED}")
        return UNTITLED
    return _shortened(reader, "SUMMARY", title, limits.TITLE_CHARS_MAX)


def _description(reader: _Reader) -> str:
    description, url = reader.text("DESCRIPTION").strip(), reader.text("URL").strip()
    if not url or url in description:
        return _shortened(reader, "DESCRIPTION", description, limits.DESCRIPTION_CHARS_MAX)
    url = url[:2_000]
    description = _shortened(reader, "DESCRIPTION", description, limits.DESCRIPTION_CHARS_MAX - len(url) - 2)
    return f"{description}\n\n{url}".strip()


def _tags(reader: _Reader) -> tuple[str, ...]:
    lists = reader.texts.get("CATEGORIES", [])
    names = [
        str(name) for one in (lists if isinstance(lists, list) else [lists]) for name in getattr(one, "cats", [one])
    ]
    tags = list(dict.fromkeys(tag for name in names if (tag := " ".join(_clean(name).split()))))
    tags = [_shortened(reader, "CATEGORIES", tag, limits.TAG_CHARS_MAX) for tag in tags]
    if len(tags) > limits.TAGS_MAX:
        reader.note(f"{len(tags)} CATEGORIES; the first {limits.TAGS_MAX} were taken")
    return tuple(dict.fromkeys(tags))[: limits.TAGS_MAX]


def _version(reader: _Reader) -> tuple[int, datetime]:
    sequence = reader.text("SEQUENCE")
    number = int(sequence) if re.fullmatch(r"[0-9]{1,9}", sequence) else 0
    stamps = [datetime.min.replace(tzinfo=UTC)]
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        for line in reader.component.named(name):
            try:
                stamps.append(read_moment(line, reader.zones).instant)
            except TimeError:
                continue  # only used to tell the newer of two copies
    return number, max(stamps)


def _left_behind(reader: _Reader) -> None:
    """Properties and components that events have no place for are named, so that nothing goes silently."""
    known = {*_TEXTS, *_TIMES, *_BOOKKEEPING}
    names = Counter(line.name for line in reader.component.lines if line.name not in known)
    names += Counter(child.name for child in reader.component.children)
    if names:
        listed = ", ".join(f"{name} ({times})" if times > 1 else name for name, times in sorted(names.items()))
        reader.note(f"not carried: {listed[:500]}")
    if (status := reader.text("STATUS").strip().upper()) not in {"", "CONFIRMED", "CANCELLED"}:
        reader.note(f"STATUS:{status[:40]} is shown as confirmed")


def _clean(text: str) -> str:
    # Lone surrogates, which no UTF-8 text has, would stop the write.
    return _CONTROL.sub(" ", text.replace("\r\n", "\n")).encode("utf-8", "replace").decode("utf-8")


def _shortened(reader: _Reader, name: str, text: str, chars_max: int) -> str:
    if len(text) <= chars_max:
        return text
    reader.note(f"{name} has {len(text):,} characters; it was cut at {chars_max:,}")
    return text[: chars_max - 1].rstrip() + "…"

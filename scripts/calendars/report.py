"""What became of every component of the files: values, their JSON and their summary. Prints nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How much of a component reached an event."""

    CARRIED = "carried"
    IN_PART = "in part"
    LEFT_OUT = "left out"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about one component; a loss is something that a reader of the calendar will miss."""

    text: str
    line: int
    is_loss: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, to-do, journal entry, override or unreadable place of a file, and what became of it."""

    file: str
    line: int
    component: str
    outcome: Outcome
    uid: str = ""
    title: str = ""
    event_id: str | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Nothing of it is missing from the events."""
        return self.outcome in {Outcome.CARRIED, Outcome.REPEATED}


@dataclass(frozen=True, slots=True)
class Report:
    """All entries in the order of the files, the files that could not be read, and what was written."""

    entries: tuple[Entry, ...]
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def is_whole(self) -> bool:
        """Every component of every file was carried."""
        return not self.unread and all(entry.is_whole for entry in self.entries)

    def counts(self) -> dict[str, int]:
        """How many components had each outcome; every outcome is named."""
        found = Counter(entry.outcome.value for entry in self.entries)
        return {outcome.value: found[outcome.value] for outcome in Outcome}

    def as_json(self) -> dict[str, Any]:
        """For programs: stable names, one object per component."""
        return {
            "counts": self.counts(),
            "unreadFiles": [{"file": file, "reason": reason} for file, reason in self.unread],
            "entries": [_entry_json(entry) for entry in self.entries],
        }


def losses(entries: Iterable[Entry]) -> list[Entry]:
    """The entries somebody has to look at."""
    return [entry for entry in entries if not entry.is_whole]


def describe(entry: Entry) -> str:
    """One line for people: where, what, and every loss."""
    name = entry.title or entry.uid or "without a name"
    reasons = "; ".join(remark.text for remark in entry.remarks if remark.is_loss)
    return f"{entry.file}:{entry.line}: {entry.component} {name!r} {entry.outcome.value}: {reasons}"


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "file": entry.file,
        "line": entry.line,
        "component": entry.component,
        "uid": entry.uid,
        "title": entry.title,
        "outcome": entry.outcome.value,
        "eventId": entry.event_id,
        "remarks": [{"line": remark.line, "loss": remark.is_loss, "text": remark.text} for remark in entry.remarks],
    }

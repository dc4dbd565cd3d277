"""A client of Listen as SDKs are: it applies what it hears, and holds every snapshot against reads of that time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from firewarden.firestore.wire import protos

Shown = dict[str, bytes]
"""The documents of a target by name, serialised with their times."""

Truth = Callable[[Any, Any], Shown | None]
"""What a target holds at a read time; None if nobody can know that any more."""


class Wrong(AssertionError):  # noqa: N818 - says what the listener was shown
    """What a listener was told is not what is stored."""


@dataclass(slots=True)
class Seen:
    """A target: what it is about, what was heard of it, and the last snapshot with the token that resumes it."""

    target: Any
    heard: Shown = field(default_factory=dict)
    is_current: bool = False
    snapshot: Shown = field(default_factory=dict)
    token: bytes = b""
    snapshots: int = 0


class Mirror:
    """The client's end of one stream."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._read_time = (0, 0)
        self.targets: dict[int, Seen] = {}
        self.checked = 0
        self.unknown = 0

    def hear(self, message: Any) -> None:
        """One message of the server."""
        kind = message.WhichOneof("response_type")
        _HEAR[kind](self, getattr(message, kind))

    def _document_change(self, change: Any) -> None:
        for number in change.target_ids:
            self._of(number).heard[change.document.name] = serialised(change.document)
        self._gone(change.document.name, change.removed_target_ids)

    def _document_gone(self, change: Any) -> None:
        self._gone(change.document, change.removed_target_ids)

    def _gone(self, name: str, numbers: Any) -> None:
        for number in numbers:
            seen = self._of(number)
            is_named = name in seen.target.documents.documents
            if seen.heard.pop(name, None) is None and not is_named:
                raise Wrong(f"target {number} lost {name}, which it never had")

    def _filter(self, change: Any) -> None:
        held = len(self._of(change.target_id).heard)
        if held != change.count:
            raise Wrong(f"target {change.target_id} holds {held} documents and is told that there are {change.count}")

    def _target_change(self, change: Any) -> None:
        kind = protos.TargetChange.TargetChangeType.Name(change.target_change_type)
        if kind == "NO_CHANGE" and not change.target_ids:
            self._snapshot(change)
        for number in change.target_ids:
            seen = self._of(number)
            if kind == "REMOVE":
                if change.HasField("cause"):
                    raise Wrong(f"target {number} was refused: {change.cause}")
                del self.targets[number]
            elif kind == "RESET":
                seen.heard, seen.is_current = {}, False
            elif kind == "CURRENT":
                seen.is_current = True

    def _snapshot(self, change: Any) -> None:
        moment = (change.read_time.seconds, change.read_time.nanos)
        if moment < self._read_time:
            raise Wrong(f"a snapshot of {moment} came after one of {self._read_time}")
        self._read_time = moment
        for number, seen in self.targets.items():
            if not seen.is_current:
                continue
            expected = self._truth(seen.target, change.read_time)
            if expected is None:
                self.unknown += 1
            elif expected != seen.heard:
                raise Wrong(f"target {number}\n{seen.target}shows\n{told(seen.heard)}\ninstead of\n{told(expected)}")
            self.checked += 1
            seen.snapshot, seen.token = dict(seen.heard), change.resume_token
            seen.snapshots += 1

    def _of(self, number: int) -> Seen:
        if number not in self.targets:
            raise Wrong(f"target {number} is told of and is not there")
        return self.targets[number]


def serialised(document: Any) -> bytes:
    """A document as bytes that are equal for equal documents."""
    data: bytes = document.SerializeToString(deterministic=True)
    return data


def told(shown: Shown) -> str:
    """For people."""
    return "\n".join(f"  {protos.Document.FromString(each)}" for each in shown.values()) or "  nothing"


_HEAR: Mapping[str, Callable[[Mirror, Any], None]] = {
    "target_change": Mirror._target_change,
    "document_change": Mirror._document_change,
    "document_delete": Mirror._document_gone,
    "document_remove": Mirror._document_gone,
    "filter": Mirror._filter,
}

"""`get()`, `exists()`, `getAfter()` and `existsAfter()`: which documents they may read, and how often.

Every distinct document counts, each way of asking once: what was read by `get` is known to `exists`, not the
reverse. The own target and what the commit itself writes are known already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firewarden.rules.access import resolved
from firewarden.rules.compatibility import Compatibility
from firewarden.rules.environment import Document, resource, root
from firewarden.rules.kinds import Value
from firewarden.rules.outcomes import UNKNOWN, Refusal
from firewarden.rules.prototext import quoted
from firewarden.rules.requests import DocumentPath
from firewarden.values import Capture, Path

PER_DOCUMENT_MAX = 10
PER_REQUEST_MAX = 20

Read = Callable[[DocumentPath], Document | None]
"""The stored document at a path, or None. Given by the caller; it must answer the same within one decision."""


class Documents:
    """What one request has looked up so far, before and after its own writes."""

    __slots__ = ("compatibility", "database", "read", "seen", "written")

    def __init__(
        self,
        read: Read,
        written: Mapping[DocumentPath, Document | None],
        database: str,
        compatibility: Compatibility,
    ) -> None:
        self.database = database
        self.compatibility = compatibility
        self.written = written
        self.read = read
        self.seen: set[tuple[str, DocumentPath]] = set()


class Lookups:
    """The calls while one document is judged."""

    __slots__ = ("_answers", "_documents", "_most", "_own", "_target")

    def __init__(
        self,
        documents: Documents,
        target: DocumentPath | None,
        *,
        most: int = PER_DOCUMENT_MAX,
        alone: bool = False,
    ) -> None:
        self._documents = documents
        self._target = target
        self._most = most
        # Where nothing else of the request is judged, what is looked up for this document is all of it.
        self._own = documents.seen if alone else set()
        self._answers: dict[tuple[str, tuple[str | Capture, ...]], Value] = {}

    @property
    def used(self) -> tuple[int, int]:
        """How many lookups were charged while the document is judged, and how many there may be."""
        return len(self._own), self._most

    def call(self, name: str, path: Path) -> Value:
        """The outcome of `name(path)`; a service call error if it cannot be answered."""
        key = (name, path.segments)
        if key not in self._answers:
            self._answers[key] = self._answer(name, path)
        return self._answers[key]

    def find(self, name: str, database: str, document: DocumentPath) -> Value:
        """Whether there is a document, or its data: `call` without making paths, refusing without a text."""
        documents = self._documents
        if database != documents.database or "" in document[1::2]:
            raise Refusal("")
        kind, wants_after = _KINDS[name]
        own = self._own
        if wants_after and document in documents.written:
            data = documents.written[document]
        elif kind == "get" and own is documents.seen and len(own) < self._most:
            if document != self._target:  # as `_is_within_limits`, with both limits far away
                own.add((kind, document))
            data = documents.read(document)
        elif document == self._target or self._is_within_limits(kind, document):
            data = documents.read(document)
        else:
            raise Refusal("")
        if kind == "exists":
            return data is not None
        if data is None:
            raise Refusal("")
        return data

    def _answer(self, name: str, path: Path) -> Value:
        document = _document(name, path, self._documents.database)
        kind, wants_after = _KINDS[name]
        is_known = document == self._target or (wants_after and document in self._documents.written)
        if not is_known and not self._is_within_limits(kind, document):
            raise _service_call_error(name, path)
        data = self._data(document, wants_after=wants_after)
        if kind == "exists":
            return data is not None
        if data is None and not is_known and not self._documents.compatibility.missing_document_is_null:
            raise _service_call_error(name, path)
        return resource(document, data, self._documents.database)

    def _data(self, document: DocumentPath, *, wants_after: bool) -> Document | None:
        if wants_after and document in self._documents.written:
            return self._documents.written[document]
        return self._documents.read(document)

    def _is_within_limits(self, kind: str, document: DocumentPath) -> bool:
        ask = (kind, document)
        full = ask if kind == "get" else ("get", document)
        own, all_seen = self._own, self._documents.seen
        if len(own) >= self._most and ask not in own and full not in own:
            return False
        if len(all_seen) >= PER_REQUEST_MAX and ask not in all_seen and full not in all_seen:
            return False
        if full is ask or full not in own:
            own.add(ask)
        if own is not all_seen and (full is ask or full not in all_seen):
            all_seen.add(ask)
        return True


_KINDS = {
    "get": ("get", False),
    "value": ("get", False),
    "exists": ("exists", False),
    "getAfter": ("get", True),
    "existsAfter": ("exists", True),
}


class NothingRead:
    """The calls of the first pass, in which no document is read: unknown, unless the path itself is wrong."""

    def __init__(self, database: str) -> None:
        self._database = database
        self.was_asked = False

    def call(self, name: str, path: Path) -> Value:
        """Unknown; a service call error for a path that no document can have."""
        _document(name, path, self._database)
        self.was_asked = True
        return UNKNOWN


def _document(name: str, path: Path, database: str) -> DocumentPath:
    segments = resolved(path)
    start = root(database)
    document = segments[len(start) :]
    if segments[: len(start)] != start or not document or len(document) % 2 or "" in document[1::2]:
        raise _service_call_error(name, path)
    return document


def _service_call_error(name: str, path: Path) -> Refusal:
    segments = "".join(f"  segments {{\n    simple: {quoted(str(each))}\n  }}\n" for each in path.segments)
    return Refusal(f"Service call error. Function: [{name}], Argument: [path_value {{\n{segments}}}\n].")

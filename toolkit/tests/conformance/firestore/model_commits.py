"""Commits by their definition: the writes one after the other, all at one time, or none of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.tests.conformance.firestore.model_queries import Document, relative
from toolkit.tests.conformance.firestore.model_writes import written
from toolkit.tests.conformance.firestore.universe import Json
from toolkit.tests.conformance.firestore.values import Path


class Refusal(Exception):  # noqa: N818 - the answer is a status
    """The operation is refused with a status code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def folded(
    documents: Mapping[Path, Document], writes: Sequence[Json], now: str
) -> tuple[dict[Path, Document | None], list[Json]]:
    """The documents that the writes touch, as they are afterwards, and what each write is told."""
    drafts: dict[Path, Draft] = {}
    told = []
    for write in writes:
        path = path_of(write)
        if path not in drafts:
            before = documents.get(path)
            _check(write.get("currentDocument", {}), before)
            drafts[path] = Draft(before, None if before is None else before.fields)
        told.append(drafts[path].write(write, f"@{now}"))
    after = {path: draft.finished(now) for path, draft in drafts.items()}
    results = []
    for write, transforms in zip(writes, told, strict=True):
        path = path_of(write)
        document = after[path]
        time = now if document is None and not drafts[path].is_written else document and document.updated
        result: Json = {} if time is None else {"updateTime": f"#{time}"}
        results.append({**result, "transformResults": transforms} if transforms else result)
    return after, results


@dataclass(slots=True)
class Draft:
    """A document in the course of a commit."""

    before: Document | None
    fields: Json | None
    is_written: bool = False
    was_deleted: bool = False

    def write(self, write: Json, now: str) -> list[Json]:
        """Add a write; returns the results of its transforms."""
        if "verify" in write:
            return []
        self.fields, results = written(write, self.fields, now)
        self.is_written = True
        self.was_deleted |= self.fields is None
        return results

    def finished(self, now: str) -> Document | None:
        """The document afterwards: the very same if nothing of it has changed."""
        if not self.is_written:
            return self.before
        if self.fields is None:
            return None
        if self.before is None or self.was_deleted:
            return Document(self.fields, now, now)
        return (
            self.before if _same(self.fields, self.before.fields) else Document(self.fields, self.before.created, now)
        )


def _same(left: Any, right: Any) -> bool:
    """Equal to the last bit: -0.0 is another value than 0.0."""
    return repr(_sorted(left)) == repr(_sorted(right))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return [(name, _sorted(value[name])) for name in sorted(value)]
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _check(condition: Json, stored: Document | None) -> None:
    if condition.get("exists") is True and stored is None:
        raise Refusal("NOT_FOUND")
    if condition.get("exists") is False and stored is not None:
        raise Refusal("ALREADY_EXISTS")
    if "updateTime" not in condition:
        return
    asked, version = int(condition["updateTime"][1:]), 0 if stored is None else int(stored.updated)
    if asked != version:
        raise Refusal("INVALID_ARGUMENT" if 0 < version < asked else "FAILED_PRECONDITION")


def names(request: Json) -> Iterator[str]:
    """The documents that a request writes."""
    for each in request.get("writes", ()):
        yield each["update"]["name"] if "update" in each else each.get("delete") or each["verify"]
    if "documentId" in request:
        yield "/".join((request["parent"], request["collectionId"], request["documentId"]))
    elif "writes" not in request:
        yield request.get("document", request)["name"]


def path_of(write: Json) -> Path:
    """The document that a write is about."""
    return relative(write["update"]["name"] if "update" in write else write.get("delete") or write["verify"])

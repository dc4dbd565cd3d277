"""The result of a query with a limit or an offset: a window on the sorted documents, kept as they change.

The window holds all matching documents up to a bound, more of them than are shown, so that what moves up is at hand.
Only when too many have left is the query run again, for a window as wide as at first: as many documents must have left
as are then read.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.listen.changes import Changes
from firewarden.firestore.listen.steps import Step
from firewarden.firestore.listen.views import QueryView, Refill
from firewarden.firestore.query.matching import SortKey
from firewarden.firestore.query.model import Query

_SPARE_MIN = 16


def spare(shown: int) -> int:
    """How many documents are kept beyond those that are shown: as many again."""
    return max(shown, _SPARE_MIN)


class WindowView:
    """A query that shows its documents from the `offset` on, up to its limit if it has one."""

    def __init__(self, query: Query) -> None:
        self._view = QueryView(query)
        self._first = query.offset
        self._end = None if query.limit is None else query.offset + query.limit
        self._keys: list[SortKey] = []
        self._documents: dict[SortKey, StoredDocument] = {}
        self._bound: SortKey | None = None
        """Of the matching documents those with this key at most are kept; None is all of them."""
        self._shown: set[DocumentPath] = set()

    @property
    def width(self) -> int | None:
        """How many documents it wants to keep; None is all."""
        return None if self._end is None else self._end + spare(self._end)

    def fill(self, documents: Iterable[StoredDocument]) -> None:
        """Begin anew with the first documents of the query, as many as the `width` says or all there are."""
        self._documents = {self._view.key(each): each for each in documents}
        self._keys = list(self._documents)
        is_full = self.width is not None and len(self._keys) >= self.width
        self._bound = self._keys[-1] if is_full else None
        self._shown = {each.path for each in self.shown()}

    def shown(self) -> Iterator[StoredDocument]:
        """The result."""
        return (self._documents[key] for key in islice(self._keys, self._first, self._end))

    def steps(self, changes: Changes, refill: Refill) -> Iterator[Step]:
        """What the changes make of it; asks for documents if too many have left."""
        touched: dict[DocumentPath, SortKey | None] = {}
        for path, before, after in changes.of(self._view.query.collection):
            left = before is not None and self._view.holds(before) and self._remove(self._view.key(before))
            key = self._view.key(after) if after is not None and self._view.holds(after) else None
            came = after is not None and key is not None and self._insert(key, after)
            if left or came:
                touched[path] = key if came else None
        if not touched:
            return
        if self._bound is not None and len(self._keys) < self._shown_end():
            yield from self._refilled(changes, refill)
        else:
            yield from self._moved(self._crossing(touched), changes)
            self._trim()

    def _shown_end(self) -> int:
        return len(self._keys) if self._end is None else self._end

    def _remove(self, key: SortKey) -> bool:
        if self._documents.pop(key, None) is None:
            return False
        del self._keys[bisect_left(self._keys, key)]
        return True

    def _insert(self, key: SortKey, document: StoredDocument) -> bool:
        if self._bound is not None and key > self._bound:
            return False
        insort(self._keys, key)
        self._documents[key] = document
        return True

    def _crossing(
        self, touched: Mapping[DocumentPath, SortKey | None]
    ) -> Iterator[tuple[DocumentPath, StoredDocument | None]]:
        """The documents that may have come or gone: those that changed, and as many at both ends of what is shown."""
        count, end = len(touched), self._shown_end()
        for path, key in touched.items():
            is_in = key is not None and self._first <= bisect_left(self._keys, key) < end
            yield path, self._documents[key] if is_in and key is not None else None
        for index in dict.fromkeys((*self._around(self._first, count), *self._around(end, count))):
            document = self._documents[self._keys[index]]
            is_in = self._first <= index < end
            if document.path not in touched and is_in != (document.path in self._shown):
                yield document.path, document if is_in else None

    def _around(self, position: int, count: int) -> range:
        return range(max(position - count, 0), min(position + count, len(self._keys)))

    def _moved(self, moved: Iterable[tuple[DocumentPath, StoredDocument | None]], changes: Changes) -> Iterator[Step]:
        for path, now in list(moved):
            was_in = path in self._shown
            if was_in or now is not None:
                changed = changes.at(path)
                yield Step(path, was_in, now, changed is None or changed.after is not None)
            if now is None:
                self._shown.discard(path)
            else:
                self._shown.add(path)

    def _refilled(self, changes: Changes, refill: Refill) -> Iterator[Step]:
        shown_before = self._shown
        self.fill(refill(self.width))
        now = {each.path: each for each in self.shown()}
        self._shown = shown_before
        gone = [(path, None) for path in shown_before if path not in now]
        came = [(path, each) for path, each in now.items() if path not in shown_before or changes.at(path) is not None]
        yield from self._moved([*gone, *came], changes)

    def _trim(self) -> None:
        if self.width is not None and len(self._keys) > 2 * self.width:
            for key in self._keys[self.width :]:
                del self._documents[key]
            del self._keys[self.width :]
            self._bound = self._keys[-1]

"""Random histories: a store answers as a dictionary per time would."""

import bisect
from collections.abc import Iterator
from itertools import islice
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.encoding import encode, encode_id
from firewarden.firestore.query.entries import entries
from firewarden.firestore.query.scanning import Mode, ScanIndex
from firewarden.firestore.status import StatusError
from firewarden.firestore.wire.values import encode_fields
from firewarden.store import Change, Database, Store, StoreSnapshot, faults
from firewarden.values import Timestamp
from toolkit.tests.store.desk import NAME, after_start, index_on

WINDOW = 40
"""Seconds; a commit is one to three seconds after the one before."""

ids = st.sampled_from(["1", "2", "10", "é", "a\x00", "x" * 40])
collections = st.sampled_from([("a",), ("b",), ("a", "1", "a"), ("a", "2", "b"), ("b", "1", "a", "1", "b")])
paths = st.tuples(collections, ids).map(lambda each: (*each[0], each[1]))
parents = st.sampled_from([(), ("a", "1"), ("b", "1"), ("a", "10"), ("a", "2")])
values = st.one_of(st.integers(-2, 2), st.sampled_from([None, True, 1.5, "x", float("nan")]))
documents = st.fixed_dictionaries({}, optional={"n": values, "m": values, "tags": st.lists(values, max_size=3)})
changes = st.dictionaries(paths, st.one_of(st.none(), documents), min_size=1, max_size=6)
indexes = st.sampled_from(
    [
        *(index_on(each) for each in "ab"),
        index_on("a", "n"),
        index_on("b", "-n", "m"),
        index_on("a", "tags[]", name=Mode.DESCENDING),
        index_on("b", name=Mode.DESCENDING),
        index_on("a", "n", group=True),
        index_on("a", "tags[]", "-m", group=True, name=Mode.DESCENDING),
        index_on("b", group=True),
        index_on(None, group=True),
    ]
)
bounds = st.one_of(values.map(encode), ids.map(encode_id), st.binary(max_size=2))
State = dict[DocumentPath, StoredDocument]


class History(RuleBasedStateMachine):
    """Commits, readings of the present and the past, and removals, in any order."""

    readers = Bundle("readers")

    def __init__(self) -> None:
        super().__init__()
        self.store = Store(window_seconds=WINDOW)
        self.seconds = 0

    def teardown(self) -> None:
        assert faults(self.store) == []
        self.store.close()

    @initialize()
    def begin(self) -> None:
        self.times = [self.database.last_version.nanos]
        self.states: list[State] = [{}]

    @rule(changes=changes, pause=st.integers(1, 3))
    def commit(self, changes: dict[DocumentPath, dict[str, Any] | None], pause: int) -> None:
        time = self.tick(pause)
        state = dict(self.states[-1])
        for path, fields in changes.items():
            before = state.pop(path, None)
            if fields is not None:
                created = before.create_time if before else time
                state[path] = StoredDocument(path, encode_fields(fields), created, time)
        self.database.commit([change(path, state.get(path)) for path in changes], time=time)
        self.remember(time, state)

    @rule(path=paths, back=st.integers(0, 60))
    def read(self, path: DocumentPath, back: int) -> None:
        if found := self.at(back):
            snapshot, state = found
            assert same(snapshot.document(path), state.get(path))

    @rule(
        index=indexes,
        parent=parents,
        back=st.integers(0, 60),
        low=bounds,
        high=st.none() | bounds,
        reverse=st.booleans(),
        most=st.none() | st.integers(0, 3),
    )
    def scan(
        self,
        index: ScanIndex,
        parent: DocumentPath,
        back: int,
        low: bytes,
        high: bytes | None,
        reverse: bool,
        most: int | None,
    ) -> None:
        if found := self.at(back):
            snapshot, state = found
            scanned = snapshot.scan(index, parent, low, high, reverse=reverse)
            expected = expected_keys(state, index, parent, low, high, reverse=reverse)
            assert list(scanned_keys(scanned)) == expected
            assert snapshot.count(index, parent, low, high, most) == len(expected[:most])
            forwards = expected[::-1] if reverse else expected
            assert list(snapshot.contents(index, parent, low, high)) == [data for _, (_, data, *_) in forwards]

    @rule(target=readers, index=indexes, parent=parents, take=st.integers(0, 4))
    def begin_reading(self, index: ScanIndex, parent: DocumentPath, take: int) -> Any:
        reading = scanned_keys(self.database.snapshot().scan(index, parent, b"", None))
        expected = expected_keys(self.states[-1], index, parent, b"", None)
        assert list(islice(reading, take)) == expected[:take]
        return reading, expected[take:], self.times[-1]

    @rule(reader=readers)
    def go_on_reading(self, reader: Any) -> None:
        """Long after: exactly what is left of what was there, or a refusal if that time is over."""
        reading, expected, time = reader
        try:
            rest = list(reading)
        except StatusError:
            assert time < self.oldest
        else:
            assert rest in (expected, [])  # nothing the second time
            expected.clear()

    @rule(parent=parents, back=st.integers(0, 60))
    def list_below(self, parent: DocumentPath, back: int) -> None:
        if found := self.at(back):
            snapshot, state = found
            below = [path for path in state if path[: len(parent)] == parent and len(path) > len(parent)]
            depth = len(parent)
            assert snapshot.collections(parent) == sorted({path[depth] for path in below}, key=str.encode)
            assert sorted(each.path for each in snapshot.documents_below(parent)) == sorted(below)
            for collection in {path[: depth + 1] for path in below}:
                named = {path[: depth + 2] for path in below if path[: depth + 1] == collection}
                missing = sorted((path[-1] for path in named if path not in state), key=str.encode)
                assert list(snapshot.missing_documents(collection)) == missing

    @rule(path=st.one_of(paths, collections))
    def clear_below(self, path: tuple[str, ...]) -> None:
        state = {each: kept for each, kept in self.states[-1].items() if each[: len(path)] != path}
        time = self.tick(1)
        assert self.database.clear_below(path, time=time) == len(self.states[-1]) - len(state)
        if len(state) != len(self.states[-1]):
            self.remember(time, state)

    @rule(collection=st.sampled_from("ab"))
    def remove_collection(self, collection: str) -> None:
        state = {path: kept for path, kept in self.states[-1].items() if path[-2] != collection}
        time = self.tick(1)
        assert self.database.remove_collections([collection], time=time) == len(self.states[-1]) - len(state)
        if len(state) != len(self.states[-1]):
            self.remember(time, state)

    @rule()
    def clear(self) -> None:
        self.database.clear()
        self.begin()

    @rule(seconds=st.integers(0, 2 * WINDOW))
    def vacuum(self, seconds: int) -> None:
        self.seconds += seconds
        self.window_end = max(self.oldest + WINDOW * 10**9, after_start(self.seconds).nanos)
        self.store.vacuum(now=after_start(self.seconds))

    @invariant()
    def the_version_is_the_last_commit(self) -> None:
        if hasattr(self, "times"):
            assert self.database.last_version.nanos == self.times[-1]

    @property
    def database(self) -> Database:
        return self.store.database(NAME)

    @property
    def oldest(self) -> int:
        """The earliest time that can be read."""
        return max(self.times[0], getattr(self, "window_end", 0) - WINDOW * 10**9, self.times[-1] - WINDOW * 10**9)

    def tick(self, seconds: int) -> Timestamp:
        self.seconds += seconds
        return after_start(self.seconds)

    def remember(self, time: Timestamp, state: State) -> None:
        self.times.append(time.nanos)
        self.states.append(state)

    def at(self, back: int) -> tuple[StoreSnapshot, State] | None:
        """A snapshot some seconds before now, and what was then; nothing if that is rightly refused."""
        moment = after_start(self.seconds - back)
        try:
            snapshot = self.database.snapshot(moment)
        except StatusError:
            assert moment.nanos < self.oldest
            return None
        assert moment.nanos >= self.oldest
        return snapshot, self.states[bisect.bisect_right(self.times, moment.nanos) - 1]


History.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestHistory = History.TestCase


def change(path: DocumentPath, document: StoredDocument | None) -> Change:
    if document is None:
        return Change(path, None, None, None)
    return Change(path, document.data, document.create_time, document.update_time)


def same(found: StoredDocument | None, expected: StoredDocument | None) -> bool:
    return (found and contents(found)) == (expected and contents(expected))


def contents(document: StoredDocument) -> tuple[object, ...]:
    return document.path, document.data, document.create_time, document.update_time


def scanned_keys(scanned: Any) -> Iterator[tuple[bytes, tuple[object, ...]]]:
    return ((each.key, contents(each.document)) for each in scanned)


def expected_keys(
    state: State, index: ScanIndex, parent: DocumentPath, low: bytes, high: bytes | None, *, reverse: bool = False
) -> list[tuple[bytes, tuple[object, ...]]]:
    """All entries of the documents that are meant, sorted."""
    found = [
        (key, contents(document))
        for path, document in state.items()
        if is_meant(index, parent, path)
        for key in entries(index, path, document.fields)
        if low <= key and (high is None or key < high)
    ]
    return sorted(found, key=lambda each: each[0], reverse=reverse)


def is_meant(index: ScanIndex, parent: DocumentPath, path: DocumentPath) -> bool:
    if index.group:
        below = path[: len(parent)] == parent and len(path) > len(parent)
        return below and index.collection in (None, path[-2])
    return path[:-1] == (*parent, index.collection)

"""A window shows what sorting all documents shows, told step by step; it asks for documents only when it runs short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.firestore.commits import Changed
from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.listen.changes import Changes
from firewarden.firestore.listen.steps import Step
from firewarden.firestore.listen.windows import WindowView
from firewarden.firestore.query.model import NAME, Order, Query
from firewarden.firestore.wire.serialising import encode_fields
from firewarden.values import Timestamp

NAMES = [f"{number:02}" for number in range(60)]


def document(name: str, value: int | None, time: int) -> StoredDocument:
    fields = {} if value is None else {"x": value}
    return StoredDocument(("c", name), encode_fields(fields), Timestamp(1), Timestamp(time))


class World:
    """All documents, sorted anew whenever somebody asks; counts how many were asked for."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.stored: dict[DocumentPath, StoredDocument] = {}
        self.time = 1
        self.read = 0
        self.window = WindowView(query)
        self.window.fill(self.first(self.window.width))
        self.shown = {each.path: each for each in self.window.shown()}

    def first(self, count: int | None) -> list[StoredDocument]:
        descends = bool(self.query.order_by) and self.query.order_by[0].descending
        found = [each for each in self.stored.values() if "x" in each.fields]
        found.sort(key=lambda each: (each.fields["x"], each.path), reverse=descends)
        return found[:count]

    def refill(self, count: int | None) -> Iterable[StoredDocument]:
        found = self.first(count)
        self.read += len(found)
        return found

    def expected(self) -> list[StoredDocument]:
        end = None if self.query.limit is None else self.query.offset + self.query.limit
        return self.first(None)[self.query.offset : end]

    def commit(self, values: Mapping[str, int | str | None]) -> None:
        """What each document becomes: a value, no value, or `gone`."""
        self.time += 1
        changes = Changes()
        commit = []
        for name, value in values.items():
            path = ("c", name)
            before = self.stored.pop(path, None)
            after = None if isinstance(value, str) else document(name, value, self.time)
            if after is not None:
                self.stored[path] = after
            commit.append(Changed(path, before, after))
        changes.add(commit)
        self.apply(self.window.steps(changes, self.refill))

    def apply(self, steps: Iterator[Step]) -> None:
        for path, was_in, now, exists in steps:
            assert was_in == (path in self.shown)
            assert exists == (path in self.stored)
            if now is None:
                del self.shown[path]
            else:
                self.shown[path] = now
        assert self.shown == {each.path: each for each in self.expected()}
        assert list(self.window.shown()) == self.expected()


commits = st.lists(
    st.dictionaries(
        st.sampled_from(NAMES), st.one_of(st.integers(0, 20), st.none(), st.just("gone")), min_size=1, max_size=12
    ),
    max_size=25,
)
queries = st.builds(
    lambda limit, offset, descending: Query(
        collection="c", order_by=(Order(("x",), descending), Order(NAME, descending)), limit=limit, offset=offset
    ),
    st.one_of(st.none(), st.integers(0, 6)),
    st.integers(0, 4),
    st.booleans(),
)


@settings(deadline=None, max_examples=50)
@given(queries, commits, commits)
def test_a_window_shows_what_sorting_shows(
    query: Query, before: list[dict[str, int | str | None]], after: list[dict[str, int | str | None]]
) -> None:
    world = World(query)
    for each in (*before, *after):
        world.commit(each)


def by_x(limit: int) -> Query:
    return Query(collection="c", order_by=(Order(("x",)), Order(NAME)), limit=limit)


def test_a_window_reads_as_much_as_has_left() -> None:
    """A queue: the first leaves, one comes at the end. So each document is read about once."""
    world = World(by_x(10))
    count = 300
    world.commit({f"{number:05}": number for number in range(count)})
    for number in range(count - 50):
        world.commit({f"{number:05}": "gone", f"{number + count:05}": number + count})
    assert 0 < world.read < 3 * count


def test_what_stays_outside_is_not_read() -> None:
    world = World(by_x(5))
    world.commit({f"{number:03}": number for number in range(200)})
    for number in range(100, 200):
        world.commit({f"{number:03}": number + 1_000})
    assert world.read == 0


def test_a_window_that_grows_is_cut() -> None:
    world = World(by_x(5))
    for number in range(200, 0, -1):
        world.commit({f"{number:03}": number})
    assert len(world.window._keys) <= 2 * (world.window.width or 0)
    assert world.read == 0

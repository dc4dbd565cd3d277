"""Reading costs what is read, whatever else is stored: counted in SQLite's instructions, which no clock can blur."""

from collections.abc import Callable
from itertools import islice

import pytest

from firewarden.store import Store
from toolkit.tests.store.desk import Desk, after_start, index_on

FEW, MANY = 20, 2_000
BY_N, GROUP, NAMES = index_on("a", "n"), index_on("a", "n", group=True), index_on("a")
Ask = Callable[[Desk], object]


def first(desk: Desk, index: object, *, at: float | None = None, count: int = 5) -> object:
    snapshot = desk.database.snapshot(None if at is None else after_start(at))
    return list(islice(snapshot.scan(index, (), b"", None), count))  # type: ignore[arg-type]


ASKED: dict[str, Ask] = {
    "a document": lambda desk: desk.fields("a/1"),
    "a document that is not there": lambda desk: desk.fields("a/none"),
    "a past document": lambda desk: desk.fields("a/1", after_start(1)),
    "the first by name": lambda desk: first(desk, NAMES),
    "the first of an index": lambda desk: first(desk, BY_N),
    "the first of a group": lambda desk: first(desk, GROUP),
    "the first by name in the past": lambda desk: first(desk, NAMES, at=1),
    "the first of an index in the past": lambda desk: first(desk, BY_N, at=1),
    "counting the first by name": lambda desk: desk.database.snapshot().count(NAMES, (), b"", None, 5),
    "counting the first of an index": lambda desk: desk.database.snapshot().count(BY_N, (), b"", None, 5),
    "counting the first of a group": lambda desk: desk.database.snapshot().count(GROUP, (), b"", None, 5),
    "the collections": lambda desk: desk.database.snapshot().collections(()),
    "a missing document": lambda desk: list(islice(desk.database.snapshot().missing_documents(("m",)), 2)),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_reading_does_not_cost_more_where_more_is_stored(ask: Ask) -> None:
    """More documents in the collection, below its documents, and in other collections; more changes of these."""
    assert instructions(ask, MANY) <= 1.2 * instructions(ask, FEW) + 50


def test_reading_everything_would_be_seen() -> None:
    assert instructions(lambda desk: first(desk, NAMES, count=MANY), MANY) > 10 * instructions(ASKED["a document"], FEW)


def instructions(ask: Ask, size: int) -> int:
    """What a question costs the second time, when its indexes are made."""
    with Store() as store:
        desk = Desk(store)
        desk.commit({f"a/{n}": {"n": n} for n in range(FEW)} | {"m/1/x/1": {}, "m/2/x/1": {}}, at=1)
        desk.commit({f"a/z{n}": {"n": n} for n in range(FEW, size)}, at=2)
        desk.commit({f"a/1/below/{n}": {"n": n} for n in range(size)}, at=3)
        desk.commit({f"other/{n}": {"n": n} for n in range(size)}, at=4)
        desk.commit({f"other/{n}": {"n": -n} for n in range(size)}, at=5)
        ask(desk)
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        store.connection.set_progress_handler(step, 1)
        ask(desk)
        store.connection.set_progress_handler(None, 1)
        return count

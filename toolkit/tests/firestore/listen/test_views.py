"""Commits taken together, and what they change of documents' and queries' targets."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from firewarden.firestore.commits import Changed
from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.listen.changes import Changes
from firewarden.firestore.listen.steps import Pending, Step, difference
from firewarden.firestore.listen.views import DocumentsView, QueryView
from firewarden.firestore.query.model import NAME, Cursor, Filter, Operator, Order, Query
from firewarden.firestore.wire.serialising import encode_fields
from firewarden.values import Timestamp


def document(path: str, time: int = 1, **fields: int) -> StoredDocument:
    return StoredDocument(tuple(path.split("/")), encode_fields(fields), Timestamp(1), Timestamp(time))


ONE, TWO, THREE = (document("c/a", number, x=number) for number in (1, 2, 3))
A = ("c", "a")


def changes(*commits: Iterable[Changed]) -> Changes:
    made = Changes()
    for each in commits:
        made.add(each)
    return made


def never(count: int | None) -> Iterable[StoredDocument]:
    raise AssertionError(count)


def test_commits_are_taken_together() -> None:
    other = document("c/b/m/q")
    made = changes([Changed(A, None, ONE)], [Changed(A, ONE, TWO), Changed(other.path, None, other)])
    assert made.at(A) == Changed(A, None, TWO)
    assert made.at(("c", "z")) is None
    assert made.at(("z", "a")) is None
    assert [each.path for each in made.of("c")] == [A]
    assert [each.path for each in made.of("m")] == [other.path]
    assert [each.path for each in made.of(None)] == [A, other.path]
    assert made.of("z") == []
    assert made.touch([("c", "z"), A])
    assert not made.touch([("c", "z")])


@pytest.mark.parametrize("others", [0, 10])
def test_few_are_looked_for_among_many(others: int) -> None:
    """Whichever are fewer, the changes or the names."""
    made = changes([Changed(A, None, ONE)])
    paths = [A, *(("c", str(number)) for number in range(others))]
    assert [each.path for each in made.among(dict.fromkeys(paths))] == [A]


def test_documents_are_told_of_whatever_becomes_of_them() -> None:
    view = DocumentsView([A, ("c", "z"), A])
    assert list(view.steps(changes([Changed(A, ONE, None)]), never)) == [Step(A, True, None, False)]
    assert list(view.steps(changes([Changed(A, None, ONE)]), never)) == [Step(A, False, ONE, True)]
    assert list(view.steps(changes([Changed(("c", "b"), None, ONE)]), never)) == []


GREATER = Filter(("x",), Operator.GREATER_THAN, 1)


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        (None, ONE, None),
        (ONE, None, None),
        (None, TWO, Step(A, False, TWO, True)),
        (ONE, TWO, Step(A, False, TWO, True)),
        (TWO, THREE, Step(A, True, THREE, True)),
        (TWO, ONE, Step(A, True, None, True)),
        (TWO, None, Step(A, True, None, False)),
    ],
)
def test_a_query_is_asked_before_and_after(
    before: StoredDocument | None, after: StoredDocument | None, step: Step | None
) -> None:
    view = QueryView(Query(collection="c", where=GREATER))
    assert list(view.steps(changes([Changed(A, before, after)]), never)) == ([] if step is None else [step])


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        (Query(collection="c"), ["c/a"]),
        (Query(collection="c", all_descendants=True), ["c/a", "c/a/c/b"]),
        (Query(parent=A, collection="c"), ["c/a/c/b"]),
        (Query(all_descendants=True), ["c/a", "c/a/c/b", "d/a"]),
        (Query(collection="c", order_by=(Order(("y",)),)), []),
        (Query(collection="c", order_by=(Order(("x",)),)), ["c/a"]),
        (Query(collection="c", order_by=(Order(("x",)),), start=Cursor((2,), before=True)), []),
        (Query(collection="c", order_by=(Order(NAME),)), ["c/a"]),
    ],
)
def test_a_query_looks_at_scope_order_and_cursors(query: Query, holds: list[str]) -> None:
    view = QueryView(query)
    stored = [document(each, x=1) for each in ("c/a", "c/a/c/b", "d/a")]
    assert ["/".join(each.path) for each in stored if view.holds(each)] == holds
    assert not view.holds(None)


def test_what_waits_is_one_step_for_each_document() -> None:
    pending = Pending()
    assert not pending
    pending.add(Step(A, False, ONE, True))
    pending.add(Step(A, True, TWO, True))
    assert pending.take() == [Step(A, False, TWO, True)]
    assert pending.take() == []
    pending.add(Step(A, False, ONE, True))
    pending.add(Step(A, True, None, False))
    assert not pending
    pending.add(Step(A, True, None, True))
    pending.add(Step(A, False, THREE, True))
    assert pending.take() == [Step(A, True, THREE, True)]
    pending.add(Step(A, False, None, False))
    assert not pending


def test_the_steps_from_one_result_to_another() -> None:
    gone, left, same, new = (document(f"c/{name}") for name in ("gone", "left", "same", "new"))
    again = StoredDocument(A, ONE.data, Timestamp(2), ONE.update_time)

    def result(*documents: StoredDocument) -> dict[DocumentPath, StoredDocument]:
        return {each.path: each for each in documents}

    steps = difference(result(gone, left, same, ONE), result(same, again, new), lambda path: path == left.path)
    assert list(steps) == [
        Step(gone.path, True, None, False),
        Step(left.path, True, None, True),
        Step(A, True, again, True),
        Step(new.path, False, new, True),
    ]

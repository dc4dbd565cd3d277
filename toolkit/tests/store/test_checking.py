"""What `faults` finds: each kind of inconsistency, and none in a store that is as it must be."""

from collections.abc import Iterator

import pytest

from firewarden.store import Store, faults
from toolkit.tests.store.desk import Desk, index_on


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as made:
        desk = Desk(made)
        before = desk.put(a__1={"n": 1}, a__2={"n": 2}, p__1__a__1={"n": 3})
        desk.put(a__1={"n": 5}, a__2=None)
        for index in (index_on("a", "n"), index_on("a", "n", group=True), index_on(None, group=True)):
            desk.names(index, before)
        yield made


def test_a_store_as_it_must_be_has_none(store: Store) -> None:
    assert faults(store) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DELETE FROM entries WHERE document = 1", "entries that documents lack"),
        ("UPDATE documents SET data = x''", "entries that no documents have"),
        ("DELETE FROM past_entries WHERE version = 1", "entries that past versions lack"),
        ("UPDATE past_entries SET key = x'00'", "entries that no past versions have"),
        ("DELETE FROM indexes", "entries without an index"),
        ("DELETE FROM databases", "collections without a database"),
        ("DELETE FROM collections", "documents without a collection"),
        ("UPDATE documents SET updated = updated + 100000000000000", "documents of a time that did not come yet"),
        ("UPDATE versions SET until = updated", "versions that are not over"),
        (
            """INSERT INTO versions (collection, id, data, created, updated, until)
            SELECT collection, id, data, created, updated, until FROM versions""",
            "versions that were there at the same time",
        ),
        ("UPDATE documents SET updated = updated - 1", "documents that were there before their last version was over"),
    ],
)
def test_damage_is_found(store: Store, damage: str, found: str) -> None:
    store.connection.execute(damage)
    assert [text for text in faults(store) if found in text]

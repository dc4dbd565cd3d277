"""Every statement that reads rows walks an index in order: nothing is sorted, and no table read from end to end."""

import pytest

from firewarden.store import Store, snapshots

VALUES = {"collection": 1, "low": b"", "high": b"", "limit": 1, "at": 1, "index": 1}
STATEMENTS = {
    f"{name} past={past} reverse={reverse}": sql
    for name, statements in (("documents", snapshots._DOCUMENTS), ("entries", snapshots._ENTRIES))
    for (past, reverse), sql in statements.items()
}


@pytest.mark.parametrize("sql", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_rows_come_in_order_from_an_index(sql: str) -> None:
    steps = plan(sql)
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step], steps


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        (snapshots._COUNT_DOCUMENTS, "SEARCH documents USING COVERING INDEX"),
        (snapshots._COUNT_ENTRIES, "SEARCH entries USING PRIMARY KEY"),
    ],
)
def test_counting_reads_no_document(sql: str, reads: str) -> None:
    steps = [step for step in plan(sql) if step.startswith("SEARCH")]
    assert len(steps) == 1
    assert steps[0].startswith(reads)


def test_a_sort_would_be_seen() -> None:
    steps = plan("SELECT * FROM documents WHERE collection = :collection ORDER BY updated")
    assert any("TEMP B-TREE" in step for step in steps)


def plan(sql: str) -> list[str]:
    with Store() as store:
        return [step for *_, step in store.connection.execute(f"EXPLAIN QUERY PLAN {sql}", VALUES)]

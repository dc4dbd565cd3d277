"""Every function that queries is in indexes/queries.yaml, found by reading the source, not by running it."""

from pathlib import Path

import pytest

from firewarden.indexes import read_catalog
from tests.indexes.query_entries import functions_that_query

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "functions"

QUERIES = [
    "client.collection('a').order_by('b')",
    "client.collection('a').where(filter=f)",
    "client.collection('a').select(['b'])",
    "client.collection('a').limit(3)",
    "client.collection('a').recursive()",
    "client.collection('a').stream()",
    "client.collection('a').get()",
    "client.collection('a').count()",
    "client.collection('a').on_snapshot(f)",
    "client.collection('a').document('b').collection('c').get()",
    "client.collection_group('a')",
    "query.start_after({'b': 1})",
    "query.stream()",
    "[x for x in query.limit_to_last(2).get()]",
    "transaction.get(client.collection('a'))",
    "read_query(transaction, client.collection('a'))",
    "read_query(transaction, query=client.collection('a'))",
    "(a := client.collection('a')).get()",
]
OTHERS = [
    "client.collection('a')",
    "client.collection('a').document('b').get()",
    "client.collection('a').add({})",
    "client.document('a/b').get(['c'])",
    "reference.get()",
    "transaction.get(reference)",
    "{}.get('order_by')",
    "[].count(1)",
    "event.start_at",
    "read_query(transaction, waitlist(client))",
]


def test_every_function_that_queries_is_in_the_catalog() -> None:
    catalog = read_catalog(_ROOT / "indexes" / "queries.yaml")
    listed = {user for query in catalog.queries if query.run_by == "function" for user in query.used_by}
    files = [*_SOURCE.glob("*.py"), *_SOURCE.glob("gather/**/*.py")]
    assert {name for file in files for name in functions_that_query(file, _SOURCE)} == listed


@pytest.mark.parametrize("expression", QUERIES)
def test_a_query_is_seen(expression: str, tmp_path: Path) -> None:
    assert _found(f"def ask(client, transaction, query):\n    return {expression}\n", tmp_path) == {"store:ask"}


@pytest.mark.parametrize("expression", OTHERS)
def test_what_reads_documents_by_name_is_no_query(expression: str, tmp_path: Path) -> None:
    assert _found(f"def ask(client, transaction, reference, event):\n    return {expression}\n", tmp_path) == set()


def test_a_collection_is_known_by_its_name_afterwards(tmp_path: Path) -> None:
    """A name that was given to a collection, or that runs through collections, stands for one in its function."""
    source = (
        "def assigned(client):\n"
        "    rsvps = client.collection('a')\n"
        "    return rsvps.get()\n"
        "def typed(client):\n"
        "    rsvps: Any = client.collection('a')\n"
        "    return rsvps.count()\n"
        "def looped(event_ref):\n"
        "    for below in event_ref.collections():\n"
        "        yield from below.get()\n"
        "def comprehended(event_ref):\n"
        "    return [below.get() for below in event_ref.collections()]\n"
        "def annotated(rsvps: CollectionReference):\n"
        "    return rsvps.get()\n"
        "def elsewhere(rsvps):\n"
        "    return rsvps.get()\n"
    )
    expected = {f"store:{name}" for name in ("assigned", "typed", "looped", "comprehended", "annotated")}
    assert _found(source, tmp_path) == expected


def test_a_query_belongs_to_what_it_is_written_in(tmp_path: Path) -> None:
    """Methods, functions inside functions, and what stands outside of any function; words in a text are none."""
    source = (
        "TOP = client.collection_group('a')\n"
        "class Store:\n"
        "    every = client.collection_group('a')\n"
        "    def line(self, client):\n"
        "        return client.collection('a').order_by('b')\n"
        "async def late(client):\n"
        "    def inner():\n"
        "        return client.collection_group('a')\n"
        "    return inner\n"
        "def talk():\n"
        "    return 'order_by'\n"
    )
    expected = {"store:<module>", "store:Store.<body>", "store:Store.line", "store:late"}
    assert _found(source, tmp_path) == expected


def _found(source: str, folder: Path) -> set[str]:
    file = folder / "store.py"
    file.write_text(source)
    return set(functions_that_query(file, folder))

"""Catalogs of queries: what they become, and their faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from firewarden.errors import QueryFileError
from firewarden.indexes import read_catalog

SAMPLE = Path(__file__).with_name("sample.queries.yaml")


def query(*, run_by: str = "client", **more: str) -> str:
    """A query with what it must have but for `list`, and the keys given."""
    keys = {"name": "n", "run_by": run_by, "used_by": "web", "why": "w", **more}
    return f"{{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}"


def test_a_file_becomes_values() -> None:
    catalog = read_catalog(SAMPLE)
    queries = {each.name: each for each in catalog.queries}

    assert catalog.describe == "Queries of every kind"
    assert catalog.actors == {"ana": {"role": "staff"}}
    assert queries["equalities merge"].used_by == ("web", "app")
    assert queries["mine everywhere"].roles == {"ana": "allow", "guest": "deny"}
    assert queries["sorted"].query.collection == "events/e1/seats"
    assert queries["sorted"].run_by == "function"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "[]",
            [
                "1: the file must be a mapping, not []",
            ],
        ),
        ("queries: []", ["1: queries must be a list with at least one entry"]),
        (f"queries: [{query()}]", ["1: a query lacks list:"]),
        (f"queries: [{query(list='{collection: a/b}')}]", ["1: 'a/b' is not a collection path such as"]),
        (f"queries: [{query(list='{collection: a}', who='me')}]", ["1: unknown key 'who' in a query"]),
        (
            f"queries:\n- {query(list='{collection: a}', roles='{eve: allow, guest: perhaps}')}",
            ["2: unknown actor 'eve'; there are guest, owner", "2: guest is one of allow, deny, not 'perhaps'"],
        ),
        (
            f"queries:\n- {query(list='{collection: a}')}\n- {query(list='{collection: b}')}",
            ["3: a query named 'n' is there already, at line 2"],
        ),
        (f"queries: [{query(list='{collection: a}', run_by='cron')}]", ["1: run_by is one of client, function"]),
    ],
)
def test_faults_are_named_with_their_line(text: str, faults: list[str], tmp_path: Path) -> None:
    path = tmp_path / "queries.yaml"
    path.write_text(text)
    with pytest.raises(QueryFileError) as failure:
        read_catalog(path)
    found = [str(each).removeprefix(f"{path}:") for each in failure.value.faults]
    assert all(any(each.startswith(fault) for each in found) for fault in faults), found

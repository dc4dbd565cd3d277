"""The emulator as judge of index definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from firewarden.indexes import QueryNeeds, judge, planned, query_needs, read_catalog, read_definitions
from firewarden.indexes.notation import Query
from firewarden.testing import Database, EmulatorControl, assert_case, build_query, catalog_cases, run_case
from firewarden.testing.session import Server

pytestmark = pytest.mark.emulator

CATALOG = read_catalog(Path(__file__).with_name("sample.queries.yaml"))
RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents/{path=**}/notes/{note} {
  allow read: if resource.data.owner == request.auth.uid;
} }"""


def composite(collection: str, *fields: str, scope: str = "COLLECTION") -> dict[str, Any]:
    """``field``, ``-field`` (descending) or ``@field`` (array-contains)."""
    written = [
        {"fieldPath": field[1:], "arrayConfig": "CONTAINS"}
        if field[0] == "@"
        else {"fieldPath": field.lstrip("-"), "order": "DESCENDING" if field[0] == "-" else "ASCENDING"}
        for field in fields
    ]
    return {"collectionGroup": collection, "queryScope": scope, "fields": written}


NEEDED = [
    composite("seats", "state", "since"),
    composite("events", "a", "price"),
    composite("events", "a", "-at"),
    composite("events", "@tags", "-at"),
]
OWNERS = {
    "collectionGroup": "notes",
    "fieldPath": "owner",
    "indexes": [{"order": "ASCENDING", "queryScope": scope} for scope in ("COLLECTION", "COLLECTION_GROUP")],
}


@pytest.fixture(params=["unindexed_server", "official_firestore_server"])
def control(request: pytest.FixtureRequest) -> Iterator[EmulatorControl]:
    """Our own server, and Google's emulator where it is installed: both report what queries need."""
    server: Server = request.getfixturevalue(request.param)
    with EmulatorControl(server.host) as control:
        yield control


@pytest.fixture
def needs(control: EmulatorControl) -> tuple[QueryNeeds, ...]:
    def run(project: str, query: Query) -> None:
        with Database(host=control.host, project=project, control=control) as database:
            build_query(database.as_owner(), query).get()

    return query_needs(CATALOG.queries, project=f"demo-usage-{uuid4().hex[:8]}", control=control, run=run)


def judged(folder: Path, needs: tuple[QueryNeeds, ...], content: dict[str, Any]) -> list[str]:
    (folder / "indexes.json").write_text(json.dumps(content))
    return str(judge(needs, read_definitions(folder / "indexes.json"))).splitlines()


def test_definitions_are_held_against_what_queries_need(needs: tuple[QueryNeeds, ...], tmp_path: Path) -> None:
    assert judged(tmp_path, needs, {"indexes": NEEDED, "fieldOverrides": [OWNERS]}) == []
    assert sorted(judged(tmp_path, needs, {})) == [
        "missing for 'either': events (COLLECTION): a ASCENDING, at DESCENDING, __name__ DESCENDING",
        "missing for 'either': events (COLLECTION): tags CONTAINS, at DESCENDING, __name__ DESCENDING",
        "missing for 'how much': events (COLLECTION): a ASCENDING, price ASCENDING, __name__ ASCENDING",
        "missing for 'mine everywhere': notes (COLLECTION_GROUP): owner ASCENDING, __name__ ASCENDING",
        "missing for 'sorted': seats (COLLECTION): state ASCENDING, since ASCENDING, __name__ ASCENDING",
    ]


def test_planning_says_what_the_emulator_says(needs: tuple[QueryNeeds, ...]) -> None:
    """Up to needs of single fields, which are only planned where nothing else is needed."""
    reported = {(each.name, need) for each in needs for need in each.needs if need.is_composite}
    assert {
        (each.name, need) for each in planned(CATALOG.queries) for need in each.needs if need.is_composite
    } == reported


def test_what_no_query_needs_is_named(needs: tuple[QueryNeeds, ...], tmp_path: Path) -> None:
    unneeded = {
        "collectionGroup": "notes",
        "fieldPath": "color",
        "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION_GROUP"}],
    }
    exemption = {"collectionGroup": "notes", "fieldPath": "text", "indexes": []}
    content = {
        "indexes": [*NEEDED, composite("events", "a", "b")],
        "fieldOverrides": [OWNERS, unneeded, exemption],
    }
    assert judged(tmp_path, needs, content) == [
        "used by no query: events (COLLECTION): a ASCENDING, b ASCENDING, __name__ ASCENDING",
        "used by no query: notes.color (override)",
    ]


def test_an_exemption_of_a_field_that_is_queried_is_found(needs: tuple[QueryNeeds, ...], tmp_path: Path) -> None:
    exemption = {"collectionGroup": "events", "fieldPath": "a", "indexes": []}
    found = judged(tmp_path, needs, {"indexes": NEEDED, "fieldOverrides": [OWNERS, exemption]})
    assert [line.partition(":")[0] for line in found] == ["missing for 'one field'", "missing for 'equalities merge'"]


def test_a_catalog_says_who_may_run_what(control: EmulatorControl, firestore_project: str) -> None:
    project = f"{firestore_project}-catalog"
    control.put_rules(project, RULES)
    cases = catalog_cases(CATALOG)
    assert [case.name for case in cases] == ["mine everywhere as ana", "mine everywhere as guest"]
    with Database(host=control.host, project=project, control=control) as database:
        for case in cases:
            assert_case(run_case(case, database))

"""`firewarden indexes check | derive | unused` in a folder as one has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from toolkit.tests.cli.conftest import Run

QUERIES = """\
queries:
  - {name: open first, run_by: client, used_by: web, why: a list,
     list: {collection: notes, where: [[open, ==, true]], order_by: [[at, asc]]}}
  - {name: mine, run_by: client, used_by: web, why: everywhere, list: {group: notes, where: [[owner, ==, ana]]}}
"""
OPEN = {
    "collectionGroup": "notes",
    "queryScope": "COLLECTION",
    "fields": [{"fieldPath": "open", "order": "ASCENDING"}, {"fieldPath": "at", "order": "ASCENDING"}],
}
IDLE = {**OPEN, "fields": [{"fieldPath": "color", "order": "ASCENDING"}, {"fieldPath": "at", "order": "DESCENDING"}]}
EXEMPT = {"collectionGroup": "notes", "fieldPath": "text", "indexes": []}
NAME = {"fieldPath": "__name__", "order": "ASCENDING"}


@pytest.fixture(autouse=True)
def catalog(tmp_path: Path) -> None:
    (tmp_path / "queries.yaml").write_text(QUERIES)


def define(folder: Path, *indexes: dict[str, Any], overrides: tuple[dict[str, Any], ...] = ()) -> Path:
    path = folder / "firestore.indexes.json"
    path.write_text(json.dumps({"indexes": list(indexes), "fieldOverrides": list(overrides)}))
    return path


def test_check_names_what_is_missing_and_what_to_add(firewarden: Run) -> None:
    result = firewarden("indexes", "check")
    lines = result.stdout.splitlines()
    assert result.returncode == 1
    assert lines[0] == "missing for 'open first': notes (COLLECTION): open ASCENDING, at ASCENDING, __name__ ASCENDING"
    assert json.loads(lines[1].removeprefix("  indexes: ")) == OPEN
    assert lines[2] == "missing for 'mine': notes (COLLECTION_GROUP): owner ASCENDING, __name__ ASCENDING"
    assert json.loads(lines[3].removeprefix("  fieldOverrides: "))["fieldPath"] == "owner"


def test_derive_writes_what_check_accepts(firewarden: Run, tmp_path: Path) -> None:
    path = define(tmp_path, IDLE, overrides=(EXEMPT,))
    result = firewarden("indexes", "derive", "--write", "--prune")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == f"{path}: 2 added, 1 removed\n"
    content = json.loads(path.read_text())
    assert content["indexes"] == [OPEN]
    assert content["fieldOverrides"][0] == EXEMPT
    assert firewarden("indexes", "check").returncode == 0
    assert firewarden("indexes", "unused").returncode == 0


def test_derive_prints_the_file_and_leaves_it(firewarden: Run, tmp_path: Path) -> None:
    before = define(tmp_path, IDLE).read_bytes()
    result = firewarden("indexes", "derive")
    assert [*json.loads(result.stdout)["indexes"]] == [IDLE, OPEN]
    assert (tmp_path / "firestore.indexes.json").read_bytes() == before


def test_unused_names_what_no_query_needs(firewarden: Run, tmp_path: Path) -> None:
    define(tmp_path, OPEN, IDLE, overrides=(EXEMPT,))
    result = firewarden("indexes", "unused")
    unused = "notes (COLLECTION): color ASCENDING, at DESCENDING, __name__ DESCENDING"
    assert (result.returncode, result.stdout) == (1, f"used by no query: {unused}\n")
    assert json.loads(firewarden("indexes", "unused", "--json").stdout) == {"queries": 2, "unused": [unused]}


def test_recorded_usage_stands_for_a_catalog(firewarden: Run, tmp_path: Path) -> None:
    define(tmp_path, OPEN)
    index = {"name": "projects/p/databases/(default)/collectionGroups/notes/indexes/_", "queryScope": "COLLECTION"}
    served = {"index": {**index, "fields": [*OPEN["fields"], NAME]}, "numQueries": "3"}
    other = {"index": {**index, "fields": [*reversed(OPEN["fields"]), NAME]}, "numQueries": "1"}
    (tmp_path / "usage.json").write_text(json.dumps({"reports": [served, other]}))
    result = firewarden("indexes", "check", "--usage", "usage.json", "--json")
    assert result.returncode == 1
    assert [each["add"]["fields"] for each in json.loads(result.stdout)["missing"]] == [[*reversed(OPEN["fields"])]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--queries", "none.yaml"], "There is no catalog of queries none.yaml."),
        (["--index-file", "none.json"], "There is no file none.json."),
        (["--usage", "queries.yaml"], "queries.yaml is no answer of :indexUsage"),
    ],
)
def test_what_cannot_be_read_is_named(firewarden: Run, arguments: list[str], message: str) -> None:
    result = firewarden("indexes", "check", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr


def test_the_definitions_of_firebase_json_are_found_from_below(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "firebase.json").write_text('{"firestore": {"indexes": "deployed/indexes.json"}}')
    (tmp_path / "deployed").mkdir()
    define(tmp_path / "deployed", OPEN).rename(tmp_path / "deployed/indexes.json")
    (tmp_path / "queries.yaml").rename(tmp_path / "deployed/queries.yaml")
    (tmp_path / "web").mkdir()
    result = firewarden("indexes", "check", cwd=tmp_path / "web")
    assert "open first" not in result.stdout
    assert "mine" in result.stdout

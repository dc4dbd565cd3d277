"""For which databases the rules of a project hold: ours, and as Google's emulator was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from firewarden.server.serving import Server
from firewarden.testing import Engine, start_firestore
from firewarden.testing.session import Server as Found
from toolkit.tests.server.rulesets import allowing, put, readable

ALL = ["a", "b", "c"]
official = pytest.mark.official_firestore(reason="is asked for which databases rules hold")


@contextmanager
def client(host: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{host}", trust_env=False, timeout=30) as http:
        yield http


def allowed(http: httpx.Client, project: str) -> dict[str, list[str]]:
    return {database: readable(http, database, project) for database in ("(default)", "second", "third")}


def put_for_project_and_for_one(http: httpx.Client, project: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What guests may read when the project has rules, and when one of its databases has other ones."""
    assert put(http, project, allowing("b")).status_code == 200
    of_project = allowed(http, project)
    assert put(http, f"{project}/databases/second", allowing("c")).status_code == 200
    return of_project, allowed(http, project)


def test_rules_of_a_project_hold_for_every_database_without_its_own(server: Server) -> None:
    with client(server.address) as http:
        of_project, of_one = put_for_project_and_for_one(http, "demo-every")
    assert of_project == {"(default)": ["b"], "second": ["b"], "third": ["b"]}
    assert of_one == {"(default)": ["b"], "second": ["c"], "third": ["b"]}


@pytest.mark.emulator
@official
def test_the_emulator_started_with_rules_keeps_to_them_in_other_databases(tmp_path: Path) -> None:
    rules = tmp_path / "firestore.rules"
    rules.write_text(allowing("a"), encoding="utf-8")
    with start_firestore(engine=Engine.OFFICIAL, rules=rules) as running, client(running.host) as http:
        of_project, of_one = put_for_project_and_for_one(http, "demo-every")
    assert of_project == {"(default)": ["b"], "second": ["a"], "third": ["a"]}
    assert of_one == {"(default)": ["b"], "second": ["c"], "third": ["a"]}


@pytest.mark.emulator
@official
def test_the_emulator_started_without_rules_leaves_other_databases_open(
    official_firestore_server: Found, firestore_project: str
) -> None:
    """In `docs/differences.md`: a test that forgets them would pass there, whatever its rules say."""
    with client(official_firestore_server.host) as http:
        of_project, of_one = put_for_project_and_for_one(http, firestore_project)
    assert of_project == {"(default)": ["b"], "second": ALL, "third": ALL}
    assert of_one == {"(default)": ["b"], "second": ["c"], "third": ALL}

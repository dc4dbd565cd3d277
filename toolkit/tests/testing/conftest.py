"""A database with rules of this folder's own: the root's rules are another product's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from firewarden.testing import Database, EmulatorControl
from firewarden.testing.session import Server

RULES = Path(__file__).with_name("acting.rules")
# These cases are of other rules than the project's, under which they would be collected; tests here run them.
collect_ignore_glob = ["*.cases.yaml"]


@pytest.fixture
def database(request: pytest.FixtureRequest, firestore_project: str) -> Iterator[Database]:
    """A cleared database whose rules compare who acts with what they touch."""
    is_official = request.node.get_closest_marker("official_firestore") is not None
    server = request.getfixturevalue("official_firestore_server" if is_official else "unindexed_server")
    yield from opened(server, f"{firestore_project}-acting")


@pytest.fixture
def functions_database(firestore_functions_server: Server, firestore_project: str) -> Iterator[Database]:
    """The same on the server that delivers triggers."""
    yield from opened(firestore_functions_server, f"{firestore_project}-acting")


def opened(server: Server, project: str) -> Iterator[Database]:
    with EmulatorControl(server.host) as control:
        control.put_rules(project, RULES.read_text())
        with Database(host=control.host, project=project, control=control) as database:
            database.clear()
            yield database

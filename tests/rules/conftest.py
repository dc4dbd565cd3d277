"""A database that many decision cases share, so that clients are opened once for all of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firewarden.testing import Database, EmulatorControl


@pytest.fixture(scope="module")
def case_database(firestore_server: Any, firestore_project: str, firestore_rules: Path) -> Iterator[Database]:
    """Under firestore.rules; `run_case` clears it before each case."""
    project = f"{firestore_project}-cases"
    with EmulatorControl(firestore_server.host) as control:
        control.put_rules(project, firestore_rules.read_text(encoding="utf-8"))
        with Database(host=firestore_server.host, project=project, control=control) as database:
            yield database
            database.clear()

"""`firewarden bill` and `firewarden exec --bill`: what a command's requests would have cost."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import firestore_as_owner
from toolkit.tests.cli.conftest import Run

PROJECT = "demo-bill"
PROGRAM = """
import os
from firewarden.testing import firestore_as_owner
with firestore_as_owner(project=os.environ["GCLOUD_PROJECT"], host=os.environ["FIRESTORE_EMULATOR_HOST"]) as client:
    client.document("notes/1").set({"n": 1})
    client.document("notes/1").get()
"""


@pytest.fixture
def server() -> Iterator[Server]:
    engine = Engine(Store())
    with Server(engine) as server:
        with firestore_as_owner(project=PROJECT, host=server.address) as client:
            client.document("notes/1").set({"n": 1})
            list(client.collection("notes").limit(2).stream())
        yield server
    engine.close()


def test_a_command_and_its_bill(firewarden: Run, tmp_path: Path) -> None:
    """The table on stderr, where it is in nobody's way."""
    file = tmp_path / "bill.json"
    result = firewarden("exec", "--bill", "--bill-json", str(file), "--", sys.executable, "-c", PROGRAM)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    lines = result.stderr.splitlines()
    assert lines[0].split() == ["reads", "writes", "bytes", "out", "USD"]
    assert lines[1].startswith("1 Commit by admin")
    assert lines[2].startswith("1 BatchGetDocuments by admin")
    assert lines[3].split()[:3] == ["total", "1", "1"]
    bill = json.loads(file.read_text())
    assert (bill["total"]["reads"], bill["total"]["writes"], bill["location"]) == (1, 1, "us-central1")


def test_nothing_is_said_that_nobody_asked_for(firewarden: Run) -> None:
    result = firewarden("exec", "--", sys.executable, "-c", PROGRAM)
    assert (result.stdout, result.stderr) == ("", "")


def test_a_command_that_costs_nothing(firewarden: Run) -> None:
    assert firewarden("exec", "--bill", "--", sys.executable, "-c", "").stderr == "No request has cost anything.\n"


def test_the_bill_of_a_running_server(firewarden: Run, server: Server) -> None:
    arguments = ("bill", "--firestore", server.address, "--project", PROJECT)
    result = firewarden(*arguments)
    assert "1 RunQuery by admin" in result.stdout
    assert "List prices of us-central1" in result.stdout
    assert result.stderr == ""
    bill = json.loads(firewarden(*arguments, "--json", "--location", "nam5").stdout)
    assert (bill["location"], bill["total"]["reads"], bill["total"]["writes"]) == ("nam5", 1, 1)
    assert bill["total"]["cost"].startswith("0.00000")
    assert {each["method"] for each in bill["entries"]} == {"Commit", "RunQuery"}


def test_prices_that_cannot_be_read_are_said_before_anything_starts(firewarden: Run, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    result = firewarden("exec", "--bill", "--prices", "none.json", "--", "touch", str(touched))
    assert result.returncode == 2
    assert "none.json cannot be read" in result.stderr
    assert not touched.exists()


def test_a_server_that_is_not_there(firewarden: Run) -> None:
    result = firewarden("bill", "--firestore", "127.0.0.1:1")
    assert result.returncode == 2
    assert "does not answer GET" in result.stderr

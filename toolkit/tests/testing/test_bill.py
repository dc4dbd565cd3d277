"""`pytest --firestore-bill` as a stranger meets it: whole pytest runs in processes of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from firewarden.testing.session import Server
from toolkit.tests.testing.pytest_runs import environment, project, run_pytest

pytestmark = pytest.mark.emulator

CHEAP = """
def test_reads(firestore):
    firestore.as_owner().document("notes/1").get()

def test_nothing():
    pass
"""
DEAR = """
import pytest
from firewarden.testing import firestore_as_owner

@pytest.mark.parametrize("n", [1, 2])
def test_writes(firestore, n):
    for each in range(n):
        firestore.as_owner().document(f"notes/{each}").set({"n": each})

@pytest.fixture
def late(firestore):
    yield
    firestore.as_owner().document("notes/late").delete()

def test_tear_down_counts(late):
    pass
"""
OWN = environment(FIREWARDEN_ENGINE="firewarden")


def test_files_and_tests_are_billed_also_by_workers(tmp_path: Path) -> None:
    folder = project(tmp_path, test_cheap=CHEAP, test_dear=DEAR)
    result = run_pytest(folder, "-n", "2", "--firestore-bill", "--firestore-bill-json=bill.json", environ=OWN)
    assert result.returncode == 0, result.stdout + result.stderr
    text = result.stdout.partition("Firestore bill")[2]
    assert re.search(r"^ +reads +writes +deletes +bytes out +USD$", text, re.MULTILINE), text
    assert re.search(r"^test_dear\.py +3 +1 +\d+ B +0\.0000028$", text, re.MULTILINE), text
    assert re.search(r"^test_cheap\.py +1 +\d+ B ", text, re.MULTILINE), text
    assert re.search(r"^total +1 +3 +1 +", text, re.MULTILINE), text
    assert text.index("test_dear.py::test_writes[2]") < text.index("test_dear.py::test_writes[1]")
    assert "List prices of us-central1" in text
    assert "\x1b" not in text

    bill = json.loads((folder / "bill.json").read_text())
    assert (bill["total"]["reads"], bill["total"]["writes"], bill["total"]["deletes"]) == (1, 3, 1)
    assert bill["tests"]["test_dear.py::test_writes[2]"]["writes"] == 2
    assert bill["tests"]["test_dear.py::test_tear_down_counts"]["deletes"] == 1
    assert "test_cheap.py::test_nothing" not in bill["tests"]
    assert list(bill["files"]) == ["test_dear.py", "test_cheap.py"]
    assert bill["total"]["cost"].startswith("0.0000031")


def test_prices_of_ones_own(tmp_path: Path) -> None:
    folder = project(tmp_path, test_cheap=CHEAP)
    with (folder / "pytest.ini").open("a") as ini:
        ini.write("firewarden_location = nam5\n")
    result = run_pytest(folder, "--firestore-bill", "--color=yes", environ=OWN)
    assert "List prices of nam5" in result.stdout, result.stdout + result.stderr
    assert "\x1b[1mtotal" in result.stdout

    with (folder / "pytest.ini").open("a") as ini:
        ini.write("firewarden_prices = nowhere.json\n")
    result = run_pytest(folder, "--firestore-bill", environ=OWN)
    assert result.returncode == 4
    assert "nowhere.json cannot be read" in result.stderr


def test_googles_emulator_is_not_metered(tmp_path: Path, official_firestore_server: Server) -> None:
    text = "def test_skipped(meter):\n    pass\n"
    folder = project(tmp_path, test_cheap=CHEAP, test_meter=text)
    result = run_pytest(
        folder, "--firestore-bill", "-rs", environ=environment(FIRESTORE_EMULATOR_HOST=official_firestore_server.host)
    )
    assert "2 passed, 1 skipped" in result.stdout, result.stdout + result.stderr
    assert "is not metered" in result.stdout
    assert "Google's emulator counts no costs." in result.stdout


def test_a_run_without_requests_says_so(tmp_path: Path) -> None:
    text = "def test_nothing():\n    pass\n"
    result = run_pytest(project(tmp_path, test_it=text), "--firestore-bill", environ=OWN)
    assert "No test has asked a metered Firestore for anything." in result.stdout

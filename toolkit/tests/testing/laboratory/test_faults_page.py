"""The guide to faults: its functions, tests and tables are as the page says."""

import inspect
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from firewarden.testing import Laboratory
from firewarden.triggers import FaultPlan

PAGE = (Path(__file__).parents[3] / "docs/faults.md").read_text()


def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    functions, tests = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/main.py").write_text(functions)
    (tmp_path / "test_likes.py").write_text(tests)
    foreign = ("FIRE", "GCLOUD_PROJECT", "GOOGLE_", "PYTEST", "COV")
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith(foreign)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "2 passed" in result.stdout, result.stdout + result.stderr


def test_every_fault_is_in_the_table() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)
    assert documented == [each.name for each in fields(FaultPlan) if each.name != "delay_s_max"]


def test_what_a_scenario_can_do_is_all_there() -> None:
    named = set(re.findall(r"`lab\.(\w+)", PAGE))
    assert named - {"clock", "firestore"} <= {name for name, _ in inspect.getmembers(Laboratory)}
    assert {"start", "settle", "always", "stored", "stored_in", "log", "run", "sleep"} <= named

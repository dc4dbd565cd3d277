"""The cost guide's examples run as they are printed, and what it says of the code is so."""

from __future__ import annotations

import json
import re
from inspect import signature
from pathlib import Path

import pytest

from firewarden.firestore.billing.usage import Usage
from firewarden.testing import Meter
from toolkit.tests.testing.pytest_runs import environment, run_pytest

PAGE = (Path(__file__).parents[2] / "docs/cost.md").read_text()
RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  match /notes/{n} { allow read, write: if request.auth.uid == "ana"; }
} }"""


@pytest.mark.emulator
def test_the_examples_run(tmp_path: Path) -> None:
    (tmp_path / "firebase.json").write_text(json.dumps({"firestore": {"rules": "firestore.rules"}}))
    (tmp_path / "firestore.rules").write_text(RULES)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    for number, example in enumerate(examples):
        (tmp_path / f"test_{number}.py").write_text(example)
    result = run_pytest(tmp_path, "--firestore-bill", environ=environment(FIREWARDEN_ENGINE="firewarden"))
    assert "2 passed" in result.stdout, result.stdout + result.stderr
    assert re.search(r"^total +1 +2 ", result.stdout, re.MULTILINE)


def test_everything_public_of_the_meter_is_in_its_table() -> None:
    table = PAGE.partition("| `meter.`")[2].partition("\n\n")[0]
    documented = set(re.findall(r"^\| `(\w+)", table, re.MULTILINE))
    assert documented == {name for name in vars(Meter) if not name.startswith("_")}


def test_what_can_be_expected_is_named() -> None:
    named = PAGE.partition("`expect` takes")[2].partition(", each")[0]
    expected = set(re.findall(r"`(\w+)`", named.partition("each a number")[0]))
    assert expected == set(signature(Meter.expect).parameters) - {"self"}
    assert expected <= set(Usage._fields)

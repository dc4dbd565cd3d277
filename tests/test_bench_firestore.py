"""The benchmark of the local Firestore runs and tells what it found. No figure is judged here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firewarden.errors import EmulatorNotFound
from firewarden.testing import locate_emulator

ROOT = Path(__file__).parents[1]
TITLES = {
    "start": "Start to first answer",
    "memory": "Resident memory (MiB)",
    "cpu": "Server CPU per operation",
    "raw": "Raw load (per second)",
    "stock": "google-cloud-firestore, per operation",
    "loading": "Loading, batches of 500",
}


def test_a_quick_run_measures_both_and_prints_one_table(tmp_path: Path) -> None:
    try:
        locate_emulator({name: value for name, value in os.environ.items() if name != "FIRESTORE_EMULATOR_HOST"})
    except EmulatorNotFound as missing:
        pytest.skip(f"no emulator of Google's to ask: {missing.message}")
    file = tmp_path / "figures.json"
    command = [sys.executable, "bench/firestore.py", "--quick", "--json", str(file)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    assert (run.returncode, run.stderr) == (0, "")

    found = json.loads(file.read_text())
    assert found["refused"] == []
    assert {row["measure"] for row in found["rows"]} == TITLES.keys()
    for row in found["rows"]:
        ours, official = row["medians"]["firewarden"], row["medians"]["official"]
        assert ours > 0 or row["measure"] == "cpu"  # which is counted in hundredths of a second
        better = ours / official if row["measure"] == "raw" else official / ours if ours else None
        assert row["ratio"] == (pytest.approx(better) if ours and official else None)

    lines = run.stdout.splitlines()
    assert lines[0].split() == ["medians", "firewarden", "official", "ratio", "target"]
    assert set(TITLES.values()) <= {line.strip() for line in lines}
    assert len({len(line) for line in lines[: lines.index("")]}) == 1

"""The table and the exit code tell what happened; pytest's own reports are read."""

import subprocess
import sys
from pathlib import Path

import pytest

from firewarden.testing import Engine
from tests.conformance import command
from tests.conformance.suites import Outcome, Run, outcome
from tests.conformance.table import table

TESTS = """
import pytest
def test_passes(): pass
def test_fails(): assert 0
@pytest.fixture
def broken(): raise ValueError
def test_errs(broken): pass
@pytest.mark.skip(reason="no")
def test_skipped(): pass
"""


def test_a_line_for_each_suite_and_engine() -> None:
    runs = [
        Run("gather", Engine.FIREWARDEN, Outcome(500, 0, 2, 61.4, 0)),
        Run("gather", Engine.OFFICIAL, Outcome(499, 1, 2, 1200.0, 1)),
        Run("toolkit", Engine.OFFICIAL, None),
    ]
    assert list(table(runs)) == [
        "suite    engine      passed  failed  skipped  seconds",
        "gather   firewarden     500       0        2       61",
        "gather   official       499       1        2     1200  FAILED (pytest ended with 1)",
        "toolkit  official         -       -        -        -  not run: not found",
    ]


def test_pytests_report_is_read(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    arguments = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "--junitxml=it.xml", "test_it.py"]
    done = subprocess.run(  # noqa: S603 - our own pytest
        [sys.executable, "-m", "pytest", *arguments], cwd=tmp_path, capture_output=True, check=False
    )
    found = outcome(tmp_path / "it.xml", seconds=1.0, code=done.returncode)
    assert found == Outcome(passed=1, failed=2, skipped=1, seconds=1.0, code=1)
    assert not found.is_good


def test_a_run_without_a_report_has_failed(tmp_path: Path) -> None:
    assert not outcome(tmp_path / "none.xml", seconds=1.0, code=0).is_good


@pytest.mark.parametrize(("required", "code"), [("1", command.COULD_NOT_RUN), ("", command.OK)])
def test_without_the_official_emulator(
    required: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It is said, and is a failure only where it is required."""
    for name in ("PATH", "JAVA_HOME", "CLOUDSDK_ROOT_DIR"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("REQUIRE_OFFICIAL", required)
    assert command.main(["--engine", "official", "--suite", "gather"]) == code
    said = capsys.readouterr()
    assert "No Firestore emulator found" in said.err or "needs Java" in said.err
    assert ("not run: not found" in said.out) == (not required)

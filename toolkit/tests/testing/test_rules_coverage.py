"""`pytest --rules-coverage` as a stranger meets it: whole runs, with and without workers, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firewarden.coverage import Report, read_report
from firewarden.testing._rules_coverage import RulesCoverage

RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  match /own/{uid} {
    allow read: if request.auth.uid == uid;
    allow write: if request.auth.uid == uid && request.auth.token.role == 'writer';
  }
} }"""
CASES = "describe: Own\ncases:\n  - {name: a guest reads nothing, as: guest, get: own/ana, expect: deny}\n"
TESTS = """
def test_in_process(rules):
    rules.as_user("bob").get("own/ana").assert_denied()
    rules.as_owner().get("own/ana").assert_allowed()
"""
SERVED = """
import pytest

@pytest.mark.parametrize("n", range(2))
def test_on_a_server(firestore, n):
    firestore.as_user("ana", role="writer").document("own/ana").create({"n": n})
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A stranger's project, where every warning is an error."""
    (tmp_path / "firebase.json").write_text(json.dumps({"firestore": {"rules": "firestore.rules"}}))
    (tmp_path / "firestore.rules").write_text(RULES)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (tmp_path / "own.cases.yaml").write_text(CASES)
    (tmp_path / "test_own.py").write_text(TESTS)
    return tmp_path


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "FIRESTORE", "COV"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(  # noqa: S603 - our own command line
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=240, check=False
    )


def counts(report: Report) -> list[tuple[int, int, int]]:
    return [(each.true, each.false, each.errors) for each in report.expressions]


def test_what_is_decided_in_process_is_counted(project: Path) -> None:
    ran = run_pytest(project, "--rules-coverage", "--rules-coverage=json:run.json", "--rules-coverage=html:run.html")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "firestore.rules: 12.5 % of outcomes (1 of 8), 5 of 16 expressions evaluated" in ran.stdout
    assert "json in run.json" in ran.stdout
    assert counts(read_report((project / "run.json").read_text())) == [(0, 1, 1), (0, 0, 0)]
    assert (project / "run.html").read_text().startswith("<!doctype html>")


@pytest.mark.emulator
def test_what_servers_decide_for_workers_is_counted_too(project: Path) -> None:
    (project / "test_served.py").write_text(SERVED)
    ran = run_pytest(project, "--rules-coverage=json:run.json", "-n", "2")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert counts(read_report((project / "run.json").read_text())) == [(0, 1, 1), (2, 0, 0)]


def test_a_run_that_asks_nothing_says_so(project: Path) -> None:
    (project / "test_own.py").write_text("def test_nothing(): pass\n")
    ran = run_pytest(project, "--rules-coverage=text", "test_own.py")
    assert ran.returncode == 0
    assert "Nothing was asked of the project's rules." in ran.stdout


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(pytest.UsageError, match="'xml' is none of text, html, json, lcov"):
        RulesCoverage(["text", "xml:run.xml"], lambda: None)

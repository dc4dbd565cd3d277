"""The plugin's in-process half in a stranger's project: the `rules` fixture and collected case files."""

# ruff: noqa: S603 - the command lines are written here

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

RULES = """rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{id} {
      allow get: if request.auth.uid == resource.data.owner;
    }
  }
}
"""
TEST = """
def test_the_owner_reads(rules):
    notes = rules.given({"notes/n1": {"owner": "ana"}})
    notes.as_user("ana").get("notes/n1").assert_allowed()
    notes.as_user("ben").get("notes/n1").assert_denied(because="== resource.data.owner")
"""
CASES = """describe: Notes
actors: {ana: {}, ben: {}}
documents: {notes/n1: {owner: ana}}
cases:
  - {name: The owner reads, as: ana, get: notes/n1, expect: allow}
  - name: a friend reads
    as: ben
    get: notes/n1
    expect: allow
    because: friends may
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "FIRE"))}
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "firestore.rules").write_text(RULES)
    (tmp_path / "test_notes.py").write_text(TEST)
    return tmp_path


def test_a_rules_file_and_a_test_are_all_it_takes(project: Path) -> None:
    """Neither configuration nor a server, and no Google library."""
    result = run(project, "-q", "--log-disable=x", "-p", "no:xdist")
    assert "1 passed" in result.stdout, result.stdout + result.stderr
    probe = (
        "import sys, firewarden.testing.rules as r; r.rules_from('firestore.rules').as_guest().get('a/b').explain();"
        "print([each for each in ('google.cloud.firestore', 'google.protobuf', 'grpc') if each in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", probe], cwd=project, capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"


def test_firebase_json_names_the_rules(project: Path) -> None:
    (project / "security").mkdir()
    (project / "firestore.rules").rename(project / "security/db.rules")
    (project / "firebase.json").write_text('{"firestore": {"rules": "security/db.rules"}}')
    assert "1 passed" in run(project, "-q").stdout


def test_missing_rules_are_named(project: Path) -> None:
    (project / "firestore.rules").unlink()
    result = run(project, "-q")
    assert "There are no rules to test" in result.stdout
    assert "firewarden_rules" in result.stdout


def test_rules_that_do_not_compile_are_shown(project: Path) -> None:
    (project / "firestore.rules").write_text(RULES.replace("==", "="))
    result = run(project, "-q")
    assert "firestore.rules:5:38: error: `=` does not compare" in result.stdout
    assert "Write `==`." in result.stdout
    assert "Traceback" not in result.stdout
    assert "During handling" not in result.stdout


def test_case_files_are_collected_and_explained(project: Path) -> None:
    (project / "notes.cases.yaml").write_text(CASES)
    result = run(project, "-v")
    assert "notes.cases.yaml::the-owner-reads PASSED" in result.stdout
    assert "notes.cases.yaml::a-friend-reads FAILED" in result.stdout
    assert "notes.cases.yaml:6: a friend reads\n  ben: get notes/n1\n  expected allow, got deny\n" in result.stdout
    assert "because: friends may" in result.stdout
    assert "DENIED  get notes/n1 as ben" in result.stdout
    assert "Traceback" not in result.stdout


def test_cases_can_be_chosen_and_divided(project: Path) -> None:
    (project / "notes.cases.yaml").write_text(CASES)
    assert "1 passed" in run(project, "-q", "-k", "owner-reads").stdout
    assert re.search(r"1 failed, 2 passed", run(project, "-q", "-n", "2").stdout)


def test_a_faulty_case_file_is_named_with_its_line(project: Path) -> None:
    (project / "notes.cases.yaml").write_text(CASES.replace("expect: allow}", "expects: allow}"))
    result = run(project, "-q")
    assert "notes.cases.yaml:5:" in result.stdout
    assert "Traceback" not in result.stdout


def test_collecting_can_be_switched_off(project: Path) -> None:
    (project / "notes.cases.yaml").write_text(CASES)
    (project / "pytest.ini").write_text("[pytest]\nfirewarden_cases = no\n")
    assert "1 passed" in run(project, "-q").stdout

"""`firewarden rules coverage` counts what cases or reports say, and fails only if it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from firewarden.cli import main
from firewarden.cli.main import COULD_NOT_RUN, FINDINGS

RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{id} {
      allow read: if request.auth != null;
    }
  }
}
"""
CASES = """\
describe: Who reads a note
actors: {ana: {}}
documents: {notes/a: {title: Milk}}
cases:
  - {name: a user reads, as: ana, get: notes/a, expect: allow}
  - {name: another one lists, as: ana, list: {collection: notes}, expect: allow}
  - {name: the owner is not asked, as: owner, get: notes/a, expect: allow}
"""
GUEST = "describe: Guests\ncases:\n  - {name: a guest does not, as: guest, get: notes/a, expect: deny}\n"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The exit code and what is printed, in a folder with rules and two case files."""
    (tmp_path / "firestore.rules").write_text(RULES)
    (tmp_path / "notes.cases.yaml").write_text(CASES)
    (tmp_path / "guest.cases.yaml").write_text(GUEST)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str]:
        return main(["rules", "coverage", *arguments]), capsys.readouterr().out

    return command


def test_without_a_file_all_cases_below_are_decided(run: Run) -> None:
    code, said = run()
    assert code == 0
    assert said.endswith("firestore.rules: 100.0 % of outcomes (2 of 2), 3 of 3 expressions evaluated\n")


def test_named_cases_alone_are_decided(run: Run) -> None:
    code, said = run("notes.cases.yaml")
    assert code == 0
    assert "firestore.rules:5:22: never false: allow read\n" in said


def test_too_little_fails_if_that_is_asked_for(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("notes.cases.yaml", "--fail-under", "50")[0] == 0
    assert main(["rules", "coverage", "notes.cases.yaml", "--fail-under", "50.5"]) == FINDINGS
    assert capsys.readouterr().err == "50.0 % of the outcomes were seen, 50.5 % are wanted\n"


@pytest.mark.parametrize(("name", "begin"), [("html", "<!doctype html>"), ("lcov", "TN:\nSF:firestore.rules\n")])
def test_other_forms_go_to_a_file(run: Run, name: str, begin: str) -> None:
    assert run("--format", name, "--output", "report") == (0, "")
    assert Path("report").read_text(encoding="utf-8").startswith(begin)


def test_reports_are_added_up(run: Run) -> None:
    for name in ("notes", "guest"):
        assert run(f"{name}.cases.yaml", "--format", "json", "--output", f"{name}.json")[0] == 0
    _, said = run("notes.json", "guest.json", "--format", "json")
    (allow,) = json.loads(said)["report"]
    assert allow["values"] == [{"value": {"boolValue": True}, "count": 2}, {"value": {"boolValue": False}, "count": 1}]


def test_of_reports_on_several_rules_those_on_the_own_rules_count(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("--format", "json", "--output", "own.json")
    Path("other.rules").write_text(RULES.replace("!=", "=="))
    run("--rules", "other.rules", "--format", "json", "--output", "other.json")
    assert "100.0 %" in run("own.json", "other.json")[1]
    Path("firestore.rules").write_text(f"{RULES}\n")
    assert main(["rules", "coverage", "own.json", "other.json"]) == COULD_NOT_RUN
    assert "Name the rules they are on with --rules." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["own.json", "notes.cases.yaml"], "cannot be mixed"),
        (["nowhere.json"], "nowhere.json cannot be read"),
        (["firestore.rules.json"], "is no coverage report"),
    ],
)
def test_what_cannot_be_read_is_said(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run("firestore.rules.json")[0] == COULD_NOT_RUN
    Path("firestore.rules.json").write_text("{}")
    assert main(["rules", "coverage", *arguments]) == COULD_NOT_RUN
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("text", ["101", "-1", "all"])
def test_a_percentage_is_one(run: Run, text: str) -> None:
    with pytest.raises(SystemExit):
        run("--fail-under", text)

"""`firewarden rules bench` measures every request it is given and finds no fault with any."""

import json
from pathlib import Path

import pytest

from firewarden.cli import main

RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{id} {
      allow read: if exists(/databases/$(database)/documents/users/$(request.auth.uid));
    }
  }
}
"""
CASES = """\
describe: Who reads a note
actors: {ana: {}}
documents: {notes/a: {title: Milk}, users/ana: {name: Ana}}
cases:
  - {name: a member reads, as: ana, get: notes/a, expect: allow}
  - {name: a guest does not, as: guest, get: notes/a, expect: deny}
  - {name: the owner is not asked, as: owner, get: notes/a, expect: allow}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with rules and a case file, which is the current one."""
    (tmp_path / "firestore.rules").write_text(RULES)
    (tmp_path / "notes.cases.yaml").write_text(CASES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_every_case_but_the_owners_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "bench", "notes.cases.yaml", "--seconds", "0.001", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert (measured["lines"], measured["load_ms"] > 0) == (8, True)
    found = {each["case"]: (each["allowed"], each["documents_read"]) for each in measured["requests"]}
    assert found == {"notes/a-member-reads": (True, 2), "notes/a-guest-does-not": (False, 1)}
    assert all(0 < each["median_us"] <= each["p95_us"] for each in measured["requests"])


@pytest.mark.usefixtures("project")
def test_the_table_names_the_slowest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "bench", "notes.cases.yaml", "--seconds", "0.001", "--slowest", "1"]) == 0
    out = capsys.readouterr().out
    assert "8 lines of rules load in" in out
    assert len([line for line in out.splitlines() if line.startswith("notes/")]) == 1


@pytest.mark.usefixtures("project")
def test_one_request_is_given_by_options(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["rules", "bench", "--as", "ana", "--op", "get", "--path", "notes/a", "--seconds", "0.001"])
    assert (code, "the request" in capsys.readouterr().out) == (0, True)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "There is no request."),
        (["notes.cases.yaml", "--op", "get"], "A case file says itself what is asked."),
    ],
)
def test_what_is_missing_is_said(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "bench", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_time_must_be_positive(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rules", "bench", "--seconds", "0"])
    assert "is no time in seconds" in capsys.readouterr().err

"""`firewarden rules explain`: which requests it takes, from where, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firewarden.cli.main import main

RULES = """rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{note} {
      allow read: if resource.data.owner == request.auth.uid;
      allow create: if request.resource.data.tags == ['a'];
      allow update: if request.resource.data.text == 'x' && resource.data.owner == 'ana';
    }
    match /admins/{id} { allow read: if request.auth.token.admin == true; }
  }
}
"""
CASES = """describe: Notes
actors: {ana: {}, ben: {}}
documents: {notes/n1: {owner: ana}}
cases:
  - {name: the owner reads, as: ana, get: notes/n1, expect: allow}
  - {name: a stranger does not, as: ben, get: notes/n1, expect: deny}
  - {name: the system reads, as: owner, get: notes/n1, expect: allow}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with rules, cases and stored documents."""
    (tmp_path / "firestore.rules").write_text(RULES)
    (tmp_path / "notes.cases.yaml").write_text(CASES)
    (tmp_path / "stored.json").write_text('{"notes/n1": {"owner": "ana"}}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explain(*arguments: str) -> int:
    return main(["rules", "explain", *arguments])


def test_all_cases_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """But not the owner's, who asks no rules."""
    assert explain("notes.cases.yaml") == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(("notes/", "ALLOWED", "DENIED"))] == [
        "notes/the-owner-reads",
        "ALLOWED  get notes/n1 as ana",
        "notes/a-stranger-does-not",
        "DENIED  get notes/n1 as ben",
    ]


def test_named_cases_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("notes.cases.yaml", "the owner reads", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["case"], told["allowed"], told["message"]) == ("notes/the-owner-reads", True, None)
    assert told["parts"][0]["allows"][0]["decidedBy"][0]["source"] == "resource.data.owner == request.auth.uid"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--as", "ana", "--op", "get", "--path", "notes/n1", "--documents", "stored.json"),
        ("--as", "ana", "--op", "get", "--path", "/notes/n1", "--documents", '{"notes/n1": {"owner": "ana"}}'),
        ("--as", "ana", "--op", "list", "--path", "notes", "--where", "owner == ana", "--order-by", "at desc"),
        ("--as", "ana", "--claim", "admin=true", "--op", "get", "--path", "admins/a"),
        ("--op", "create", "--path", "notes/n2", "--data", '{"tags": ["a"]}'),
        ("--op", "update", "--path", "notes/n1", "--data", '{"text": "x"}', "--documents", "stored.json"),
    ],
)
def test_what_is_allowed(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(*arguments) == 0
    assert capsys.readouterr().out.startswith("ALLOWED")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "There is no request."),
        (("--op", "get", "--path", "notes"), "--path notes does not fit --op get."),
        (("--op", "list", "--path", "notes/n1"), "It needs a collection such as events."),
        (("notes.cases.yaml", "--op", "get"), "A case file says itself what is asked."),
        (("notes.cases.yaml", "nobody"), "notes.cases.yaml has no case 'nobody'."),
        (("--rules", "none.rules", "--op", "get", "--path", "a/b"), "There is no rules file none.rules."),
    ],
)
def test_what_cannot_be_explained(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(*arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--claim", "role", "is not NAME=VALUE"),
        ("--path", "notes//n1", "is no path such as events/e1"),
        ("--documents", "none.json", "none.json cannot be read"),
        ("--documents", '{"notes/n1": 1}', "notes/n1 needs an object of fields"),
        ("--where", "owner", "is not FIELD OPERATOR VALUE"),
        ("--where", "owner like x", "is not FIELD OPERATOR VALUE"),
        ("--order-by", "at up", "is not FIELD, 'FIELD asc' or 'FIELD desc'"),
    ],
)
def test_what_an_option_does_not_take(option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        explain(option, value)
    assert said in capsys.readouterr().err

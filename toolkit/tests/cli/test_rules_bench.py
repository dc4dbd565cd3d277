"""`firewarden rules bench` measures every request it is given and finds no fault with any."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
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


@pytest.fixture
def bench(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What the command prints, measuring briefly."""

    def run(*arguments: str) -> str:
        assert main(["rules", "bench", "--seconds", "0.001", *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_every_case_but_the_owners_is_measured(bench: Callable[..., str]) -> None:
    measured = json.loads(bench("notes.cases.yaml", "--json"))
    assert (measured["lines"], measured["load_ms"] > 0) == (8, True)
    assert [(each["case"], each["allowed"]) for each in measured["requests"]] == [
        ("notes/a-member-reads", True),
        ("notes/a-guest-does-not", False),
    ]
    assert all(0 < each["median_us"] <= each["p95_us"] for each in measured["requests"])
    assert all(each["per_second"] == 1e6 / each["median_us"] for each in measured["requests"])


def test_what_is_taken_of_the_budgets_is_told(bench: Callable[..., str]) -> None:
    """Both evaluate everything; what errs before its lookup takes none of them."""
    first, second = json.loads(bench("--json"))["requests"]
    assert (first["expressions"], first["lookups"], first["lookups_max"]) == (9, 1, 10)
    assert (second["expressions"], second["lookups"], second["lookups_max"]) == (9, 0, 10)


def test_cases_are_found_where_pytest_finds_them(project: Path, bench: Callable[..., str]) -> None:
    for folder in ("deep/er", "node_modules/a", ".hidden", "env"):
        (project / folder).mkdir(parents=True)
        (project / folder / "more.cases.yaml").write_text(CASES)
    (project / "env/pyvenv.cfg").touch()
    cases = [each["case"].split("/")[0] for each in json.loads(bench("--json"))["requests"]]
    assert cases == ["more", "more", "notes", "notes"]


def test_the_table_is_aligned_and_sums_up(bench: Callable[..., str]) -> None:
    lines = bench().splitlines()
    assert lines[0].startswith("8 lines of rules load in ")
    heading, first, second = lines[2:5]
    assert len(heading) == len(first) == len(second)
    assert first.split()[:8] == ["notes/a-member-reads", "allow", "9", "of", "1,000", "1", "of", "10"]
    assert lines[-1].startswith("2 requests: median ")


def test_only_the_slowest_are_shown_but_all_are_summed_up(bench: Callable[..., str]) -> None:
    lines = bench("--slowest", "1").splitlines()
    assert len([line for line in lines if line.startswith("notes/")]) == 1
    assert lines[-1].startswith("2 requests: ")


def test_a_terminal_gets_colours_and_sees_how_far_it_is(project: Path) -> None:
    reader, terminal = os.openpty()
    command = [str(Path(sys.executable).with_name("firewarden")), "rules", "bench", "--seconds", "0.001"]
    environ = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(  # noqa: S603 - our own command
        command, cwd=project, env=environ, stdout=terminal, stderr=terminal, timeout=60, check=True
    )
    os.close(terminal)
    seen = os.read(reader, 1 << 16).decode()
    os.close(reader)
    assert "\r\x1b[K2 of 2  notes/a-guest-does-not" in seen
    assert "\x1b[32mallow  \x1b[0m" in seen
    assert "\x1b[31mdeny   \x1b[0m" in seen


def test_one_request_is_given_by_options(bench: Callable[..., str]) -> None:
    out = bench("--as", "ana", "--op", "get", "--path", "notes/a")
    assert out.splitlines()[-1].startswith("the request  deny ")


def test_a_long_name_is_cut(project: Path, bench: Callable[..., str]) -> None:
    (project / "notes.cases.yaml").write_text(CASES.replace("a member reads", "a member reads " * 9))
    first = bench().splitlines()[3]
    assert first.startswith("notes/a-member-reads-a-member-reads-")
    assert first.index("…  allow") == 59


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["notes.cases.yaml", "--op", "get"], "A case file says itself what is asked."),
        (["--op", "get"], "There is no request."),
        (["none.cases.yaml"], "none.cases.yaml"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_is_missing_is_said(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "bench", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_without_cases_there_is_nothing_to_measure(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "notes.cases.yaml").unlink()
    assert main(["rules", "bench"]) == 2
    assert "no *.cases.yaml is below this folder" in capsys.readouterr().err


def test_a_time_must_be_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["rules", "bench", "--seconds", "long"])
    assert "is not a number of seconds" in capsys.readouterr().err

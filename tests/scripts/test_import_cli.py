"""The command as people run it: its words, its exit codes, and that nothing reaches production by accident."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firewarden.testing import Database
from tests.support.calendars import calendar_text, event_text

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("FIRESTORE_EMULATOR_HOST", "GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT")


def import_ics(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    command = [sys.executable, ROOT / "scripts" / "import_ics.py", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.ics"
    file.write_text(calendar_text(event_text("RRULE:FREQ=WEEKLY;COUNT=3")))
    return file


@pytest.fixture
def lossy(tmp_path: Path) -> Path:
    file = tmp_path / "lossy.ics"
    file.write_text(calendar_text(event_text("RRULE:FREQ=HOURLY", uid="two"), event_text("DTSTART:soon", uid="three")))
    return file


def test_help_names_every_option_and_the_exit_codes() -> None:
    done = import_ics("--help")
    assert done.returncode == 0
    options = [
        "project",
        "firestore",
        "yes-i-mean",
        "created-by",
        "visibility",
        "timezone",
        "dry-run",
        "limit",
        "report",
    ]
    assert [name for name in options if f"--{name}" not in done.stdout] == []
    assert "exit: 0 everything was carried" in done.stdout


def test_a_dry_run_needs_nothing_but_the_file(good: Path) -> None:
    done = import_ics("--dry-run", good)
    assert (done.returncode, done.stderr) == (0, "")
    first, *_, last = done.stdout.splitlines()
    assert first.split()[0] == "new"
    assert first.endswith("members Talk FREQ=WEEKLY;COUNT=3")
    assert last == "events (dry run, nothing was written): 1 new, 0 changed, 0 unchanged"


def test_losses_are_listed_and_exit_with_1(good: Path, lossy: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = import_ics("--dry-run", good, lossy, "--report", report)
    assert done.returncode == 1
    assert f"{lossy}:4: VEVENT 'Talk' in part: only the first occurrence was carried: RRULE part FREQ" in done.stdout
    assert f"{lossy}:10: VEVENT 'Talk' left out: its start cannot be read" in done.stdout
    found = json.loads(report.read_text())
    assert found["counts"] == {"carried": 1, "in part": 1, "left out": 1, "repeated": 0}
    assert [entry["outcome"] for entry in found["entries"]] == ["carried", "in part", "left out"]


def test_an_unreadable_file_does_not_stop_the_others(good: Path, tmp_path: Path) -> None:
    (tmp_path / "page.ics").write_text("<html>")
    done = import_ics("--dry-run", tmp_path / "page.ics", tmp_path / "none.ics", good)
    assert done.returncode == 1
    assert f"{tmp_path / 'page.ics'}: there is no BEGIN:VCALENDAR in it" in done.stdout
    assert f"{tmp_path / 'none.ics'}: cannot be read: No such file or directory" in done.stdout
    assert "1 new" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "which project? give --project"),
        (["--project", "live"], "whose events will they be? give --created-by UID"),
        (["--project", "live", "--created-by", "ana"], "this would write to live in production"),
        (["--project", "live", "--created-by", "ana", "--yes-i-mean", "life"], "add --yes-i-mean live"),
        (["--project", "p", "--created-by", "ana", "--firestore", "here"], "'here' is not HOST:PORT"),
        (
            ["--project", "p", "--created-by", "ana", "--firestore", "127.0.0.1:1"],
            "no Firestore answers at",
        ),
        (["--dry-run", "--timezone", "Berlin"], "--timezone 'Berlin' is no IANA zone"),
        (["--dry-run", "--limit", "0"], "0 is not a number above 0"),
        (["--dry-run", "--report", "/nowhere/at/all.json"], "the report cannot be written to /nowhere/at/all.json"),
    ],
)
def test_what_cannot_run_says_why_in_one_line_and_exits_with_2(good: Path, arguments: list[str], message: str) -> None:
    done = import_ics(good, *arguments)
    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_no_readable_file_at_all_exits_with_2(tmp_path: Path) -> None:
    done = import_ics("--dry-run", tmp_path / "none.ics")
    assert done.returncode == 2
    assert "none.ics: cannot be read" in done.stderr


@pytest.mark.emulator
def test_an_import_writes_once_and_only_what_changed(firestore: Database, good: Path) -> None:
    target = ["--firestore", firestore.host, "--project", firestore.project, "--created-by", "ana"]
    first, second = import_ics(good, *target), import_ics(good, *target)
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.splitlines()[-1] == "events: 1 new, 0 changed, 0 unchanged"
    assert second.stdout.splitlines()[-1] == "events: 0 new, 0 changed, 1 unchanged"
    assert "Importing: 1 of 1 events" in first.stderr
    (stored,) = firestore.as_owner().collection("events").stream()
    assert stored.get("createdBy") == "ana"

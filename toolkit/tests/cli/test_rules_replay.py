"""`firewarden rules replay`: the result line, the exit code, and files that are no recordings."""

import json
from pathlib import Path

import pytest

from toolkit.tests.cli.conftest import Run

VECTORS = sorted((Path(__file__).parents[1] / "vectors").glob("*.jsonl"))
RIGHT = {"id": "a", "expr": "1 == 1", "outcome": "value", "value": {"bool": True}}


def write(file: Path, *records: object) -> Path:
    file.write_text("".join(f"{json.dumps(each)}\n" for each in records))
    return file


def test_the_recordings_of_this_project_agree(firewarden: Run) -> None:
    """All six formats in one run, over two processes; only messages may differ, and few do."""
    result = firewarden("rules", "replay", *map(str, VECTORS), "--jobs", "2")
    count = sum(len(file.read_text().splitlines()) for file in VECTORS)
    assert result.returncode == 0
    assert result.stdout.startswith(f"{count} cases, 0 outcomes differ, 0 values differ, ")


def test_the_format_is_told_from_the_keys(firewarden: Run, tmp_path: Path) -> None:
    mixed = [json.loads(file.read_text().splitlines()[0]) for file in VECTORS]
    result = firewarden("rules", "replay", str(write(tmp_path / "anything.txt", *mixed)))
    assert result.stdout == f"{len(mixed)} cases, 0 outcomes differ, 0 values differ, 0 messages differ\n"


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        ({}, 0, "1 cases, 0 outcomes differ, 0 values differ, 0 messages differ"),
        ({"value": {"bool": False}}, 1, "1 cases, 0 outcomes differ, 1 values differ, 0 messages differ"),
        ({"expr": "1 / 0"}, 1, "1 cases, 1 outcomes differ, 0 values differ, 0 messages differ"),
        ({"expr": "("}, 1, "1 cases, 1 outcomes differ, 0 values differ, 0 messages differ"),
        (
            {"warnings": [{"line": 1, "column": 1, "description": "Odd."}]},
            0,
            "1 cases, 0 outcomes differ, 0 values differ, 1 messages differ",
        ),
    ],
)
def test_differences_are_counted_by_kind(
    firewarden: Run, tmp_path: Path, change: dict[str, object], code: int, line: str
) -> None:
    result = firewarden("rules", "replay", str(write(tmp_path / "one.jsonl", {**RIGHT, **change})))
    assert (result.returncode, result.stdout.splitlines()[-1]) == (code, line)


def test_a_difference_can_be_shown_in_full(firewarden: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "one.jsonl", RIGHT, {**RIGHT, "id": "b", "value": {"bool": False}})
    result = firewarden("rules", "replay", str(file), "--show", "3")
    assert f"{file}:2 b: the value differs" in result.stdout
    assert '  recorded: {"bool": false}\n  answered: {"bool": true}\n' in result.stdout


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "no JSON"),
        ("[]", "no recording"),
        ('{"id": "x"}', "no recording"),
        ('{"expr": "1", "outcome": "value"}', "a recording of the format expr with something missing"),
    ],
)
def test_what_is_no_recording_is_named_with_its_line(
    firewarden: Run, tmp_path: Path, line: str, complaint: str
) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text(json.dumps(RIGHT) + "\n" + line + "\n")
    result = firewarden("rules", "replay", str(file))
    assert result.returncode == 2
    assert f"{file}:2: {complaint}" in result.stderr

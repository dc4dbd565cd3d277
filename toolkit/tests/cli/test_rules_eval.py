"""`firewarden rules eval`: values, errors and what does not compile."""

import json
from pathlib import Path

import pytest

from toolkit.tests.cli.conftest import Run

TIME = ("--time", "2026-05-01T10:00:00Z")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["'a,b,,'.split(',')"], "['a', 'b']   list"),
        (["request.time + duration.value(90, 'm')", *TIME], "timestamp '2026-05-01T11:30:00Z'   timestamp"),
        (["duration.value(1, 'h')"], "duration '3600s'   duration"),
        (
            ["resource.data.at < request.time", *TIME, "--data", '{"at": {"$time": "2026-04-30T10:00:00Z"}}'],
            "true   bool",
        ),
        (["[1, 2.5, b'x', null].toSet()"], "set [1, 2.5, b'x', null]   set"),
        (["{'a': 1}.diff({'b': 1})"], "map_diff {added: ['a'], removed: ['b'], changed: []}   map_diff"),
        (["request.auth.uid", "--auth", '{"sub": "ana", "role": "member"}'], "'ana'   string"),
        (["request.resource.data.n + 1", "--new", '{"n": 41}'], "42   int"),
        (["path('a/b')"], "path /a/b   path"),
        (["latlng.value(1, 2.5)"], "latlng (1.0, 2.5)   latlng"),
    ],
)
def test_it_shows_the_value_and_its_type(firewarden: Run, arguments: list[str], shown: str) -> None:
    result = firewarden("rules", "eval", *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (0, shown + "\n", "")


def test_an_error_shows_its_place(firewarden: Run) -> None:
    result = firewarden("rules", "eval", "request.auth.uid == 'ana'")
    assert result.returncode == 1
    assert result.stdout == "error: Null value error\n  request.auth.uid == 'ana'\n  ^^^^^^^^^^^^\n"


def test_what_does_not_compile_is_refused_with_its_place(firewarden: Run) -> None:
    result = firewarden("rules", "eval", "'a'.matches('[')")
    assert result.returncode == 1
    assert "expression:1:13: error: This is not a regular expression" in result.stderr


def test_functions_come_from_a_file(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "shared.rules").write_text("function twice(x) {\n  return x + x;\n}\n")
    result = firewarden("rules", "eval", "twice(21)", "--functions", "shared.rules", "--json")
    assert json.loads(result.stdout) == {"int": "42"}


def test_every_sub_expression_on_request(firewarden: Run) -> None:
    result = firewarden("rules", "eval", "-v", "1 + 2 == 3")
    assert result.stdout.splitlines() == [
        "1  →  1",
        "2  →  2",
        "1 + 2  →  3",
        "3  →  3",
        "1 + 2 == 3  →  true",
        "true   bool",
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["1", "--data", "[1]"], "is no JSON object"),
        (["1", "--data", "{"], "is no JSON"),
        (["1", "--auth", '{"sub": 5}'], "the uid: a string"),
        (["1", "--time", "yesterday"], "is no RFC 3339 time"),
    ],
)
def test_bad_arguments_are_named(firewarden: Run, arguments: list[str], complaint: str) -> None:
    result = firewarden("rules", "eval", *arguments)
    assert result.returncode == 2
    assert complaint in result.stderr

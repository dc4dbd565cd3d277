"""Many expressions in one ruleset, each the condition of a match block of its own, and what the emulator answers.

What the compiler refuses is found by halving, and recorded with the compiler's answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.tests.conformance.rules.coverage import Error, Typed, outcomes_by_line
from toolkit.tests.conformance.rules.official import Official
from toolkit.tests.conformance.rules.programs import Program
from toolkit.tests.conformance.rules.records import ALICE, Json, Record, answered, refused

_HEAD = "rules_version = '2';\nservice cloud.firestore {\nmatch /databases/{db}/documents {\n"
_HEAD_LINES = 3
_LINE = re.compile(r"(?<=@ L)\d+|(?<=evaluation error at L)\d+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A program and its answers: how its request was decided, and (`value`) what it came to, where that is told."""

    program: Program
    decided: Record
    value: Record | None


@dataclass(frozen=True, slots=True)
class Place:
    """The line before the functions of a program, and that before its expression."""

    functions: int
    expression: int


def source_of(programs: Sequence[Program]) -> tuple[str, list[Place]]:
    """The ruleset of the programs, and where each stands in it.

    A single one is asked about `e/x`, as recordings are. The paths of several differ, so what depends on the path
    may, too: such a difference is gone when the program is asked alone.
    """
    text, places, line = [_HEAD], [], _HEAD_LINES
    for number, each in enumerate(programs):
        head = f"match /{_collection(programs, number)}/{{d}} {{"
        text.append(f"{head}\n{each.functions}\nallow get: if\n{each.expression}\n;}}\n")
        lines = each.functions.count("\n")
        places.append(Place(line + 1, line + lines + 3))
        line += lines + each.expression.count("\n") + 5
    return "".join(text) + "}}", places


def question_of(program: Program) -> Record:
    """The program as the only one of a ruleset, in the format of requests."""
    source, _ = source_of([program])
    request = {"method": "get", "path": "e/x"}
    return {"rules": source, "documents": {}, "auth": dict(ALICE), "request": request}


def ask(official: Official, programs: Sequence[Program]) -> tuple[list[Asked], list[Record]]:
    """What the emulator answers to each program; those that do not compile apart."""
    source, places = source_of(programs)
    put = official.put_rules(source)
    if not put.is_ok:
        if len(programs) == 1:
            return [], [refused(source, put)]
        half = len(programs) // 2
        first, second = ask(official, programs[:half]), ask(official, programs[half:])
        return first[0] + second[0], first[1] + second[1]
    paths = [f"{_collection(programs, number)}/x" for number in range(len(programs))]
    answers = [official.ask({"method": "get", "path": path}, ALICE) for path in paths]
    outcomes = outcomes_by_line(official.coverage())
    issues = put.body.get("issues", [])
    asked = []
    for program, place, answer in zip(programs, places, answers, strict=True):
        decided = _alone(answered(question_of(program), answer), place)
        found = outcomes.get(place.expression + 1, [])
        asked.append(Asked(program, decided, _recorded(program, place, found, issues)))
    return asked, []


def _collection(programs: Sequence[Program], number: int) -> str:
    return "e" if len(programs) == 1 else f"e{number}"


def _alone(record: Record, place: Place) -> Record:
    """The record with the lines that it would have if the program were the only one."""
    if record["message"]:
        above = place.functions - _HEAD_LINES - 1
        record["message"] = _LINE.sub(lambda found: str(int(found[0]) - above), record["message"])
    return record


def _recorded(program: Program, place: Place, found: Sequence[Error | Typed], issues: Sequence[Json]) -> Record | None:
    """The record of the value; None if the two passes came to different ones, or none is told."""
    if len(found) != 1:
        return None
    record: dict[str, Any] = {"expr": program.expression}
    if program.functions:
        record["functions"] = program.functions
    (outcome,) = found
    if isinstance(outcome, Typed):
        record |= {"outcome": "value", "value": outcome.json}
    else:
        record |= {"outcome": "error", "message": outcome.message, **_relative(place, outcome.line, outcome.column)}
    last = place.expression + program.expression.count("\n") + 1
    record["warnings"] = [
        {**_relative(place, *_position(each)), "severity": each["severity"], "description": each["description"]}
        for each in issues
        if place.functions < _position(each)[0] <= last
    ]
    return record


def _position(issue: Json) -> tuple[int, int]:
    return issue["sourcePosition"].get("line", 0), issue["sourcePosition"].get("column", 0)


def _relative(place: Place, line: int, column: int) -> Record:
    if line <= place.expression:
        return {"in": "functions", "line": line - place.functions, "column": column}
    return {"line": line - place.expression, "column": column}

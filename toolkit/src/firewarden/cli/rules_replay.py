"""`firewarden rules replay`: recorded answers of an official emulator, asked of this engine."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from firewarden.cli.options import Commands, add_command, positive
from firewarden.cli.rules_files import add_compatibility, compatibility
from firewarden.errors import Fault, FaultyFile, FirewardenError
from firewarden.rules import Compatibility, RulesetInvalid
from firewarden.rules.recordings import Discrepancy, format_of, replay

_BATCH = 200  # records handed to a process at once
_EXAMPLES = """\
  firewarden rules replay expr.jsonl list.jsonl          ask again what was recorded
  firewarden rules replay *.jsonl --show 5               with the first five differences in full
  firewarden rules replay list.jsonl --compat production to see where production differs on purpose"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "replay",
        summary="compare the engine with recorded answers of Google's emulator",
        about="Ask this engine what an official emulator was asked, and count where it answers differently. Files\n"
        "are JSON lines; the format of a record (expression, source, program, budget, request or query) is told\n"
        "from its keys. The last line is the result; the exit code is 0 only if no outcome and no value differs.",
        examples=_EXAMPLES,
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings, JSON lines")
    add_compatibility(command, default="official-1.19.9")
    command.add_argument("--show", type=int, default=0, metavar="N", help="differences to show in full (default: 0)")
    command.add_argument("--jobs", type=positive, default=1, metavar="N", help="processes (default: 1)")
    command.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class _Case:
    place: str
    line: str


@dataclass(frozen=True, slots=True)
class _Difference:
    place: str
    name: str
    discrepancy: Discrepancy


def run(args: argparse.Namespace) -> int:
    """0 when all outcomes and values agree, 1 when not; 2 for what is no recording."""
    cases = [case for file in args.files for case in _cases(file)]
    answers = _answers(cases, compatibility(args), args.jobs)
    if sys.stderr.isatty():
        answers = track(answers, "asking", total=len(cases), console=Console(stderr=True), transient=True)
    differences: list[_Difference] = []
    faults: list[Fault] = []
    for answer in answers:
        if isinstance(answer, Fault):
            faults.append(answer)
        elif answer is not None:
            differences.append(answer)
    if faults:
        raise FaultyFile(faults, hint="Recordings are JSON lines in one of the six formats; see cli.md.")
    _show(differences[: args.show])
    found = Counter(each.discrepancy.kind for each in differences)
    print(
        f"{len(cases)} cases, {found['outcome']} outcomes differ, {found['value']} values differ, "
        f"{found['message']} messages differ"
    )
    return int(bool(found["outcome"] or found["value"]))


def _cases(file: Path) -> Iterator[_Case]:
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FirewardenError(f"{file} cannot be read: {error}.", hint="Name files of recordings.") from error
    return (_Case(f"{file}:{number}", line) for number, line in enumerate(lines, start=1) if line.strip())


_Answer = Fault | _Difference | None


def _answers(cases: Sequence[_Case], chosen: Compatibility, jobs: int) -> Iterable[_Answer]:
    ask = partial(_asked_again, compatibility=chosen)
    if jobs == 1:
        yield from map(ask, cases)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(ask, cases, chunksize=_BATCH)


def _asked_again(case: _Case, compatibility: Compatibility) -> _Answer:
    file, _, number = case.place.rpartition(":")
    try:
        record: Any = json.loads(case.line)
        name = format_of(record) if isinstance(record, dict) else None
    except ValueError as error:
        return Fault(file, int(number), f"no JSON: {error}")
    if name is None:
        return Fault(file, int(number), "no recording: its keys are those of none of the six formats")
    try:
        discrepancy = replay(name, record, compatibility=compatibility)
    except RulesetInvalid as error:
        discrepancy = Discrepancy("outcome", "rules that compile", error.message)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Fault(file, int(number), f"a recording of the format {name} with something missing: {error!r}")
    return None if discrepancy is None else _Difference(case.place, str(record.get("id", "")), discrepancy)


def _show(differences: Iterable[_Difference]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for each in differences:
        discrepancy = each.discrepancy
        console.print(f"[bold]{each.place}[/] {each.name}: the {discrepancy.kind} differs", markup=True)
        for title, value in (("recorded", discrepancy.expected), ("answered", discrepancy.got)):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            console.print(f"  {title}: {text}", markup=False)

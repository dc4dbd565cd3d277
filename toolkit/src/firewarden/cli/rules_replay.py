"""`firewarden rules replay`: recorded answers of an official emulator, asked of this engine or of a server."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.progress import track

from firewarden.cli.options import Commands, add_command, address, positive
from firewarden.cli.replay_over_rest import UNSENT, conversation
from firewarden.cli.rules_files import add_compatibility, compatibility
from firewarden.errors import Fault, FaultyFile, FirewardenError
from firewarden.rules import Compatibility, RulesetInvalid
from firewarden.rules.recordings import Discrepancy, Record, explanation, format_of, replay
from firewarden.rules.recordings.sending import PROJECT

_BATCH = 200  # records handed to a process at once
_NAMED = 10  # recordings named in a line about many
_EXAMPLES = """\
  firewarden rules replay expr.jsonl list.jsonl          ask again what was recorded
  firewarden rules replay *.jsonl --show 5               with the first five differences in full
  firewarden rules replay list.jsonl --compat production to see where production differs on purpose
  firewarden rules replay list.jsonl --through rest      as requests to a server of ours
  firewarden rules replay list.jsonl --through rest --at 127.0.0.1:8080 --project demo-mine"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "replay",
        summary="compare the engine with recorded answers of Google's emulator",
        about="Ask this engine what an official emulator was asked, and count where it answers differently. Files\n"
        "are JSON lines; the format of a record (expression, source, program, budget, request or query) is told\n"
        "from its keys. Through REST the same is sent to a server, and what it answers, returns and changes is\n"
        "compared; what is known to differ is named, not counted. The last line is the result; the exit code is 0\n"
        "only if no outcome and no value differs.",
        examples=_EXAMPLES,
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings, JSON lines")
    add_compatibility(command, default="official-1.19.9")
    command.add_argument("--show", type=int, default=0, metavar="N", help="differences to show in full (default: 0)")
    command.add_argument("--jobs", type=positive, default=1, metavar="N", help="processes of the engine (default: 1)")
    command.add_argument(
        "--through",
        choices=("engine", "rest"),
        default="engine",
        help="ask the rules engine itself, or a Firestore server over REST (default: engine)",
    )
    command.add_argument(
        "--at",
        type=address,
        metavar="HOST:PORT",
        help="the server to ask over REST (default: one of ours, started here)",
    )
    command.add_argument(
        "--project",
        default=PROJECT,
        metavar="ID",
        help=f"the project to ask in, whose documents and rules are replaced (default: {PROJECT})",
    )
    command.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class _Case:
    place: str
    line: str


@dataclass(frozen=True, slots=True)
class _Difference:
    """`explained` names what is known to differ."""

    place: str
    name: str
    discrepancy: Discrepancy
    explained: str | None = None


@dataclass(frozen=True, slots=True)
class _Unsent:
    """A record that cannot be asked this way, and why."""

    name: str
    reason: str


_Answer = Fault | _Difference | _Unsent | None


def run(args: argparse.Namespace) -> int:
    """0 when all outcomes and values agree but those that are explained, 1 when not; 2 for what is no recording."""
    if args.through == "engine" and args.at is not None:
        raise FirewardenError("--at names a server, which the engine is not.", hint="Add --through rest.")
    if args.through == "rest" and args.jobs > 1:
        raise FirewardenError("--jobs is of the engine: a server is asked one thing at a time.", hint="Leave it out.")
    cases = [case for file in args.files for case in _cases(file)]
    answers = _answers_over_rest(cases, args) if args.through == "rest" else _answers(cases, args)
    if sys.stderr.isatty():
        answers = track(answers, "asking", total=len(cases), console=Console(stderr=True), transient=True)
    found = list(answers)
    if faults := [each for each in found if isinstance(each, Fault)]:
        raise FaultyFile(faults, hint="Recordings are JSON lines in one of the six formats; see cli.md.")
    differences = [each for each in found if isinstance(each, _Difference)]
    unexplained = [each for each in differences if each.explained is None]
    _show(unexplained[: args.show])
    _name("not sent: ", ((each.reason, each.name) for each in found if isinstance(each, _Unsent)))
    _name("known to differ: ", ((each.explained, each.name) for each in differences if each.explained))
    counts = Counter(each.discrepancy.kind for each in unexplained)
    print(
        f"{len(cases)} cases, {counts['outcome']} outcomes differ, {counts['value']} values differ, "
        f"{counts['message']} messages differ"
    )
    return int(bool(counts["outcome"] or counts["value"]))


def _cases(file: Path) -> Iterator[_Case]:
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FirewardenError(f"{file} cannot be read: {error}.", hint="Name files of recordings.") from error
    return (_Case(f"{file}:{number}", line) for number, line in enumerate(lines, start=1) if line.strip())


def _answers(cases: Sequence[_Case], args: argparse.Namespace) -> Iterable[_Answer]:
    ask = partial(_asked_of_engine, compatibility=compatibility(args))
    if args.jobs == 1:
        yield from map(ask, cases)
        return
    with ProcessPoolExecutor(args.jobs) as pool:
        yield from pool.map(ask, cases, chunksize=_BATCH)


def _answers_over_rest(cases: Sequence[_Case], args: argparse.Namespace) -> Iterable[_Answer]:
    with conversation(args.at, project=args.project, compatibility=compatibility(args)) as server:
        for case in cases:
            yield _asked_again(case, server.ask, unsent=UNSENT, explained=explanation)


def _asked_of_engine(case: _Case, compatibility: Compatibility) -> _Answer:
    return _asked_again(case, partial(replay, compatibility=compatibility))


def _asked_again(
    case: _Case,
    ask: Callable[[str, Record], Discrepancy | None],
    *,
    unsent: Mapping[str, str] = MappingProxyType({}),
    explained: Callable[[str, Record, Discrepancy], str | None] = lambda *_: None,
) -> _Answer:
    file, _, number = case.place.rpartition(":")
    try:
        name, record = _read(case.line)
    except ValueError as error:
        return Fault(file, int(number), str(error))
    shown = str(record.get("id", ""))
    if name in unsent:
        return _Unsent(shown or case.place, unsent[name])
    try:
        discrepancy = ask(name, record)
        if discrepancy is None:
            return None
        return _Difference(case.place, shown, discrepancy, explained(name, record, discrepancy))
    except RulesetInvalid as error:
        return _Difference(case.place, shown, Discrepancy("outcome", "rules that compile", error.message))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Fault(file, int(number), f"a recording of the format {name} with something missing: {error!r}")


def _read(line: str) -> tuple[str, Record]:
    """The format of a record, and the record; raises ValueError with what is wrong."""
    try:
        record: Any = json.loads(line)
    except ValueError as error:
        raise ValueError(f"no JSON: {error}") from None
    name = format_of(record) if isinstance(record, dict) else None
    if name is None:
        raise ValueError("no recording: its keys are those of none of the six formats")
    return name, record


def _name(what: str, reasoned: Iterable[tuple[str, str]]) -> None:
    """A line for each reason: how many recordings it concerns, and which."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for reason, name in reasoned:
        names[reason].append(name)
    for reason, concerned in names.items():
        more = len(concerned) - _NAMED
        listed = ", ".join(concerned[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        print(f"{what}{reason}: {len(concerned)} ({listed})")


def _show(differences: Iterable[_Difference]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for each in differences:
        discrepancy = each.discrepancy
        console.print(f"[bold]{each.place}[/] {each.name}: the {discrepancy.kind} differs", markup=True)
        for title, value in (("recorded", discrepancy.expected), ("answered", discrepancy.got)):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            console.print(f"  {title}: {text}", markup=False)

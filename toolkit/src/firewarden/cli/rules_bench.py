"""`firewarden rules bench`: how long your rules take to load and to decide, in process, on this machine."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from firewarden.cli.options import Commands, add_command
from firewarden.cli.rules_cases import chosen_cases
from firewarden.cli.rules_files import add_compatibility, compatibility, read_rules, rules_file
from firewarden.cli.rules_request import add_request, request_of
from firewarden.errors import FirewardenError
from firewarden.rules import CompiledRules, Request, compile_rules, decide
from firewarden.rules.lookups import Read
from firewarden.values import Timestamp

_EXAMPLES = """\
  firewarden rules bench rules/cases/events.cases.yaml
  firewarden rules bench rules/cases/*.cases.yaml --seconds 0.2 --slowest 10
  firewarden rules bench --as ana --op create --path events/e1 --data '{"title": "Picnic"}'
  firewarden rules bench cases.yaml --json > times.json"""
_ROUND = 20
"""Decisions that are timed together: one alone is not much longer than reading the clock."""
_WARM_UP = 50
_MICROSECONDS = 1e6
_LOADS = 5
_TITLE_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One request: how it is decided, how many documents are read for it, and microseconds per decision."""

    case: str
    allowed: bool
    documents_read: int
    median_us: float
    p95_us: float

    @property
    def per_second(self) -> float:
        """Decisions per second."""
        return _MICROSECONDS / self.median_us


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "bench",
        summary="measure how fast your rules are decided",
        about="Decide requests, of case files or of the options, again and again, and show how long one takes.\n"
        "The rules are loaded and warm; no server takes part. Exit 0 whatever is decided.",
        examples=_EXAMPLES,
    )
    command.add_argument("cases", nargs="*", type=Path, metavar="CASES.yaml", help="files of decision cases")
    command.add_argument("--rules", type=Path, metavar="FILE", help="rules file (default: of firebase.json, or here)")
    add_request(command)
    command.add_argument(
        "--seconds", type=_seconds, default=0.05, metavar="S", help="how long each request is measured (default: 0.05)"
    )
    command.add_argument("--slowest", type=int, metavar="N", help="show only the N slowest requests")
    add_compatibility(command, default="production")
    command.add_argument("--json", action="store_true", help="one JSON object on stdout")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: measuring finds no fault."""
    text = read_rules(rules_file(args.rules))
    rules = compile_rules(text, compatibility=compatibility(args))
    load_ms = min(_timed(lambda: compile_rules(text)) for _ in range(_LOADS)) * 1000
    requests = list(_requests(args))
    timings = []
    for number, (case, request, read) in enumerate(requests, 1):
        _progress(f"{number}/{len(requests)}  {case}")
        timings.append(_measured(case, rules, request, read, seconds=args.seconds))
    _progress("")
    if args.slowest is not None:
        timings = sorted(timings, key=lambda each: -each.median_us)[: args.slowest]
    if args.json:
        print(json.dumps({"lines": text.count("\n"), "load_ms": load_ms, "requests": list(map(asdict, timings))}))
    else:
        _show(text.count("\n"), load_ms, timings)
    return 0


def _requests(args: argparse.Namespace) -> Iterator[tuple[str, Request, Read]]:
    now = args.time or Timestamp.of(datetime.now(UTC))
    if not args.cases:
        yield "the request", request_of(args, now), args.documents.get
        return
    if args.op or args.path:
        raise FirewardenError("A case file says itself what is asked.", hint="Leave out --op and --path, or the files.")
    for file in args.cases:
        cases = chosen_cases(file)
        from firewarden.testing.rules import prepare  # noqa: PLC0415 - needs the extra, which `chosen_cases` asked for

        for case in cases:
            prepared = prepare(case, now=now.moment())
            if not prepared.is_owner:  # to whom no rules apply
                yield case.id, prepared.request, prepared.read


def _measured(case: str, rules: CompiledRules, request: Request, read: Read, *, seconds: float) -> Timing:
    seen = set()

    def counting(path: tuple[str, ...]) -> object:
        seen.add(path)
        return read(path)

    allowed = decide(rules, request, counting).allowed  # type: ignore[arg-type]  # it returns what `read` does
    for _ in range(_WARM_UP):
        decide(rules, request, read)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        times.append(_timed(lambda: [decide(rules, request, read) for _ in range(_ROUND)]) / _ROUND * _MICROSECONDS)
    p95 = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return Timing(case=case, allowed=allowed, documents_read=len(seen), median_us=median(times), p95_us=p95)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _show(lines: int, load_ms: float, timings: Sequence[Timing]) -> None:
    is_color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(f"{lines} lines of rules load in {load_ms:.1f} ms\n")
    width = min(_TITLE_MAX, max((len(each.case) for each in timings), default=0))
    print(f"{'case':{width}}  outcome  reads  median µs   p95 µs  decisions/s")
    for each in timings:
        outcome = "allow  " if each.allowed else "deny   "
        if is_color:
            outcome = f"\033[{32 if each.allowed else 31}m{outcome}\033[0m"
        numbers = f"{each.documents_read:5}  {each.median_us:9.1f}  {each.p95_us:7.1f}  {each.per_second:11,.0f}"
        print(f"{each.case[:width]:{width}}  {outcome}  {numbers}")
    if len(timings) > 1:
        slowest = max(timings, key=lambda each: each.median_us)
        middle = median(each.median_us for each in timings)
        print(f"\n{len(timings)} requests: median {middle:.1f} µs, slowest {slowest.median_us:.1f} µs ({slowest.case})")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text[:100]}", end="", file=sys.stderr, flush=True)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time in seconds, such as 0.05")
    return value

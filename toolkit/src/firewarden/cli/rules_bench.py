"""`firewarden rules bench`: how long your rules take to load and to decide, in process, on this machine."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from firewarden.cli.options import Commands, add_command, positive, seconds
from firewarden.cli.rules_cases import chosen_cases, found_case_files
from firewarden.cli.rules_files import add_compatibility, compatibility, read_rules, rules_file
from firewarden.cli.rules_request import add_request, request_of
from firewarden.errors import FirewardenError
from firewarden.rules import Request, compile_rules
from firewarden.rules.compiler.code import EXPRESSIONS_MAX
from firewarden.rules.lookups import Read
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.cli.timing import Timing

_EXAMPLES = """\
  firewarden rules bench                     every case below this folder
  firewarden rules bench rules/cases/events.cases.yaml --seconds 0.2
  firewarden rules bench --slowest 10
  firewarden rules bench --as ana --op create --path events/e1 --data '{"title": "Picnic"}'
  firewarden rules bench --json > times.json"""
_TITLE_MAX = 60
_HEADINGS = f"outcome  {'expressions':>14}  {'lookups':>8}  {'median µs':>9}  {'p95 µs':>8}  decisions/s"


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "bench",
        summary="measure how fast your rules are decided",
        about="Decide requests, of case files or of the options, again and again, and show how long one takes and\n"
        "what it takes of the budgets. The rules are loaded and warm; no server takes part. Without a file or a\n"
        "request: every *.cases.yaml that pytest would find below this folder.",
        examples=_EXAMPLES,
    )
    command.add_argument("cases", nargs="*", type=Path, metavar="CASES.yaml", help="files of decision cases")
    command.add_argument("--rules", type=Path, metavar="FILE", help="rules file (default: of firebase.json, or here)")
    add_request(command)
    command.add_argument(
        "--seconds", type=seconds, default=0.05, metavar="S", help="how long each request is measured (default: 0.05)"
    )
    command.add_argument("--slowest", type=positive, metavar="N", help="show only the N slowest requests")
    add_compatibility(command, default="production")
    command.add_argument("--json", action="store_true", help="one JSON object on stdout, times in microseconds")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 whatever is decided: measuring finds no fault."""
    from firewarden.cli.timing import load_ms, timing  # noqa: PLC0415 - the other commands start without it

    text = read_rules(rules_file(args.rules))
    rules = compile_rules(text, compatibility=compatibility(args))
    requests = list(_requests(args))
    loading_ms = load_ms(text)
    timings = []
    for number, (case, request, read) in enumerate(requests, 1):
        _progress(f"{number} of {len(requests)}  {case}")
        timings.append(timing(case, rules, request, read, seconds=args.seconds))
    _progress("")
    shown = timings if args.slowest is None else sorted(timings, key=lambda each: -each.median_us)[: args.slowest]
    lines = len(text.splitlines())
    if args.json:
        measured = [{**asdict(each), "per_second": each.per_second} for each in shown]
        print(json.dumps({"lines": lines, "load_ms": loading_ms, "requests": measured}, ensure_ascii=False))
    else:
        print(f"{lines:,} lines of rules load in {loading_ms:.1f} ms\n")
        _show(shown)
        _sum_up(timings)
    return 0


def _requests(args: argparse.Namespace) -> Iterator[tuple[str, Request, Read]]:
    now = args.time or Timestamp.of(datetime.now(UTC))
    if args.op or args.path:
        if args.cases:
            hint = "Leave out --op and --path, or the files."
            raise FirewardenError("A case file says itself what is asked.", hint=hint)
        yield "the request", request_of(args, now), args.documents.get
        return
    files = args.cases or found_case_files(Path.cwd())
    if not files:
        hint = "Name case files, or one request by --op and --path; see --help for examples."
        raise FirewardenError("There is nothing to measure: no *.cases.yaml is below this folder.", hint=hint)
    for file in files:
        cases = chosen_cases(file)
        from firewarden.testing.rules import prepare  # noqa: PLC0415 - needs the extra, which `chosen_cases` asked for

        for case in cases:
            prepared = prepare(case, now=now.moment())
            if not prepared.is_owner:  # to whom no rules apply
                yield case.id, prepared.request, prepared.read


def _show(timings: Sequence[Timing]) -> None:
    is_color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = min(_TITLE_MAX, max(len(each.case) for each in timings)) if timings else 0
    print(f"{'case':{width}}  {_HEADINGS}")
    for each in timings:
        outcome = "allow  " if each.allowed else "deny   "
        if is_color:
            outcome = f"\033[{32 if each.allowed else 31}m{outcome}\033[0m"
        expressions = f"{each.expressions:,} of {EXPRESSIONS_MAX:,}"
        lookups = f"{each.lookups} of {each.lookups_max}"
        numbers = f"{each.median_us:9.1f}  {each.p95_us:8.1f}  {each.per_second:11,.0f}"
        print(f"{_cut(each.case):{width}}  {outcome}  {expressions:>14}  {lookups:>8}  {numbers}")


def _sum_up(timings: Sequence[Timing]) -> None:
    if len(timings) > 1:
        slowest = max(timings, key=lambda each: each.median_us)
        middle = median(each.median_us for each in timings)
        print(f"\n{len(timings)} requests: median {middle:.1f} µs, slowest {slowest.median_us:.1f} µs ({slowest.case})")


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_MAX else f"{title[: _TITLE_MAX - 1]}…"


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text[:100]}", end="", file=sys.stderr, flush=True)

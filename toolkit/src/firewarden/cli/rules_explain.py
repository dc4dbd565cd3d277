"""`firewarden rules explain`: why the rules allow or deny a request, of a case file or given on the command line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from firewarden.cli.options import Commands, add_command
from firewarden.cli.rules_cases import chosen_cases
from firewarden.cli.rules_files import add_compatibility, compatibility, read_rules, rules_file
from firewarden.cli.rules_request import add_request, request_of
from firewarden.errors import FirewardenError
from firewarden.rules import Request, compile_rules
from firewarden.rules.compiled import CompiledRules
from firewarden.rules.lookups import Read
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.rules.explain import Explanation
    from firewarden.testing.cases import Case

_EXAMPLES = """\
  firewarden rules explain cases/events.cases.yaml
  firewarden rules explain cases/events.cases.yaml "a guest creates no event" -v
  firewarden rules explain --as ana --claim role=member --op create --path events/e1 --data '{"title": "Picnic"}'
  firewarden rules explain --op list --path events --where 'visibility == "public"' --limit 20
  firewarden rules explain --as ana --op get --path events/e1 --documents '{"events/e1": {"owner": "ana"}}' --json"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "explain",
        summary="say why a request is allowed or denied",
        about="Decide requests, of a case file or of the options, and show which clause decided, with its values.\n"
        "Without --as the request is a guest's. Exit 0 when all are allowed, 1 when one is denied.",
        examples=_EXAMPLES,
    )
    command.add_argument("cases", nargs="?", type=Path, metavar="CASES.yaml", help="a file of decision cases")
    command.add_argument("names", nargs="*", metavar="NAME", help="only these cases, by name or id (default: all)")
    command.add_argument("--rules", type=Path, metavar="FILE", help="rules file (default: of firebase.json, or here)")
    add_request(command)
    add_compatibility(command, default="production")
    command.add_argument("-v", "--verbose", action="store_true", help="every allow and the value of every expression")
    command.add_argument("--json", action="store_true", help="JSON on stdout, one object per line")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when every request is allowed, 1 when one is denied."""
    rules = compile_rules(read_rules(rules_file(args.rules)), compatibility=compatibility(args))
    now = args.time or Timestamp.of(datetime.now(UTC))
    if args.cases is None:
        explained = iter([("", _explained(rules, request_of(args, now), args.documents.get))])
    elif args.op or args.path:
        raise FirewardenError("A case file says itself what is asked.", hint="Leave out --op and --path, or the file.")
    else:
        explained = _of_cases(rules, chosen_cases(args.cases, args.names), now)
    is_color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    allowed = True
    for number, (title, explanation) in enumerate(explained):
        allowed = allowed and explanation.decision.allowed
        if args.json:
            print(json.dumps({**({"case": title} if title else {}), **explanation.to_json()}, ensure_ascii=False))
            continue
        print("\n" * bool(number) + (f"{title}\n" if title else ""), end="")
        print(explanation.text(verbose=args.verbose, color=is_color))
    return 0 if allowed else 1


def _explained(rules: CompiledRules, request: Request, read: Read) -> Explanation:
    from firewarden.rules.explain import explain  # noqa: PLC0415 - the other commands start without it

    return explain(rules, request, read)


def _of_cases(rules: CompiledRules, cases: list[Case], now: Timestamp) -> Iterator[tuple[str, Explanation]]:
    from firewarden.testing.rules import prepare  # noqa: PLC0415 - needs the extra, which `_chosen` asked for

    for case in cases:
        prepared = prepare(case, now=now.moment())
        if not prepared.is_owner:  # to whom no rules apply
            yield case.id, _explained(rules, prepared.request, prepared.read)

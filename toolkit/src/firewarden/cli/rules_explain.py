"""`firewarden rules explain`: why the rules allow or deny a request, of a case file or given on the command line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firewarden.cli.options import Commands, add_command, needs_extra, positive
from firewarden.cli.rules_files import add_compatibility, compatibility, read_rules, rules_file
from firewarden.cli.rules_values import document, moment
from firewarden.errors import FirewardenError
from firewarden.rules import Both, Commit, Filter, Get, List, Query, Request, auth_of, compile_rules
from firewarden.rules.compiled import CompiledRules
from firewarden.rules.lookups import Read
from firewarden.rules.requests import DocumentPath, Write
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.rules.explain import Explanation
    from firewarden.testing.cases import Case

_OPERATIONS = ("get", "list", "create", "set", "update", "delete")
_WHERE = ("==", "!=", "<", "<=", ">", ">=", "in", "not-in", "array-contains", "array-contains-any")

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
    command.add_argument("--as", dest="uid", metavar="UID", help="the caller's uid (default: not signed in)")
    command.add_argument(
        "--claim", action="append", default=[], type=_claim, metavar="NAME=VALUE", help="a claim of the caller's token"
    )
    command.add_argument("--op", choices=_OPERATIONS, help="what is asked")
    command.add_argument("--path", type=_path, metavar="PATH", help="a document, or for list a collection")
    command.add_argument("--data", type=document, metavar="JSON", help="the fields that are written")
    command.add_argument(
        "--documents", type=_documents, default={}, metavar="JSON|FILE", help="what is stored: {path: fields}"
    )
    command.add_argument(
        "--where", action="append", default=[], type=_where, metavar="FILTER", help="FIELD OPERATOR JSON, repeatable"
    )
    command.add_argument(
        "--order-by", action="append", default=[], type=_order, metavar="FIELD", help="sort key, or 'FIELD desc'"
    )
    command.add_argument("--limit", type=positive, metavar="N", help="limit of a list")
    command.add_argument("--time", type=moment, metavar="TIME", help="request.time (default: now)")
    add_compatibility(command, default="production")
    command.add_argument("-v", "--verbose", action="store_true", help="every allow and the value of every expression")
    command.add_argument("--json", action="store_true", help="JSON on stdout, one object per line")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when every request is allowed, 1 when one is denied."""
    rules = compile_rules(read_rules(rules_file(args.rules)), compatibility=compatibility(args))
    now = args.time or Timestamp.of(datetime.now(UTC))
    if args.cases is None:
        explained = iter([("", _explained(rules, _request(args, now), args.documents.get))])
    elif args.op or args.path:
        raise FirewardenError("A case file says itself what is asked.", hint="Leave out --op and --path, or the file.")
    else:
        explained = _of_cases(rules, _chosen(args), now)
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


def _chosen(args: argparse.Namespace) -> list[Case]:
    with needs_extra("testing"):
        from firewarden.testing.cases import load_cases  # noqa: PLC0415 - reads YAML, an extra
    cases = load_cases(args.cases).cases
    chosen = [each for each in cases if not args.names or {each.name, each.id} & set(args.names)]
    unknown = [name for name in args.names if not any(name in (each.name, each.id) for each in chosen)]
    if unknown:
        raise FirewardenError(
            f"{args.cases} has no case {unknown[0]!r}.", hint=f"It has {', '.join(repr(each.name) for each in cases)}."
        )
    return chosen


def _request(args: argparse.Namespace, now: Timestamp) -> Request:
    if not args.op or not args.path:
        raise FirewardenError(
            "There is nothing to explain.", hint="Give a case file, or --op and --path; see --help for examples."
        )
    is_collection = len(args.path) % 2 == 1
    if is_collection != (args.op == "list"):
        shape = "a collection such as events" if args.op == "list" else "a document such as events/e1"
        raise FirewardenError(f"--path {'/'.join(args.path)} does not fit --op {args.op}.", hint=f"It needs {shape}.")
    claims = None if args.uid is None else {**dict(args.claim), "sub": args.uid}
    return Request(operation=_operation(args), time=now, auth=auth_of(claims))


def _operation(args: argparse.Namespace) -> Get | List | Commit:
    if args.op == "get":
        return Get(paths=(args.path,))
    if args.op == "list":
        where = Both(filters=tuple(args.where)) if args.where else None
        query = Query(
            parent=args.path[:-1],
            collection=args.path[-1],
            where=where,
            order_by=tuple(args.order_by),
            limit=args.limit,
        )
        return List(query=query)
    data = None if args.op == "delete" else args.data or {}
    exists = {"create": False, "update": True}.get(args.op)
    mask = tuple(data or {}) if args.op == "update" else None
    return Commit(writes=(Write(path=args.path, data=data, mask=mask, exists=exists),))


def _claim(text: str) -> tuple[str, Any]:
    """`role=member`; a value that is JSON, such as true or ["a"], is what it says."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE, such as role=member")
    return name, _json_or_text(value)


def _path(text: str) -> DocumentPath:
    segments = tuple(text.strip("/").split("/"))
    if "" in segments:
        raise argparse.ArgumentTypeError(f"{text!r} is no path such as events/e1")
    return segments


def _documents(text: str) -> Mapping[DocumentPath, Any]:
    """JSON, or a file of it: fields by path."""
    if not text.lstrip().startswith("{"):
        try:
            text = Path(text).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise argparse.ArgumentTypeError(f"{text} cannot be read: {error}") from error
    found = document(text)
    if wrong := [path for path, fields in found.items() if not isinstance(fields, dict)]:
        raise argparse.ArgumentTypeError(f"{wrong[0]} needs an object of fields")
    return {_path(path): fields for path, fields in found.items()}


def _where(text: str) -> Filter:
    """`visibility == "public"`; a value that is no JSON is a text."""
    field, _, rest = text.strip().partition(" ")
    operator, _, value = rest.strip().partition(" ")
    found = next((each for each in _WHERE if each == operator.replace("_", "-")), None)
    if found is None or not value:
        raise argparse.ArgumentTypeError(f"""{text!r} is not FIELD OPERATOR VALUE, such as 'visibility == "public"'""")
    parsed = _json_or_text(value.strip())
    if parsed is None and found in ("==", "!="):  # what client libraries send for null
        return Filter(field=field, operator="is-null" if found == "==" else "is-not-null")
    return Filter(field=field, operator=found, value=parsed)  # type: ignore[arg-type]  # it is among _WHERE


def _order(text: str) -> tuple[str, str]:
    field, _, direction = text.strip().partition(" ")
    if direction.lower() not in ("", "asc", "desc"):
        raise argparse.ArgumentTypeError(f"{text!r} is not FIELD, 'FIELD asc' or 'FIELD desc'")
    return field, "DESC" if direction.lower() == "desc" else "ASC"


def _json_or_text(text: str) -> Any:
    try:
        json.loads(text)
    except ValueError:
        return text
    return document(f'{{"value": {text}}}')["value"]

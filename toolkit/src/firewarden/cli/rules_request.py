"""A request given on the command line: `--as ana --op create --path events/e1 --data '{...}'`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firewarden.cli.options import positive
from firewarden.cli.rules_values import document, moment
from firewarden.errors import FirewardenError
from firewarden.rules import Both, Commit, Filter, Get, List, Query, Request, auth_of
from firewarden.rules.requests import DocumentPath, Write
from firewarden.values import Timestamp

_OPERATIONS = ("get", "list", "create", "set", "update", "delete")
_WHERE = ("==", "!=", "<", "<=", ">", ">=", "in", "not-in", "array-contains", "array-contains-any")


def add_request(command: argparse.ArgumentParser) -> None:
    """Declare the options that say who asks for what, of which documents, and when."""
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


def request_of(args: argparse.Namespace, now: Timestamp) -> Request:
    """The request that the options say."""
    if not args.op or not args.path:
        raise FirewardenError(
            "There is no request.", hint="Give a case file, or --op and --path; see --help for examples."
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

"""Recordings of single expressions, and of what constructs cost in the budget."""

from __future__ import annotations

from typing import Any, cast

from firewarden.language.ast import Span
from firewarden.rules.checking import parse_rules
from firewarden.rules.compatibility import Compatibility
from firewarden.rules.compiled import CompiledRules, compile_rules
from firewarden.rules.compiler.code import Evaluation
from firewarden.rules.deciding import decide
from firewarden.rules.environment import read_request, root
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Documents, Lookups
from firewarden.rules.outcomes import EvalError, LimitReached, RequestCrashed
from firewarden.rules.recordings import sources, typed
from firewarden.rules.recordings.discrepancy import Discrepancy, Record
from firewarden.rules.recordings.recorder import CALLER, NOW, nothing_stored
from firewarden.rules.requests import Get, Request
from firewarden.values import Path

_ASKED = Request(operation=Get(paths=(("e", "x"),)), time=NOW, auth=CALLER)
_HEAD = "rules_version = '2';\nservice cloud.firestore {\nmatch /databases/{db}/documents {\nmatch /e/{d} {\n"
_HEAD_LINES = 4


def replay_limit(record: Record, compatibility: Compatibility) -> Discrepancy | None:
    """Ask with as many of the unit as were within the budget, and with one more."""

    def is_allowed(times: int) -> bool:
        unit = f"q({record['unit']})" if "q(unit)" in record["shape"] else record["unit"]
        condition = f"[{', '.join([unit] * times)}].size() >= 0"
        return decide(_compiled(condition, record, compatibility), _ASKED, nothing_stored).allowed

    most = record["max_n"]
    got = {most: is_allowed(most), most + 1: is_allowed(most + 1)}
    expected = {most: True, most + 1: False}
    return None if got == expected else Discrepancy("outcome", expected, got)


def replay_expression(record: Record, compatibility: Compatibility) -> Discrepancy | None:
    """Evaluate the `expr` again."""
    try:
        outcome = _value(_compiled(record["expr"], record, compatibility))
    except RequestCrashed as crash:
        return None if record.get("http") == 500 else Discrepancy("outcome", record["outcome"], repr(crash))
    got = _told(outcome, record)
    if got["outcome"] != record["outcome"]:
        return Discrepancy("outcome", {key: record.get(key) for key in ("outcome", "value", "message")}, got)
    if isinstance(outcome, EvalError):
        expected = {key: record[key] for key in ("outcome", "message", "line", "column")}
        if got != expected:
            return Discrepancy("message", expected, got)
    elif not typed.same(got["value"], record["value"]):
        return Discrepancy("value", record["value"], got["value"])
    return _compared_warnings(record)


def _compared_warnings(record: Record) -> Discrepancy | None:
    above = {"functions": _HEAD_LINES, None: _HEAD_LINES + 2 + record.get("functions", "").count("\n")}
    parsed = parse_rules(_source(record["expr"], record))
    return sources.compared_issues(parsed, record.get("warnings") or (), lines_above=above)


def _told(outcome: Value, record: Record) -> dict[str, Any]:
    if not isinstance(outcome, EvalError):
        return {"outcome": "value", "value": typed.encoded(outcome)}
    line, column = _position(outcome, record)
    return {"outcome": "error", "message": outcome.text, "line": line, "column": column}


def _value(rules: CompiledRules) -> Value:
    """What the only condition comes to, whatever its type."""
    ((allow,),) = rules.blocks[0].allows.values()
    path = (*root(_ASKED.database), "e", "x")
    seen = read_request(_ASKED, "get", Path(path), fields=None, in_transaction=False)
    documents = Documents(nothing_stored, {}, _ASKED.database, rules.compatibility)
    evaluation = Evaluation(lambda: (seen, None), Lookups(documents, ("e", "x")))
    evaluation.captures = rules.blocks[0].pattern.captures(path) or []
    try:
        evaluation.charge(allow.code.cost)
        return allow.code.run(evaluation, [])
    except LimitReached as limit:
        return EvalError(limit.text, allow.span)


def _compiled(condition: str, record: Record, compatibility: Compatibility) -> CompiledRules:
    return compile_rules(_source(condition, record), compatibility=compatibility)


def _source(condition: str, record: Record) -> str:
    return f"{_HEAD}{record.get('functions', '')}\nallow get: if\n{condition}\n;}}}}}}"


def _position(error: EvalError, record: Record) -> tuple[int, int]:
    """Where the error is, counted from the recorded expression or its helper functions."""
    # INVARIANT: only what a query or the first pass leaves open has no place, and here everything is known.
    span = cast("Span", error.span)
    above = _HEAD_LINES
    if record.get("in") != "functions":
        above += 2 + record.get("functions", "").count("\n")
    return span.line - above, span.column

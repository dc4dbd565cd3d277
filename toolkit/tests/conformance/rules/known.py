"""Differences that are understood: each a predicate with its reason, which `docs/differences.md` explains.

They are counted under their names, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from firewarden.language import ast, parse
from firewarden.rules import Commit, EvalError, decide
from firewarden.rules.recordings.explained import reordered
from toolkit.tests.conformance.rules.batches import question_of
from toolkit.tests.conformance.rules.differences import Difference
from toolkit.tests.conformance.rules.official import Json
from toolkit.tests.conformance.rules.ours import Engine, entries, reader_of, request_of
from toolkit.tests.conformance.rules.programs import Program


def reason_of(difference: Difference) -> str | None:
    """The name of what explains the difference; None if nothing does."""
    for name, explains in EXPLANATIONS.items():
        if explains(difference):
            return name
    return None


def is_another_order(difference: Difference) -> bool:
    """The emulator judges the documents of a commit in the order of their hashes, which depend on the project, too.

    One of the orders that these can have must give its very entries.
    """
    if difference.format != "request" or difference.kind != "message":
        return False
    request = request_of(difference.record)
    engine = Engine.of(difference.record["rules"])
    if engine is None or not isinstance(request.operation, Commit):
        return False
    read, expected = reader_of(difference.record["documents"]), entries(difference.expected)
    return any(
        all(entries(decide(rules, each, read).message) == expected for rules in engine.ways.values())
        for each in reordered(request, request.operation)
    )


def is_inside_glob(difference: Difference) -> bool:
    """The emulator misreads what is nested in a match whose `{x=**}` is not the last segment."""
    if difference.format != "request" or difference.kind not in ("outcome", "message"):
        return False
    ruleset = parse(difference.record["rules"]).ruleset
    return ruleset is not None and any(
        isinstance(node, ast.Match)
        and any(isinstance(each, ast.Capture) and each.glob for each in node.path.segments[:-1])
        and any(isinstance(each, ast.Match) for each in node.members)
        for node in ast.walk(ruleset)
    )


def is_after_literal_error(difference: Difference) -> bool:
    """An error before the last part of a list or path literal throws the emulator off for the rest of a condition.

    It then takes other values for those of operands: it tells another error, absorbs none, or fails (HTTP 500).
    """
    if difference.kind not in ("outcome", "message", "value") or difference.format not in ("expr", "request"):
        return False
    if difference.format == "request":
        return _meets_literal_error(difference.record) or _fails_on_unknown(difference.record)
    program = Program(difference.record["expr"], difference.record.get("functions", ""))
    return _meets_literal_error(question_of(program))


def is_bound_capture(difference: Difference) -> bool:
    """The text of a failed lookup shows which segments of its path were captures; ours shows what they are."""
    return (
        difference.kind == "message"
        and "Service call error" in str(difference.expected)
        and ("capture {" in str(difference.expected))
    )


def is_digits_of_float(difference: Difference) -> bool:
    """The emulator writes some floats with more digits than it takes to tell them: the same numbers, in other words."""
    if difference.kind not in ("message", "value"):
        return False
    expected, got = (_FLOAT.sub(_same_digits, str(each)) for each in (difference.expected, _told(difference.got)))
    return expected == got and str(difference.expected) != str(_told(difference.got))


def _same_digits(found: re.Match[str]) -> str:
    return repr(float(found[0]))


def _told(got: object) -> object:
    """Of a decision only its message is compared."""
    return got["message"] if isinstance(got, Mapping) and "way" in got else got


_FLOAT = re.compile(r"\d+\.\d+(?:E-?\d+)?")


def is_compiler_failure(difference: Difference) -> bool:
    """The official compiler fails on some sources (HTTP 500) instead of refusing them."""
    if difference.format != "compile":
        return False
    return not difference.record["accepted"] and not difference.record["error"]


def _meets_literal_error(question: Json) -> bool:
    engine = Engine.of(question["rules"])
    met: list[bool] = []

    def trace(_: object, outcome: object) -> None:
        if isinstance(outcome, EvalError) and outcome.insists:
            met.append(True)

    if engine is not None:
        decide(engine.ways["closures"], request_of(question), reader_of(question["documents"]), tracer=trace)
    return bool(met)


def _fails_on_unknown(record: Json) -> bool:
    """The same, where the emulator first asks without documents: what is not looked up yet is an error to it."""
    ruleset = parse(record["rules"]).ruleset
    if record["http_status"] != HTTPStatus.INTERNAL_SERVER_ERROR or ruleset is None:
        return False
    branches = (each for node in ast.walk(ruleset) if isinstance(node, ast.Ternary) for each in (node.yes, node.no))
    literals = (
        each.items if isinstance(each, ast.ListLiteral) else each.segments
        for branch in branches
        for each in ast.walk(branch)
        if isinstance(each, ast.ListLiteral | ast.PathLiteral)
    )
    return any(_may_be_unknown(inner) for parts in literals for part in parts[:-1] for inner in ast.walk(part))


def _may_be_unknown(node: ast.Node) -> bool:
    return isinstance(node, ast.Call) or (isinstance(node, ast.Variable) and node.name in ("resource", "request"))


EXPLANATIONS: Mapping[str, Callable[[Difference], bool]] = MappingProxyType(
    {
        "order of the documents of a commit": is_another_order,
        "error before the last part of a literal": is_after_literal_error,
        "text of a lookup's captures": is_bound_capture,
        "failure of the official compiler": is_compiler_failure,
        "digits of a float": is_digits_of_float,
        "matches nested below a glob that is not last": is_inside_glob,
    }
)

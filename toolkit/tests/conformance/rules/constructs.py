"""Which constructs of the language and of requests have been generated, and which never were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from firewarden.language import ast, parse, parse_expression
from firewarden.language.checks import signatures
from toolkit.tests.conformance.rules.official import Json
from toolkit.tests.conformance.rules.programs import Program

_OWN = frozenset({"f", "g", "h", "top", "served", "shared", "own", "local"})
_WRITES = ("update", "delete", "verify", "transform", "updateMask", "updateTransforms", "currentDocument")
_TRANSFORMS = ("setToServerValue", "increment", "maximum", "minimum", "appendMissingElements", "removeAllFromArray")
_FILTERS = (
    *("EQUAL", "NOT_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "IN", "NOT_IN"),
    *("ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY", "IS_NULL", "IS_NAN", "IS_NOT_NULL", "IS_NOT_NAN", "AND", "OR"),
)
_QUERIES = ("from", "where", "orderBy", "limit", "offset", "startAt", "endAt", "select", "allDescendants")
_REQUESTS = (
    *("get", "batchGet", "commit", "create", "update", "delete", "list", "runQuery", "runAggregationQuery"),
    *("mask", "precondition"),
)
_NODES = (
    *("Null", "Bool", "Int", "Float", "String", "Bytes", "Variable", "Group", "ListLiteral", "MapLiteral"),
    *("PathLiteral", "Interpolation", "Ternary", "Member", "Index", "Slice", "Let", "Function", "Match", "Capture"),
)

ALL: frozenset[str] = frozenset(
    {
        *(f"operator {each}" for each in signatures.OPERATORS),
        *(f"unary {each}" for each in signatures.UNARY),
        *(f"is {each}" for each in signatures.TYPE_NAMES),
        *(f"function {each}" for each in signatures.FUNCTIONS),
        *(f"method {each}" for each in signatures.METHODS),
        *(f"allow {each}" for each in ("get", "list", "create", "update", "delete", "read", "write")),
        *(f"request {each}" for each in _REQUESTS),
        *(f"write {each}" for each in _WRITES + _TRANSFORMS),
        *(f"query {each}" for each in _QUERIES + _FILTERS),
        *(f"node {each}" for each in _NODES),
        *("glob", "version 1", "version 2", "no version", "function of the ruleset"),
    }
)
"""Everything that should come up."""


def in_program(program: Program) -> Counter[str]:
    """The constructs of an expression and its functions."""
    tree = parse_expression(program.expression)
    found = Counter[str]() if isinstance(tree, tuple) else Counter(_in_tree(tree))
    functions = parse(program.functions).ruleset if program.functions else None
    return found + Counter(_in_tree(functions)) if functions else found


def in_ruleset(source: str) -> Counter[str]:
    """The constructs of a ruleset."""
    ruleset = parse(source).ruleset
    if ruleset is None:
        return Counter()
    version = f"version {ruleset.version.value}" if ruleset.version else "no version"
    return Counter([version, *_in_tree(ruleset)])


def in_request(request: Json) -> Counter[str]:
    """The constructs of a request."""
    found = Counter([f"request {request['method']}"])
    query = request.get("query", "")
    found += Counter({"request mask": "mask" in query.lower(), "request precondition": "currentDocument" in query})
    found.update(_in_json(request.get("body", {}), "query" if "Query" in request["method"] else "write"))
    return found


def _in_tree(tree: ast.Node) -> Iterator[str]:
    for node in ast.walk(tree):
        name = _NAMES.get(type(node), lambda _: None)(node)
        if name:
            yield name
        yield f"node {type(node).__name__}"
        if isinstance(node, ast.Allow):
            yield from (f"allow {each.text.lower()}" for each in node.methods)


def _in_json(json: Any, prefix: str) -> Iterator[str]:
    if isinstance(json, dict):
        yield from (f"{prefix} {key}" for key in json)
        if isinstance(json.get("op"), str):
            yield f"query {json['op']}"
        for each in json.values():
            yield from _in_json(each, prefix)
    elif isinstance(json, list):
        for each in json:
            yield from _in_json(each, prefix)


def _method(node: ast.MethodCall) -> str:
    if isinstance(node.receiver, ast.Variable) and node.receiver.name in signatures.PACKAGES:
        return f"function {node.receiver.name}.{node.method.text}"
    return f"method {node.method.text}"


def _call(node: ast.Call) -> str:
    return "function of the ruleset" if node.function.text in _OWN else f"function {node.function.text}"


_NAMES: dict[type[ast.Node], Any] = {
    ast.Binary: lambda node: f"operator {node.operator}",
    ast.Unary: lambda node: f"unary {node.operator}",
    ast.Is: lambda node: f"is {node.type.text}",
    ast.Call: _call,
    ast.MethodCall: _method,
    ast.Capture: lambda node: "glob" if node.glob else None,
}

"""What a denied query lacks: filters taken from what the rules compare, each proposal decided before it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, combinations

from firewarden.language import ast
from firewarden.rules.compiled import CompiledRules
from firewarden.rules.constraint import Constraint
from firewarden.rules.deciding import decide
from firewarden.rules.explain.model import Part, Step, Suggestion
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Read
from firewarden.rules.outcomes import EvalError
from firewarden.rules.query import Both, Either, Filter, FilterOperator, Where
from firewarden.rules.requests import List, Request

_CANDIDATES_MAX = 8
_FILTERS_MAX = 3
_MIRRORED: Mapping[str, FilterOperator] = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_DIRECT: Mapping[str, FilterOperator] = {"==": "==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_Field = tuple[str, ...]


def suggestion(rules: CompiledRules, request: Request, read: Read, denied: Part | None) -> Suggestion | None:
    """The fewest filters that make a denied query allowed, if the rules show any that do."""
    if not isinstance(request.operation, List) or denied is None or not denied.is_query:
        return None
    query = request.operation.query
    known = _conjunction(query.where)
    if known is None:
        return None
    # A field that must equal something else is another query, not a better one.
    fixed = {each.field for each in known if each.operator == "=="}
    found = (each for each in _candidates(denied) if each.field not in fixed)
    different = {(each.field, each.operator, repr(each.value)): each for each in found}
    candidates = list(different.values())[:_CANDIDATES_MAX]
    sizes = range(1, min(_FILTERS_MAX, len(candidates)) + 1)
    for filters in chain.from_iterable(combinations(candidates, size) for size in sizes):
        proposed = _proposal(known, filters)
        where = Both(filters=(*(each for each in known if each not in proposed.replaced), *filters))
        if decide(rules, replace(request, operation=List(query=replace(query, where=where))), read).allowed:
            return proposed
    return None


def _conjunction(where: Where | None) -> tuple[Filter, ...] | None:
    """The filters that all hold; None if there are alternatives among them."""
    filters = () if where is None else (where,) if isinstance(where, Filter) else where.filters
    plain = tuple(each for each in filters if isinstance(each, Filter))
    return None if isinstance(where, Either) or len(plain) < len(filters) else plain


def _proposal(known: tuple[Filter, ...], filters: tuple[Filter, ...]) -> Suggestion:
    fields = {each.field for each in filters if each.operator in ("==", "in")}
    return Suggestion(filters, tuple(each for each in known if each.field in fields))


def _candidates(part: Part) -> Iterator[Filter]:
    for allow in part.allows:
        if allow.trace is not None:
            for step in allow.trace.walk():
                yield from _from_step(step)


def _from_step(step: Step) -> Iterator[Filter]:
    node = step.node
    if not isinstance(node, ast.Binary) or len(step.children) < 2:
        return
    left, right = step.children[:2]
    for field_side, value_side, operators in ((left, right, _DIRECT), (right, left, _MIRRORED)):
        field = _field(field_side)
        if field and node.operator in operators and _is_plain(value_side.outcome):
            yield Filter(field=".".join(field), operator=operators[node.operator], value=value_side.outcome)
    field = _field(left)
    if field and node.operator == "in" and isinstance(right.outcome, list) and right.outcome:
        yield Filter(field=".".join(field), operator="in", value=right.outcome)
    field = _field(right)
    if field and node.operator == "in" and _is_plain(left.outcome):
        yield Filter(field=".".join(field), operator="array-contains", value=left.outcome)


def _field(step: Step) -> _Field:
    """The field of the document that a step reads; empty if it reads none."""
    node = step.node
    if isinstance(node, ast.Member) and step.children:
        if _is_data(step):
            return ()
        above = step.children[0]
        return (node.name.text,) if _is_data(above) else _below(_field(above), node.name.text)
    if isinstance(node, ast.MethodCall) and node.method.text == "get" and step.children:
        name = step.children[1].outcome if len(step.children) > 1 else None
        above = step.children[0]
        if isinstance(name, str):
            return (name,) if _is_data(above) else _below(_field(above), name)
    return ()


def _below(above: _Field, name: str) -> _Field:
    return (*above, name) if above else ()


def _is_data(step: Step) -> bool:
    """Whether a step is the document's data: written so, or handed to a function as an argument."""
    node = step.node
    if isinstance(node, ast.Member) and node.name.text == "data" and isinstance(node.receiver, ast.Variable):
        return node.receiver.name == "resource"
    return (
        isinstance(node, ast.Variable) and isinstance(step.outcome, dict) and node.name not in ("request", "resource")
    )


def _is_plain(value: Value) -> bool:
    return value is not None and not isinstance(value, EvalError | Constraint | dict)

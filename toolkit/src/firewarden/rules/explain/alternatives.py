"""The alternatives of a query, which must be allowed one by one, as a person reads them."""

from __future__ import annotations

from firewarden.rules.constraint import CONTAINS, PRESENT, Promise
from firewarden.rules.disjuncts import Disjunct, disjuncts
from firewarden.rules.notation import written
from firewarden.rules.requests import List, Request


def alternatives(request: Request) -> list[str]:
    """What each alternative promises, in the order in which they are decided; empty if there is but one."""
    if not isinstance(request.operation, List):
        return []
    found = disjuncts(request.operation.query.where)
    return [_written(each) for each in found] if len(found) > 1 else []


def _written(disjunct: Disjunct) -> str:
    fields = sorted(disjunct.fields.items())
    return " and ".join(f"{'.'.join(field)} {_promise(each)}" for field, promises in fields for each in promises)


def _promise(promise: Promise) -> str:
    if promise.operator == PRESENT:  # nothing follows from such a filter, but it was given
        operator, value = promise.value
        return f"{operator} {written(value)}"
    return f"{'array-contains' if promise.operator == CONTAINS else promise.operator} {written(promise.value)}"

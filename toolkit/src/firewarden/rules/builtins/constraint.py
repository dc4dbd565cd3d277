"""The one method that a field has while a list request is judged."""

from __future__ import annotations

from firewarden.rules import proofs
from firewarden.rules.builtins.registry import Library
from firewarden.rules.constraint import Constraint
from firewarden.rules.kinds import Value, type_name
from firewarden.rules.outcomes import Refusal

METHODS = Library()


@METHODS.overload("constraint.hasAny(any)", told_as="list.hasAny(list)")
def _has_any(receiver: Constraint, elements: Value) -> bool:
    if type(elements) is not list:
        received = f"constraint.hasAny({type_name(elements)})"
        # Official, though what is asked for is a list's method.
        raise Refusal(f"Unsupported operation error. Received: {received}. Expected: list.hasAny(list).")
    return proofs.has_any(receiver, elements)

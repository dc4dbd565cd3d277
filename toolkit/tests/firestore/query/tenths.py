"""A thousand documents whose fields count in tens, and conditions on them."""

from __future__ import annotations

from firewarden.firestore.query.model import (
    Filter,
    Operator,
    Order,
)

A, B, C = (Order((name,)) for name in "abc")
EVERY_TENTH = {f"c/{n:04d}": {"a": n % 10, "b": n % 7, "c": n, "tags": [n % 3, n % 5]} for n in range(1_000)}


def equal(field: str, value: object) -> Filter:
    return Filter((field,), Operator.EQUAL, value)


def over(field: str, value: object) -> Filter:
    return Filter((field,), Operator.GREATER_THAN, value)

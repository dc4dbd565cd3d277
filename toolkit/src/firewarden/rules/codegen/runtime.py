"""What generated code calls, and what it raises when the closures have to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from firewarden.rules.access import is_in, item, part
from firewarden.rules.arithmetic import BINARY, Operation, invert, negate
from firewarden.rules.builtins import Dispatch
from firewarden.rules.constraint import Constraint
from firewarden.rules.equality import equal
from firewarden.rules.kinds import Duration, Value
from firewarden.rules.memory import within_memory
from firewarden.rules.ordering import order
from firewarden.rules.outcomes import EvalError, LimitReached, Refusal, RequestCrashed
from firewarden.rules.proofs import compare
from firewarden.values import Path, Timestamp


class Surprise(Exception):  # noqa: N818 - no error: only not what the generated code is made for
    """An operand that generated code does not handle."""


SURPRISES: Final = (Surprise, KeyError, TypeError, AttributeError, Refusal, LimitReached, RequestCrashed)
"""Everything that makes generated code give up: a missing field, a wrong type, a limit."""


DIRECT = frozenset({str, int, bool, float, bytes, type(None), Timestamp, Duration})
"""Types whose values Python tells apart as the language does."""

ORDERED = frozenset({int, float, Timestamp, Duration})
"""Types whose values Python orders as the language does."""


def _limited(operation: Operation) -> Operation:
    return lambda left, right: within_memory(operation(left, right))


ARITHMETIC: Mapping[str, Dispatch] = {
    symbol: {kinds: _limited(each) if kinds == (str, str) else each for kinds, each in table.items()}
    for symbol, table in BINARY.items()
}
"""The operators by the types of both sides; texts are all that can grow too large."""


def surprise() -> NoReturn:
    """Give up."""
    raise Surprise


def here(value: Value) -> Value:
    """The value, unless it is not known."""
    if type(value) is EvalError:
        raise Surprise
    return value


def there(data: Value) -> Value:
    """The fields of a document that exists."""
    if data is None:
        raise Surprise
    return data


def equality(symbol: str, left: Value, right: Value) -> bool:
    """`==` and `!=` of values of any type."""
    if type(left) is Constraint or type(right) is Constraint:
        return _proved(symbol, left, right)
    return equal(left, right) is (symbol == "==")


def ordering(symbol: str, left: Value, right: Value) -> bool:
    """`<`, `<=`, `>` and `>=` of values of any type."""
    if type(left) is Constraint or type(right) is Constraint:
        return _proved(symbol, left, right)
    return order(symbol, left, right)


def membership(element: Value, collection: Value) -> bool:
    """`element in collection`, for collections of any type."""
    if type(collection) is EvalError:
        raise Surprise
    return here(is_in(element, collection)) is True


def _proved(symbol: str, left: Value, right: Value) -> bool:
    if compare(symbol, left, right) is not True:
        raise Surprise  # unknown: whether that matters is for the closures to say
    return True


NAMES: Mapping[str, Any] = {
    each.__name__: each
    for each in (
        *(surprise, here, there, equality, ordering, membership),
        *(invert, negate, item, part, within_memory),
        *(Path, Timestamp, Duration),
    )
} | {"DIRECT": DIRECT, "ORDERED": ORDERED, "SURPRISE": Surprise}

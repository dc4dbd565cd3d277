"""Overloads applied to operands: which of them what is wanted leaves, and what these want of each operand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from firewarden.language import ast
from firewarden.language.checks import positions
from firewarden.language.checks.findings import warning
from firewarden.language.checks.place import Expected, Place
from firewarden.language.checks.signatures import Overload, Types

Overloads = tuple[Overload, ...]


def apply(
    overloads: Overloads, operands: Sequence[ast.Expression], wanted: Expected, place: Place, whole: ast.Expression
) -> Expected:
    """Check operands against the overloads whose result is wanted, each for itself."""
    fit = _fit(overloads, wanted)
    for operand, accepted in zip(operands, fit.operands, strict=True):
        place.infer(operand, accepted)
    return fit.result if fit.is_wanted else known(fit.result, wanted, place, whole)


def apply_after_dot(
    overloads: Overloads,
    receiver: ast.Expression,
    others: Sequence[ast.Expression | None],
    wanted: Expected,
    place: Place,
    whole: ast.Expression,
) -> Expected:
    """Do the same where the first operand stands before a dot or bracket; None is a bound left out."""
    fit = _fit(overloads, wanted)
    for operand, accepted in zip(others, fit.operands[1:], strict=True):
        if operand is not None:
            place.infer(operand, accepted)
    place.wait(receiver, fit.operands[0])
    return fit.result if fit.is_wanted else known(fit.result, wanted, place, whole)


def known(types: Expected, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """Report `types` where none of them is wanted."""
    if types is not None and wanted is not None and not _overlap(types, wanted):
        text = f"Invalid type. Received one of [{', '.join(types)}]. Expected one of [{', '.join(wanted)}]."
        message = f"This is {either(types)}, but {either(wanted)} is needed here"
        place.say(warning("type", positions.of(whole), text, message))
    return types


def either(types: Types) -> str:
    """Say the types in words."""
    return types[0] if len(types) == 1 else f"{', '.join(types[:-1])} or {types[-1]}"


class _Fit(NamedTuple):
    """What a place leaves of overloads, taken together."""

    operands: Sequence[Expected]
    """What each operand may be; anything if no overload fits, which is the one thing to report then."""
    result: Expected
    is_wanted: bool


@cache  # of operators and functions by what places want, which are few of each
def _fit(overloads: Overloads, wanted: Expected) -> _Fit:
    usable = [each for each in overloads if each.result is None or wanted is None or _overlap(each.result, wanted)]
    if not usable:
        return _Fit([None] * len(overloads[0].operands), _union(each.result for each in overloads), is_wanted=False)
    operands = zip(*(each.operands for each in usable), strict=True)
    return _Fit([_union(each) for each in operands], _union(each.result for each in usable), is_wanted=True)


def _overlap(types: Types, wanted: Types) -> bool:
    return not set(types).isdisjoint(wanted)


def _union(alternatives: Iterable[Expected]) -> Expected:
    found: dict[str, None] = {}
    for types in alternatives:
        if types is None:
            return None
        found |= dict.fromkeys(types)
    return tuple(found)

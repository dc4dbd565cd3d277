"""Overloads applied to operands: which of them what is wanted leaves, and what these want of each operand."""

from __future__ import annotations

from collections.abc import Sequence

from firewarden.language import ast
from firewarden.language.checks import positions
from firewarden.language.checks.findings import warning
from firewarden.language.checks.place import Expected, Link, Place
from firewarden.language.checks.signatures import Overload, Types


def apply(
    overloads: Sequence[Overload],
    operands: Sequence[ast.Expression | None],
    wanted: Expected,
    place: Place,
    at: ast.Span,
) -> Expected:
    """Check operands against the overloads whose result is wanted, each for itself; None is a bound left out."""
    usable = _usable(overloads, wanted)
    for number, operand in enumerate(operands):
        if operand is not None:
            place.infer(operand, _operand(usable, number))
    return _result(overloads, usable, wanted, place, at)


def apply_after_dot(
    overloads: Sequence[Overload],
    operands: Sequence[ast.Expression | None],
    wanted: Expected,
    place: Place,
    at: ast.Span,
) -> Expected:
    """Do the same where the first operand stands before a dot or bracket."""
    usable = _usable(overloads, wanted)
    for number, operand in enumerate(operands[1:], 1):
        if operand is not None:
            place.infer(operand, _operand(usable, number))
    wait(operands[0], _operand(usable, 0), place)
    return _result(overloads, usable, wanted, place, at)


def wait(receiver: ast.Expression | None, wanted: Expected, place: Place) -> None:
    """Leave what stands before a dot or bracket for `place` to look at."""
    if receiver is not None:
        inner = positions.unwrapped(receiver)
        place.receiver = Link(inner, wanted, positions.of(inner))


def known(types: Expected, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    """Report `types` where none of them is wanted."""
    if types is not None and wanted is not None and not set(types) & set(wanted):
        text = f"Invalid type. Received one of [{', '.join(types)}]. Expected one of [{', '.join(wanted)}]."
        place.say(warning("type", at, text, f"This is {either(types)}, but {either(wanted)} is needed here"))
    return types


def either(types: Types) -> str:
    """Say the types in words."""
    return types[0] if len(types) == 1 else f"{', '.join(types[:-1])} or {types[-1]}"


def _usable(overloads: Sequence[Overload], wanted: Expected) -> list[Overload]:
    return [each for each in overloads if each.result is None or wanted is None or set(each.result) & set(wanted)]


def _operand(usable: Sequence[Overload], number: int) -> Expected:
    """What the operand may be; anything if no overload fits, which is the one thing to report then."""
    return _union([each.operands[number] for each in usable]) if usable else None


def _result(
    overloads: Sequence[Overload], usable: Sequence[Overload], wanted: Expected, place: Place, at: ast.Span
) -> Expected:
    if usable:
        return _union([each.result for each in usable])
    return known(_union([each.result for each in overloads]), wanted, place, at)


def _union(alternatives: Sequence[Expected]) -> Expected:
    found: dict[str, None] = {}
    for types in alternatives:
        if types is None:
            return None
        found |= dict.fromkeys(types)
    return tuple(found)

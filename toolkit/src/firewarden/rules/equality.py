"""The three equalities of the language.

    ==          numbers by value, everything else as `identical`; types never mixed otherwise
    identical   what holds inside lists and maps: 1 is not 1.0, 0.0 is not -0.0, NaN is nothing
    set_key     what sets and diff() go by: 1 is 1.0, 0.0 is -0.0, NaN is NaN, at every depth

A point is told from another by the signs of its zeros too, everywhere.

`in` and the list methods compare elements with `==`, except that 1 is not 1.0 there.
All of this is measured, as the tests of operators and builtins record it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping

from firewarden.rules.constraint import Constraint
from firewarden.rules.kinds import Duration, MapDiff, RuleSet, Value
from firewarden.rules.outcomes import Refusal
from firewarden.values import LatLng, Path, Vector


def equal(left: Value, right: Value) -> bool:
    """`left == right` for two values that are neither errors nor constraints."""
    kind = type(left)
    if kind is not type(right):
        return kind in _NUMBERS and type(right) in _NUMBERS and _numerically(left, right)
    if kind in _COMPOUND:
        return identical(left, right)
    if kind is MapDiff:
        return False  # not even to itself
    if kind is Path:
        return bool(left.unbound is None and left.segments == right.segments)
    if kind is RuleSet:
        return bool(left.elements.keys() == right.elements.keys())
    return bool(left == right)


def _numerically(left: float, right: float) -> bool:
    return float(left) == float(right)


def same_element(left: Value, right: Value) -> bool:
    """Whether a list that holds `right` holds `left`."""
    kind = type(left)
    if kind is not type(right) or kind is Constraint:
        return False  # a constraint is not even among itself, though a list of it equals itself
    return equal(left, right)


def identical(left: Value, right: Value) -> bool:
    """Equality inside lists and maps."""
    kind = type(left)
    if kind is not type(right):
        return False
    compare = _IDENTICAL.get(kind)
    return compare(left, right) if compare else bool(left == right)


def set_key(value: Value) -> Hashable:
    """Equal keys mean equal elements of a set."""
    keyed = _KEYS.get(type(value))
    return keyed(value) if keyed else (type(value), value)


def strict_key(value: Value) -> Hashable:
    """Equal keys mean values that a query does not tell apart: 1 is not 1.0, 0.0 is -0.0, NaN is NaN."""
    if isinstance(value, list):
        return list, tuple(map(strict_key, value))
    if isinstance(value, dict):
        return dict, frozenset((key, strict_key(each)) for key, each in value.items())
    if isinstance(value, float) and math.isnan(value):
        return float, "NaN"
    return type(value), value


def _identical_lists(left: list[Value], right: list[Value]) -> bool:
    return len(left) == len(right) and all(map(identical, left, right))


def _identical_vectors(left: Vector, right: Vector) -> bool:
    return len(left.values) == len(right.values) and all(map(_identical_floats, left.values, right.values))


def _identical_maps(left: dict[str, Value], right: dict[str, Value]) -> bool:
    return left.keys() == right.keys() and all(identical(value, right[key]) for key, value in left.items())


def _identical_floats(left: float, right: float) -> bool:
    return left == right and math.copysign(1.0, left) == math.copysign(1.0, right)


def _identical_points(left: LatLng, right: LatLng) -> bool:
    return all(map(_identical_floats, left, right))


def _identical_sets(left: RuleSet, right: RuleSet) -> bool:
    return left.elements.keys() == right.elements.keys()


def _identical_diffs(left: MapDiff, right: MapDiff) -> bool:
    return dict(left.states()) == dict(right.states())


def _identical_constraints(left: Constraint, right: Constraint) -> bool:
    return len(left.promises) == len(right.promises) and all(
        one.operator == other.operator and identical(one.value, other.value)
        for one, other in zip(left.promises, right.promises, strict=True)
    )


def _refuse_constraint(_: Constraint) -> Hashable:
    raise Refusal("Equality is not defined for type CONSTRAINT_VALUE")


_NUMBERS = frozenset({int, float})
_COMPOUND = frozenset({list, dict, Vector, LatLng})
_IDENTICAL: Mapping[type, Callable[[Value, Value], bool]] = {
    float: _identical_floats,
    list: _identical_lists,
    dict: _identical_maps,
    Vector: _identical_vectors,
    LatLng: _identical_points,
    RuleSet: _identical_sets,
    MapDiff: _identical_diffs,
    Constraint: _identical_constraints,
}
_KEYS: Mapping[type, Callable[[Value], Hashable]] = {
    # Numbers share a kind, so that 1 and 1.0 meet; other kinds keep theirs, so that True and 1 do not.
    int: lambda value: (float, value),
    float: lambda value: (float, "NaN" if math.isnan(value) else value),
    list: lambda value: (list, tuple(map(set_key, value))),
    dict: lambda value: (dict, frozenset((key, set_key(each)) for key, each in value.items())),
    RuleSet: lambda value: (RuleSet, frozenset(value.elements)),
    MapDiff: lambda value: (MapDiff, frozenset(value.states())),
    Duration: lambda value: (Duration, value.nanos),
    LatLng: lambda value: (LatLng, value, tuple(math.copysign(1.0, each) for each in value)),
    Vector: lambda value: (Vector, tuple(map(set_key, value.values))),
    Constraint: _refuse_constraint,
}


def make_set(elements: list[Value]) -> RuleSet:
    """The set of the elements; of equal ones the first stays."""
    kept: dict[Hashable, Value] = {}
    for each in elements:
        kept.setdefault(set_key(each), each)
    return RuleSet(kept)

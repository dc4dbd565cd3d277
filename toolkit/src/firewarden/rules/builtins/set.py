"""Methods of sets. Elements are told apart by `equality.set_key`: 1 is 1.0."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from firewarden.rules.builtins.registry import Library
from firewarden.rules.equality import make_set, set_key
from firewarden.rules.kinds import RuleSet, Value

METHODS = Library()


@METHODS.overload("set.size()")
def _size(receiver: RuleSet) -> int:
    return len(receiver.elements)


@METHODS.overload("set.union(set)")
def _union(receiver: RuleSet, other: RuleSet) -> RuleSet:
    return RuleSet({**other.elements, **receiver.elements})


@METHODS.overload("set.intersection(set)")
def _intersection(receiver: RuleSet, other: RuleSet) -> RuleSet:
    return _filtered(receiver, lambda key: key in other.elements)


@METHODS.overload("set.difference(set)")
def _difference(receiver: RuleSet, other: RuleSet) -> RuleSet:
    return _filtered(receiver, lambda key: key not in other.elements)


@METHODS.overload("set.hasAll(set)", "set.hasAll(list)")
def _has_all(receiver: RuleSet, other: RuleSet | list[Value]) -> bool:
    return all(key in receiver.elements for key in _keys(other))


@METHODS.overload("set.hasAny(set)", "set.hasAny(list)")
def _has_any(receiver: RuleSet, other: RuleSet | list[Value]) -> bool:
    return any(key in receiver.elements for key in _keys(other))


@METHODS.overload("set.hasOnly(set)", "set.hasOnly(list)")
def _has_only(receiver: RuleSet, other: RuleSet | list[Value]) -> bool:
    allowed = frozenset(_keys(other))
    return all(key in allowed for key in receiver.elements)


def _keys(other: RuleSet | list[Value]) -> Iterable[Hashable]:
    return other.elements if isinstance(other, RuleSet) else map(set_key, other)


def _filtered(receiver: RuleSet, keep: Callable[[Hashable], bool]) -> RuleSet:
    return RuleSet({key: value for key, value in receiver.elements.items() if keep(key)})


def strings(keys: Iterable[str]) -> RuleSet:
    """The set of these strings."""
    return make_set(list(keys))

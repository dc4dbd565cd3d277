"""Methods of lists. Elements are compared as `in` does: 1 is not 1.0."""

from __future__ import annotations

from firewarden.rules.builtins.convert import to_string
from firewarden.rules.builtins.registry import Library
from firewarden.rules.equality import make_set, same_element
from firewarden.rules.kinds import RuleSet, Value
from firewarden.rules.utf16 import join

METHODS = Library()

_STRING = frozenset({str})


@METHODS.overload("list.size()")
def _size(elements: list[Value]) -> int:
    return len(elements)


@METHODS.overload("list.concat(list)")
def _concat(elements: list[Value], others: list[Value]) -> list[Value]:
    return elements + others


@METHODS.overload("list.hasAll(list)")
def _has_all(elements: list[Value], others: list[Value]) -> bool:
    return _only(others, elements)


@METHODS.overload("list.hasAny(list)")
def _has_any(elements: list[Value], others: list[Value]) -> bool:
    return any(_holds(elements, each) for each in others)


@METHODS.overload("list.hasOnly(list)")
def _has_only(elements: list[Value], others: list[Value]) -> bool:
    return _only(elements, others)


@METHODS.overload("list.removeAll(list)")
def _remove_all(elements: list[Value], others: list[Value]) -> list[Value]:
    return [each for each in elements if not _holds(others, each)]


@METHODS.overload("list.join(string)")
def _join(elements: list[Value], separator: str) -> str:
    texts = [to_string(each) for each in elements]
    return join(separator.join(texts))


@METHODS.overload("list.toSet()")
def _to_set(elements: list[Value]) -> RuleSet:
    return make_set(elements)


def _holds(elements: list[Value], element: Value) -> bool:
    return any(same_element(element, each) for each in elements)


def _only(elements: list[Value], others: list[Value]) -> bool:
    """Whether each of the elements is among the others; lists of strings, such as keys(), take the short way."""
    if _STRING.issuperset(map(type, elements)) and _STRING.issuperset(map(type, others)):
        return set(others).issuperset(elements)
    return all(_holds(others, each) for each in elements)

"""Methods of maps and of the difference of two maps. keys() come in the order of their code points."""

from __future__ import annotations

from collections.abc import Callable

from firewarden.rules.builtins.registry import Library
from firewarden.rules.builtins.set import strings
from firewarden.rules.equality import set_key
from firewarden.rules.kinds import MapDiff, RuleSet, Value, wrong_type
from firewarden.rules.outcomes import Refusal

METHODS = Library()


@METHODS.overload("map.size()")
def _size(receiver: dict[str, Value]) -> int:
    return len(receiver)


@METHODS.overload("map.keys()")
def _keys(receiver: dict[str, Value]) -> list[Value]:
    return sorted(receiver)


@METHODS.overload("map.values()")
def _values(receiver: dict[str, Value]) -> list[Value]:
    return list(receiver.values())


@METHODS.overload("map.get(string, any)")
def _get(receiver: dict[str, Value], key: str, default: Value) -> Value:
    return receiver.get(key, default)


@METHODS.overload("map.get(list, any)")
def _get_nested(receiver: dict[str, Value], keys: list[Value], default: Value) -> Value:
    for key in keys:
        if type(key) is not str:
            raise Refusal(wrong_type(key, "string"))
    found: Value = receiver
    for key in keys:
        if type(found) is not dict or key not in found:
            return default
        found = found[key]
    return found


@METHODS.overload("map.diff(map)")
def _diff(after: dict[str, Value], before: dict[str, Value]) -> MapDiff:
    changed = [key for key, value in after.items() if key in before and not _same(value, before[key])]
    return MapDiff(
        added=tuple(key for key in after if key not in before),
        removed=tuple(key for key in before if key not in after),
        changed=tuple(changed),
        unchanged=tuple(key for key in after if key in before and key not in set(changed)),
    )


def _same(after: Value, before: Value) -> bool:
    if type(after) is str and type(before) is str:
        return after == before
    return set_key(after) == set_key(before)


def _set_of(read: Callable[[MapDiff], tuple[str, ...]]) -> Callable[[MapDiff], RuleSet]:
    return lambda receiver: strings(read(receiver))


METHODS.overload("map_diff.addedKeys()")(_set_of(lambda diff: diff.added))
METHODS.overload("map_diff.removedKeys()")(_set_of(lambda diff: diff.removed))
METHODS.overload("map_diff.changedKeys()")(_set_of(lambda diff: diff.changed))
METHODS.overload("map_diff.unchangedKeys()")(_set_of(lambda diff: diff.unchanged))
METHODS.overload("map_diff.affectedKeys()")(_set_of(lambda diff: diff.added + diff.removed + diff.changed))

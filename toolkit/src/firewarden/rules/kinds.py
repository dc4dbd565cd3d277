"""The values rules work with, and the names the language has for their types.

Python's own types stand for themselves; time, places and paths come from `firewarden.values`; what exists only
during evaluation is defined here. A list or dict is never changed once an expression has made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, NamedTuple

from firewarden.rules.constraint import Constraint
from firewarden.values import LatLng, Path, Timestamp, Vector

# What evaluation passes around: any of TYPE_NAMES' types or an EvalError. A union of them all would have to be
# narrowed at each of the tables below, which already prove the types by dispatching on them.
Value = Any


class Duration(NamedTuple):
    """A signed span of time in nanoseconds."""

    nanos: int


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """A set: the first of equal elements, by the key they are looked up with. See `equality.set_key`."""

    elements: Mapping[Any, Value]


@dataclass(frozen=True, slots=True, eq=False)
class MapDiff:
    """`after.diff(before)`: the keys of both maps by what became of them."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]

    def states(self) -> Iterable[tuple[str, str]]:
        """Each key with what became of it."""
        for state in ("added", "removed", "changed", "unchanged"):
            yield from ((key, state) for key in getattr(self, state))


TYPE_NAMES: Mapping[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "string",
    bytes: "bytes",
    NoneType: "null",
    list: "list",
    dict: "map",
    RuleSet: "set",
    MapDiff: "map_diff",
    Timestamp: "timestamp",
    Duration: "duration",
    LatLng: "latlng",
    Path: "path",
    Vector: "vector",
    Constraint: "constraint",
}

# `x is T`. Nothing is a `set`, not even a set: measured. `null is T` is false for every T.
IS_TYPES: Mapping[str, tuple[type, ...]] = {
    "bool": (bool,),
    "bytes": (bytes,),
    "constraint": (Constraint,),
    "duration": (Duration,),
    "float": (float,),
    "int": (int,),
    "latlng": (LatLng,),
    "list": (list,),
    "map": (dict,),
    "map_diff": (MapDiff,),
    "number": (int, float),
    "path": (Path,),
    "set": (),
    "string": (str,),
    "timestamp": (Timestamp,),
    "vector": (Vector,),
}


def type_name(value: Value) -> str:
    """The name messages use for the value's type; an error kept inside a map has none."""
    return TYPE_NAMES.get(type(value), "undefined")


def wrong_type(received: Value, *expected: str) -> str:
    """The text for a value of a type that cannot stand here."""
    return f"Type error. Received: [{type_name(received)}] Expected: [{','.join(expected)}]."

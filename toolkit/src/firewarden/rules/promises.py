"""`resource` while a query is judged: a document made of nothing but what the filters promise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from firewarden.rules.constraint import EQUAL, Constraint, Promise
from firewarden.rules.disjuncts import NAME, Disjunct
from firewarden.rules.fields import with_field
from firewarden.rules.javahash import map_order, object_hash, string_hash
from firewarden.rules.kinds import Value


def promised_resource(disjunct: Disjunct) -> dict[str, Value]:
    """A resource of the filtered fields; it has no id, and a name only if that is filtered."""
    data: dict[str, Any] = {}
    made: dict[str, Value] = {}
    for path in _ordered(tuple(disjunct.fields)):
        value = _value(disjunct.fields[path])
        if path == (NAME,):
            made[NAME] = value
        elif len(path) == 1:
            data[path[0]] = value
        else:
            data = with_field(data, path, value)
    return {"data": data, **made}


@lru_cache(maxsize=4096)  # by the fields that a query filters: an application has few queries
def _ordered(paths: tuple[tuple[str, ...], ...]) -> Sequence[tuple[str, ...]]:
    """The fields in the official engine's order: `values()` shows it, and of overlapping ones the last stands."""
    return paths if len(paths) < 2 else map_order({path: _path_hash(path) for path in paths})


def _path_hash(path: tuple[str, ...]) -> int:
    """A name hashed with the path above it, which is nothing at the top."""
    code = 0
    for name in path:
        code = object_hash(string_hash(name), code)
    return code


def _value(promises: tuple[Promise, ...]) -> Value:
    """A field that is known to equal something is that value, all else is a constraint."""
    if len(promises) == 1 and promises[0].operator == EQUAL:
        return promises[0].value
    return Constraint(promises)

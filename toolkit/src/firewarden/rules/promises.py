"""`resource` while a query is judged: a document made of nothing but what the filters promise."""

from __future__ import annotations

from typing import Any

from firewarden.rules.constraint import EQUAL, Constraint, Promise
from firewarden.rules.disjuncts import NAME, Disjunct
from firewarden.rules.fields import with_field
from firewarden.rules.kinds import Value


def promised_resource(disjunct: Disjunct) -> dict[str, Value]:
    """A resource of the filtered fields; it has no id, and a name only if that is filtered."""
    data: dict[str, Any] = {}
    made: dict[str, Value] = {}
    # Of overlapping fields the deeper one stands, and turns what is above it into a map.
    for path, promises in sorted(disjunct.fields.items(), key=lambda each: len(each[0])):
        if path == (NAME,):
            made[NAME] = _value(promises)
        elif len(path) == 1:
            data[path[0]] = _value(promises)  # the shallow ones come first, nothing is below them yet
        else:
            data = with_field(data, path, _value(promises))
    return {"data": data, **made}


def _value(promises: tuple[Promise, ...]) -> Value:
    """A field that is known to equal something is that value, all else is a constraint."""
    if len(promises) == 1 and promises[0].operator == EQUAL:
        return promises[0].value
    return Constraint(promises)

"""The part of a document that a query selects, cut from the stored bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from firewarden.firestore.field_paths import FieldPath
from firewarden.firestore.query.model import NAME
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.values import VECTOR_KEY


def projected(data: bytes, select: Sequence[FieldPath]) -> bytes:
    """The fields at the paths; what is not there is left out, `__name__` is no field."""
    wanted = [path for path in select if path != NAME]
    if not wanted:
        return b""
    document, result = protos.Document.FromString(data), protos.Document()
    for path in wanted:
        _copy(document.fields, path, result.fields)
    selected: bytes = result.SerializeToString(deterministic=True)
    return selected


def _copy(source: Any, path: FieldPath, target: Any) -> None:
    """Maps on the way to a field that is not there are not made."""
    first, *rest = path
    if first not in source:
        return
    if not rest:
        target[first].CopyFrom(source[first])
        return
    if source[first].WhichOneof("value_type") == "map_value" and _holds(source[first], rest):
        _copy(source[first].map_value.fields, tuple(rest), target[first].map_value.fields)


def _holds(value: Any, path: Sequence[str]) -> bool:
    for segment in path:
        fields = value.map_value.fields
        if segment not in fields or VECTOR_KEY in fields:
            return False
        value = fields[segment]
    return True

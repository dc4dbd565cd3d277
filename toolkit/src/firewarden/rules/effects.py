"""What a commit leaves behind: each document after its writes, and the writes of one document made into one.

Pure: the stored document and the time are given. Whether a precondition holds is not asked here, since rules
decide before that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from firewarden.rules.environment import Document
from firewarden.rules.equality import set_key
from firewarden.rules.fields import delete_field, field_segments, read_field, with_field
from firewarden.rules.javanumbers import INT_MAX, INT_MIN
from firewarden.rules.requests import DocumentPath, Transform, Write
from firewarden.values import Timestamp


def squashed(writes: Sequence[Write], time: Timestamp) -> dict[DocumentPath, Write]:
    """One write for each document, in the order in which documents first occur.

    The engine judges a document once: a set and a merge are one set of the final data, whatever ends in a delete
    is a delete, and what follows a delete is a set of a document that may exist.
    """
    merged: dict[DocumentPath, Write] = {}
    for write in writes:
        earlier = merged.get(write.path)
        merged[write.path] = write if earlier is None else _together(earlier, write, time)
    return merged


def after(write: Write, before: Document | None, time: Timestamp) -> dict[str, Any] | None:
    """The document that the write leaves, or None. A write that only verifies leaves what there is: ask nobody."""
    if write.data is None:
        return None
    if write.mask is None:
        data = dict(write.data)
    else:
        data = dict(before or {})
        for field in write.mask:
            data = _masked(data, write.data, field_segments(field))
    for transform in write.transforms:
        data = _transformed(data, transform, time)
    return data


def depends_on_stored(write: Write) -> bool:
    """Whether the result can be told only from the stored document."""
    return write.data is not None and (write.mask is not None or bool(write.transforms))


def _together(earlier: Write, later: Write, time: Timestamp) -> Write:
    if later.data is None:
        return replace(later, exists=None, update_time=None)
    if earlier.data is None:
        data = after(replace(later, transforms=()), None, time)
        return replace(later, data=data, mask=None, exists=earlier.exists, update_time=None)
    kept = tuple(_Overwritten.of(each) if _overwrites(later, each) else each for each in earlier.transforms)
    overlaid, mask = _overlaid(earlier, later)
    return replace(earlier, data=overlaid, mask=mask, transforms=kept + later.transforms)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overwritten(Transform):
    """A transform whose field a later write of the commit sets: without effect, but rules still see it listed."""

    @classmethod
    def of(cls, transform: Transform) -> _Overwritten:
        return cls(field=transform.field, kind=transform.kind)


def _overwrites(later: Write, transform: Transform) -> bool:
    if later.mask is None:
        return True
    path = field_segments(transform.field)
    masked = map(field_segments, later.mask)
    return any(path[: len(each)] == each[: len(path)] for each in masked)


def _overlaid(earlier: Write, later: Write) -> tuple[dict[str, Any], tuple[str, ...] | None]:
    """Two merges as one: the later one's fields over the earlier one's."""
    if later.mask is None:
        return dict(later.data or {}), None
    data = dict(earlier.data or {})
    for field in later.mask:
        data = _masked(data, later.data or {}, field_segments(field))
    if earlier.mask is None:
        return data, None
    return data, tuple(dict.fromkeys(earlier.mask + later.mask))


def _masked(data: dict[str, Any], given: Document, path: tuple[str, ...]) -> dict[str, Any]:
    found, value = read_field(given, path)
    return with_field(data, path, value) if found else delete_field(data, path)


def _transformed(data: dict[str, Any], transform: Transform, time: Timestamp) -> dict[str, Any]:
    if isinstance(transform, _Overwritten):
        return data
    path = field_segments(transform.field)
    _, before = read_field(data, path)
    return with_field(data, path, _TRANSFORMS[transform.kind](before, transform.operand, time))


def _increment(before: Any, operand: Any, _: Timestamp) -> Any:
    if not _is_number(before):
        return operand
    total = before + operand
    return max(INT_MIN, min(INT_MAX, total)) if isinstance(total, int) else total


def _maximum(before: Any, operand: Any, _: Timestamp) -> Any:
    return before if _is_number(before) and before >= operand else operand


def _minimum(before: Any, operand: Any, _: Timestamp) -> Any:
    return before if _is_number(before) and before <= operand else operand


def _array_union(before: Any, operand: Any, _: Timestamp) -> Any:
    kept = {set_key(each): each for each in reversed(before)} if isinstance(before, list) else {}
    result = list(before) if isinstance(before, list) else []
    for each in operand:
        if set_key(each) not in kept:
            kept[set_key(each)] = each
            result.append(each)
    return result


def _array_remove(before: Any, operand: Any, _: Timestamp) -> Any:
    gone = set(map(set_key, operand))
    return [each for each in before if set_key(each) not in gone] if isinstance(before, list) else []


def _server_time(_before: Any, _operand: Any, time: Timestamp) -> Any:
    return time


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TRANSFORMS: Mapping[str, Callable[[Any, Any, Timestamp], Any]] = {
    "server_time": _server_time,
    "increment": _increment,
    "maximum": _maximum,
    "minimum": _minimum,
    "array_union": _array_union,
    "array_remove": _array_remove,
}

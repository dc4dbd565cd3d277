"""What a write makes of a document. Whether it may, and whether its precondition holds, is asked elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.field_paths import MISSING, FieldPath, get_field, with_field, without_field
from firewarden.firestore.transforms import Transform, transformed
from firewarden.values import Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write of a commit.

    `fields` is the whole new document, or with a `mask` what the masked fields get; None deletes the document.
    `verify` only checks the precondition, which is `exists`, `update_time`, or none.
    """

    path: DocumentPath
    fields: Mapping[str, Any] | None = None
    mask: tuple[FieldPath, ...] | None = None
    transforms: tuple[Transform, ...] = ()
    exists: bool | None = None
    update_time: Timestamp | None = None
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """The fields after a write, None if the document is gone, and the result of each transform."""

    after: Mapping[str, Any] | None
    transform_results: tuple[Any, ...] = ()


def apply(write: Write, before: Mapping[str, Any] | None, *, time: Timestamp) -> Effect:
    """What the write leaves of a document that was `before`; None where there was none."""
    if write.verify:
        return Effect(before)
    if write.fields is None:
        return Effect(None)
    fields = write.fields if write.mask is None else masked(before or {}, write.fields, write.mask)
    results = []
    for transform in write.transforms:
        value, result = transformed(transform, get_field(fields, transform.field), time)
        fields = with_field(fields, transform.field, value)
        results.append(result)
    return Effect(fields, tuple(results))


def masked(before: Mapping[str, Any], given: Mapping[str, Any], mask: tuple[FieldPath, ...]) -> Mapping[str, Any]:
    """The fields before with those in the mask replaced, or removed if they are not given."""
    fields = before
    for path in mask:
        value = get_field(given, path)
        fields = without_field(fields, path) if value is MISSING else with_field(fields, path, value)
    return fields

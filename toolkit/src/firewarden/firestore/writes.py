"""What a write makes of a document. Whether it may, and whether its precondition holds, is asked elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.field_paths import MISSING, FieldPath, get_field, with_field, without_field
from firewarden.firestore.transforms import Transform, transformed
from firewarden.values import Timestamp


class Write(NamedTuple):
    """One write of a commit.

    `fields` is the whole new document, or with a `mask` what the masked fields get; None deletes the document.
    `verify` only checks the precondition, which is `exists`, `update_time`, or none. `data` are the fields serialised,
    if that has been done.
    """

    path: DocumentPath
    fields: Mapping[str, Any] | None = None
    data: bytes | None = None
    mask: tuple[FieldPath, ...] | None = None
    transforms: tuple[Transform, ...] = ()
    exists: bool | None = None
    update_time: Timestamp | None = None
    verify: bool = False

    @property
    def replaces(self) -> bool:
        """Whether it does not matter what was there before."""
        return self.mask is None and not self.transforms and not self.verify


class Effect(NamedTuple):
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

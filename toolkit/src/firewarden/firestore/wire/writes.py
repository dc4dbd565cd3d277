"""Writes as clients send them: `google.firestore.v1.Write`, judged with the official words in the official order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from firewarden.firestore.collapsing import check_together, check_verified, lasting
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.field_paths import FieldPath, name_is_reserved, parse_field_path, parse_mask
from firewarden.firestore.names import parse_name_in
from firewarden.firestore.sizes import check_name
from firewarden.firestore.status import invalid
from firewarden.firestore.storable import check_storable
from firewarden.firestore.transforms import Kind, Transform
from firewarden.firestore.wire.checks import check_value, check_version, checked_fields
from firewarden.firestore.wire.sent import SentFields, fields_of
from firewarden.firestore.wire.settled import are_settled, is_settled
from firewarden.firestore.wire.values import decode_value, timestamp_of
from firewarden.firestore.writes import Write, masked
from firewarden.limits import Limits
from firewarden.values import Timestamp

_ARRAYS = {"append_missing_elements": Kind.ARRAY_UNION, "remove_all_from_array": Kind.ARRAY_REMOVE}
_NUMBERS = {"increment": Kind.INCREMENT, "maximum": Kind.MAXIMUM, "minimum": Kind.MINIMUM}
_SERVER_TIME = 1


def read_writes(messages: Sequence[Any], database: DatabaseName, limits: Limits) -> list[Write]:
    """The writes of one commit in `database`: each for itself is right, and they go together."""
    if len(messages) == 1:  # as in most commits
        return [read_write(messages[0], database, limits)]
    operations = [each.WhichOneof("operation") for each in messages]
    if "verify" in operations:
        check_verified(map(_operation, messages))
    writes = _read_all(messages, operations, database, limits)
    kept: Sequence[Write] = writes
    if len({each.path for each in writes}) < len(writes):
        check_together(writes)
        kept = lasting(writes)
    for each in kept:
        _check_storable(each, limits)
    return writes


def read_write(message: Any, database: DatabaseName, limits: Limits) -> Write:
    """One write that is alone."""
    operation = message.WhichOneof("operation")
    if operation == "update":
        data = fields_of(message.update)
        write = _update(message, data, database, limits, settled=is_settled(data))
    else:
        write = _read(message, operation, database, limits)
    _check_storable(write, limits)
    return write


def read_precondition(message: Any) -> tuple[bool | None, Timestamp | None]:
    """What must hold of the document: that it exists or not, or when it was last changed."""
    if not message.HasField("current_document"):
        return None, None
    condition = message.current_document
    chosen = condition.WhichOneof("condition_type")
    if chosen == "exists":
        return condition.exists, None
    if chosen is None:
        return None, None
    check_version(condition.update_time)
    return None, timestamp_of(condition.update_time)


def _operation(message: Any) -> tuple[str, str]:
    """What is to be done, and to which document, whatever its name looks like."""
    kind = message.WhichOneof("operation") or ""
    return kind, message.update.name or message.delete or message.transform.document or message.verify


def _read_all(
    messages: Sequence[Any], operations: Sequence[str | None], database: DatabaseName, limits: Limits
) -> list[Write]:
    written = zip(messages, operations, strict=True)
    # Nothing is refused yet: what is wrong with a write before is told first.
    data = [fields_of(message.update) for message, operation in written if operation == "update"]
    given = iter(zip(data, are_settled(data), strict=True))
    writes = []
    for message, operation in zip(messages, operations, strict=True):
        if operation == "update":
            fields, settled = next(given)
            writes.append(_update(message, fields, database, limits, settled=settled))
        else:
            writes.append(_read(message, operation, database, limits))
    return writes


def _read(message: Any, operation: str | None, database: DatabaseName, limits: Limits) -> Write:
    if operation is None:
        raise invalid("empty write operation")
    if message.HasField("update_mask"):
        raise invalid(f"a {operation} must not specify a document mask.")
    if message.update_transforms:
        raise invalid(f"a {operation} must not specify a update transform.")
    if operation == "transform":
        return _transform_only(message, database, limits)
    path = parse_name_in(database, message.delete or message.verify)
    exists, update_time = read_precondition(message)
    if operation == "verify" and exists is None and update_time is None:
        raise invalid("a verify must contain a precondition")
    return Write(path=path, exists=exists, update_time=update_time, verify=operation == "verify")


def _update(message: Any, data: bytes, database: DatabaseName, limits: Limits, *, settled: bool) -> Write:
    path = parse_name_in(database, message.update.name)
    fields = SentFields(data, small=True) if settled else checked_fields(data)
    mask = parse_mask(message.update_mask.field_paths) if message.HasField("update_mask") else None
    transforms = _transforms(message.update_transforms, limits) if message.update_transforms else ()
    exists, update_time = read_precondition(message)
    if mask is None and not transforms:
        return Write(path, fields, fields.serialised(), None, (), exists, update_time)
    return Write(path, dict(fields), None, mask, transforms, exists, update_time)


def _transform_only(message: Any, database: DatabaseName, limits: Limits) -> Write:
    path = parse_name_in(database, message.transform.document)
    if not message.transform.field_transforms:
        raise invalid("The list of FieldTransform must not be empty.")
    transforms = _transforms(message.transform.field_transforms, limits)
    exists, update_time = read_precondition(message)
    return Write(path=path, fields={}, mask=(), transforms=transforms, exists=exists, update_time=update_time)


def _check_storable(write: Write, limits: Limits) -> None:
    check_name(write.path, limits)
    fields = write.fields
    if fields is not None and not (type(fields) is SentFields and fields.small):
        check_storable(fields if write.mask is None else masked({}, fields, write.mask))


def _transforms(messages: Sequence[Any], limits: Limits) -> tuple[Transform, ...]:
    if limits.transforms is not None and len(messages) > limits.transforms:
        raise invalid(f"cannot transform more than {limits.transforms} fields of a document in a single request")
    transforms = tuple(map(_transform, messages))
    if len(transforms) > 1:
        _check_nesting([each.field for each in transforms])
    return transforms


def _transform(message: Any) -> Transform:
    field = parse_field_path(message.field_path)
    if field == ("__name__",):
        raise name_is_reserved()
    kind = message.WhichOneof("transform_type")
    if kind == "set_to_server_value":
        if message.set_to_server_value != _SERVER_TIME:
            raise invalid("ServerValue type must be specified for set_to_server_value transformation.")
        return Transform(field, Kind.SERVER_TIME)
    if kind in _ARRAYS:
        elements = getattr(message, kind).values
        for each in elements:
            check_value(each)
        return Transform(field, _ARRAYS[kind], list(map(decode_value, elements)))
    if kind in _NUMBERS:
        operand = getattr(message, kind)
        check_value(operand)
        if operand.WhichOneof("value_type") not in ("integer_value", "double_value"):
            raise invalid("Input must be int64 or double.")
        return Transform(field, _NUMBERS[kind], decode_value(operand))
    raise invalid("Operation type must be specified for field transformation.")


def _check_nesting(fields: Iterable[FieldPath]) -> None:
    known = set(fields)
    for field in known:
        for length in range(1, len(field)):
            if field[:length] in known:
                outer = ".".join(field[:length])
                raise invalid(f"Cannot transform property {outer} and its nested property at the same time.")

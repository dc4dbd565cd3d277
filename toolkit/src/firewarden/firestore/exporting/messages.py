"""The messages of an export: entities as App Engine keeps them, and two descriptions of the files they are in.

Their numbers were read from exports of Google's emulator. A name or text is kept as bytes, because a property's text
may be any bytes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from firewarden.firestore.wire import protos

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto

_PACKAGE: Final = "firewarden.exporting"

# Each field: name, number, type; `*` before the type repeats it, `group` is followed by the fields inside.
_GROUP: Final = "group"
_REPEATED: Final = "*"
_Fields = tuple[tuple[Any, ...], ...]
_MESSAGES: Final[dict[str, _Fields]] = {
    "Path": (("element", 1, "*group", (("type", 2, "bytes"), ("id", 3, "int64"), ("name", 4, "bytes"))),),
    "Reference": (
        ("app", 13, "bytes"),
        ("path", 14, "Path"),
        ("name_space", 20, "bytes"),
        ("database_id", 23, "bytes"),
    ),
    "PropertyValue": (
        ("int64", 1, "int64"),
        ("boolean", 2, "bool"),
        ("text", 3, "bytes"),
        ("double", 4, "double"),
        ("point", 5, "group", (("x", 6, "double"), ("y", 7, "double"))),
        (
            "reference",
            12,
            "group",
            (
                ("app", 13, "bytes"),
                ("element", 14, "*group", (("type", 15, "bytes"), ("id", 16, "int64"), ("name", 17, "bytes"))),
                ("name_space", 20, "bytes"),
                ("database_id", 23, "bytes"),
            ),
        ),
    ),
    "Property": (
        ("meaning", 1, "int32"),
        ("name", 3, "bytes"),
        ("multiple", 4, "bool"),
        ("value", 5, "PropertyValue"),
    ),
    "Entity": (
        ("key", 13, "Reference"),
        ("property", 14, "*Property"),
        ("raw_property", 15, "*Property"),
        ("entity_group", 16, "Path"),
    ),
    "Version": (("layout", 1, "int32"), ("kind", 3, "int32")),
    "Kind": (("version", 1, "Version"), ("metadata", 2, "bytes"), ("entities", 3, "int64"), ("size", 4, "int64")),
    "OverallMetadata": (("kind", 1, "*Kind"),),
    "Span": (("name", 1, "bytes"), ("start", 2, "int64"), ("end", 3, "int64")),
    "Output": (("kind", 1, "bytes"), ("file", 2, "bytes")),
    "KindMetadata": (("span", 1, "Span"), ("output", 2, "*Output")),
}


@cache
def message(name: str) -> Any:
    """The class of a message."""
    from google.protobuf import descriptor_pb2  # noqa: PLC0415 - when it is needed

    pool = protos.pool()
    try:
        pool.FindFileByName("firewarden/exporting.proto")
    except KeyError:
        file = descriptor_pb2.FileDescriptorProto(name="firewarden/exporting.proto", package=_PACKAGE, syntax="proto2")
        for each, fields in _MESSAGES.items():
            _describe(file.message_type.add(name=each), f".{_PACKAGE}.{each}", fields)
        pool.Add(file)
    return protos.message(f"{_PACKAGE}.{name}")


def _describe(made: DescriptorProto, full_name: str, fields: _Fields) -> None:
    for name, number, marked, *inner in fields:
        kind = marked.removeprefix(_REPEATED)
        field = made.field.add(name=name, number=number)
        field.label = field.LABEL_REPEATED if marked != kind else field.LABEL_OPTIONAL
        if kind == _GROUP:
            group = name.title()
            field.type, field.type_name = field.TYPE_GROUP, f"{full_name}.{group}"
            _describe(made.nested_type.add(name=group), f"{full_name}.{group}", inner[0])
        elif kind in _MESSAGES:
            field.type, field.type_name = field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
        else:
            field.type = getattr(field, f"TYPE_{kind.upper()}")

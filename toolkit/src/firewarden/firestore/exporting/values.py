"""Fields of a document as properties of an entity, and back.

An array is one property for each element, marked `multiple`; an empty one is a property of its own meaning, before all
others. A map is an entity of its own, written inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import NoneType
from typing import Any, Final

from firewarden.firestore.exporting.messages import message
from firewarden.firestore.names import check_id, numeric_id
from firewarden.firestore.status import StatusError
from firewarden.values import LatLng, Reference, Timestamp, Vector

# What a property means beyond its type (App Engine's Property.Meaning, and Firestore's own additions).
_TIMESTAMP, _POINT, _BYTES, _BYTE_STRING, _ENTITY, _EMPTY_LIST, _VECTOR = 7, 9, 14, 16, 19, 24, 31
_MICROSECOND: Final = 1_000
_FIRST_MICRO: Final = -62_135_596_800_000_000
_LAST_MICRO: Final = 253_402_300_799_999_999
_NO_DATABASE: Final = b""
DEFAULT_DATABASE: Final = "(default)"
VECTOR_ELEMENT: Final = "__vector__"
"""How the elements of a vector are named where it is written as an entity, as newer emulators do."""
_APP: Final = "dev~"


def write_fields(entity: Any, fields: Mapping[str, Any]) -> None:
    """Add the fields of a document, or the entries of a map, to an entity."""
    for name, value in fields.items():
        written = name.encode()
        if type(value) is list and not value:
            entity.property.add(meaning=_EMPTY_LIST, name=written, multiple=False).value.SetInParent()
        elif type(value) is list:
            for each in value:
                _write(entity.raw_property.add(name=written, multiple=True), each)
        elif type(value) is Vector:
            for number in value.values:
                entity.raw_property.add(meaning=_VECTOR, name=written, multiple=True).value.double = number
        else:
            _write(entity.raw_property.add(name=written, multiple=False), value)


def read_fields(entity: Any, project: str | None = None) -> dict[str, Any]:
    """The fields of a document, or the entries of a map; a ValueError says what cannot be read.

    With `project` a reference in an indexed property names a document of that project: only managed exports have such
    properties, and their references are the exported project's own.
    """
    fields: dict[str, Any] = {}
    for each, owner in _properties(entity, project):
        name = each.name.decode()
        if each.meaning == _EMPTY_LIST:
            fields[name] = []
        elif each.meaning == _VECTOR:
            found = fields.get(name)
            before = found.values if type(found) is Vector else ()
            fields[name] = Vector((*before, each.value.double))
        elif each.multiple:
            fields.setdefault(name, []).append(_read(each, owner))
        else:
            fields[name] = _read(each, owner)
    return fields


def app_of(project: str) -> bytes:
    """A project as App Engine names one that runs on a laptop."""
    return f"{_APP}{project}".encode()


def project_of(app: bytes) -> str:
    """The project of an app, which may be of any region: behind `dev~`, `s~`, `e~` and the like."""
    return app.decode().rpartition("~")[2]


def write_path(elements: Any, segments: tuple[str, ...]) -> None:
    """Add collections and documents in pairs; a number as id is a number."""
    for kind, name in zip(segments[::2], segments[1::2], strict=True):
        number = numeric_id(name)
        if number is None:
            elements.add(type=kind.encode(), name=name.encode())
        else:
            elements.add(type=kind.encode(), id=number)


def read_path(elements: Iterable[Any]) -> tuple[str, ...]:
    """The segments of a path."""
    segments: list[str] = []
    for each in elements:
        if each.HasField("id") == each.HasField("name"):
            raise ValueError("a path without a document's id")
        segments += (each.type.decode(), f"__id{each.id}__" if each.HasField("id") else each.name.decode())
    for number, each in enumerate(segments):
        _check_segment(each, "Resource" if number % 2 else "Collection")
    return tuple(segments)


def _check_segment(text: str, kind: str) -> None:
    """What could not be part of a name would make documents that nobody can ask for."""
    if not text:
        raise ValueError("a path with an empty segment")
    if numeric_id(text) is None:
        try:
            check_id(text, kind=kind)
        except StatusError as error:
            raise ValueError(error.message) from error


def database_text(database_id: bytes) -> str:
    """A database's id; that of the default one is left out."""
    return database_id.decode() or DEFAULT_DATABASE


def database_bytes(database: str) -> bytes:
    """The other way round; nothing for the default one."""
    return _NO_DATABASE if database == DEFAULT_DATABASE else database.encode()


def _properties(entity: Any, project: str | None) -> Iterator[tuple[Any, str | None]]:
    for each in entity.property:
        yield each, project
    for each in entity.raw_property:
        yield each, None


def _write(made: Any, value: Any) -> None:
    _WRITE[type(value)](made, value)


def _write_timestamp(made: Any, value: Timestamp) -> None:
    made.meaning, made.value.int64 = _TIMESTAMP, value.nanos // _MICROSECOND


def _write_bytes(made: Any, value: bytes) -> None:
    made.meaning, made.value.text = _BYTES, value


def _write_reference(made: Any, value: Reference) -> None:
    reference = made.value.reference
    reference.app = app_of(value.project)
    write_path(reference.element, value.segments)
    if database := database_bytes(value.database):
        reference.database_id = database


def _write_point(made: Any, value: LatLng) -> None:
    made.meaning = _POINT
    made.value.point.x, made.value.point.y = value


def _write_map(made: Any, value: Mapping[str, Any]) -> None:
    entity = message("Entity")()
    write_fields(entity, value)
    _write_entity(made, entity)


def _write_entity(made: Any, entity: Any) -> None:
    entity.key.app = b""
    entity.key.path.SetInParent()
    entity.entity_group.SetInParent()
    made.meaning, made.value.text = _ENTITY, entity.SerializeToString()


_WRITE: Final[Mapping[type, Callable[[Any, Any], None]]] = {
    NoneType: lambda made, _: made.value.SetInParent(),
    bool: lambda made, value: setattr(made.value, "boolean", value),
    int: lambda made, value: setattr(made.value, "int64", value),
    float: lambda made, value: setattr(made.value, "double", value),
    Timestamp: _write_timestamp,
    str: lambda made, value: setattr(made.value, "text", value.encode()),
    bytes: _write_bytes,
    Reference: _write_reference,
    LatLng: _write_point,
    dict: _write_map,
}


def _read(written: Any, project: str | None) -> Any:
    """One value, or one element; by what is there and then by what it means."""
    value = written.value
    found = [field.name for field, _ in value.ListFields()]
    if len(found) > 1:
        raise ValueError(f"property {written.name!r} has several values")
    return _READ[found[0]](written.meaning, getattr(value, found[0]), project) if found else None


def _read_timestamp(micros: int) -> Timestamp:
    if not _FIRST_MICRO <= micros <= _LAST_MICRO:
        raise ValueError("a time beyond the years 1 to 9999")
    return Timestamp(micros * _MICROSECOND)


def _read_text(meaning: int, text: bytes, project: str | None) -> Any:
    if meaning == _ENTITY:
        return _read_entity(text, project)
    return text if meaning in (_BYTES, _BYTE_STRING) else text.decode()


def _read_entity(text: bytes, project: str | None) -> Any:
    del project  # inside a map a reference keeps its project, also in what is indexed
    fields = read_fields(message("Entity").FromString(text))
    if fields.keys() == {VECTOR_ELEMENT} and type(fields[VECTOR_ELEMENT]) is list:
        return Vector(tuple(float(each) for each in fields[VECTOR_ELEMENT]))
    return fields


def _read_reference(_: int, reference: Any, project: str | None) -> Reference:
    return Reference(
        project_of(reference.app) if project is None else project,
        database_text(reference.database_id),
        read_path(reference.element),
    )


_READ: Final[Mapping[str, Callable[[int, Any, str | None], Any]]] = {
    "int64": lambda meaning, value, _: _read_timestamp(value) if meaning == _TIMESTAMP else value,
    "boolean": lambda _, value, __: value,
    "text": _read_text,
    "double": lambda _, value, __: value,
    "point": lambda _, value, __: LatLng(value.x, value.y),
    "reference": _read_reference,
}

"""Documents as entities: an app, a database and a path for a key, the fields as properties."""

from __future__ import annotations

from typing import Any, NamedTuple

from firewarden.firestore.documents import DatabaseName, DocumentPath, Fields
from firewarden.firestore.exporting.messages import message
from firewarden.firestore.exporting.values import (
    app_of,
    database_bytes,
    database_text,
    read_fields,
    read_path,
    write_fields,
    write_path,
)


class Exported(NamedTuple):
    """A document of an export. The project that it was exported from is not kept by whoever imports it."""

    database: str
    path: DocumentPath
    fields: dict[str, Any]


def write_entity(database: DatabaseName, path: DocumentPath, fields: Fields) -> bytes:
    """A serialised entity."""
    entity = message("Entity")()
    entity.key.app = app_of(database.project)
    write_path(entity.key.path.element, path)
    if name := database_bytes(database.database):
        entity.key.database_id = name
    write_fields(entity, fields)
    write_path(entity.entity_group.element, path[:2])
    return bytes(entity.SerializeToString())


def read_entity(data: bytes, project: str) -> Exported:
    """The document that a serialised entity is, for a project to import; a ValueError says what cannot be read."""
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - when it is needed

    try:
        entity = message("Entity").FromString(data)
        key = entity.key
        path = read_path(key.path.element)
        if not path:
            raise ValueError("an entity without a path")
        return Exported(database_text(key.database_id), path, read_fields(entity, project))
    except DecodeError as error:
        raise ValueError("it is no entity") from error

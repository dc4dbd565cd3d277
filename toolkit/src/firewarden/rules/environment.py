"""What conditions see: `request` and `resource` as maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from firewarden.rules.kinds import Value
from firewarden.rules.requests import DocumentPath, Request, Write
from firewarden.values import Path

Document = Mapping[str, Any]


def root(database: str) -> tuple[str, ...]:
    """The segments before those of a document."""
    return ("databases", database, "documents")


def resource(path: DocumentPath, data: Document | None, database: str) -> dict[str, Value] | None:
    """The document as `resource` or as the result of `get()`; null when there is none."""
    if data is None:
        return None
    return {"data": data, "id": path[-1], "__name__": Path(root(database) + path)}


def read_request(
    request: Request, method: str, path: Value, *, fields: Sequence[str] | None, in_transaction: bool
) -> dict[str, Value]:
    """`request` of a get or list."""
    return {
        "auth": request.auth,
        "fields": None if fields is None else list(fields),
        "headers": {},
        "inTransaction": in_transaction,
        "method": method,
        "path": path,
        "time": request.time,
    }


def write_request(request: Request, method: str, write: Write, after: Value) -> dict[str, Value]:
    """`request` of a create, update or delete; `after` is the resource as it will be."""
    transformed = [each.field for each in write.transforms]
    written = transformed + list(write.mask or ())
    seen = {
        "auth": request.auth,
        "headers": {},
        "inTransaction": True,
        "method": method,
        "path": Path(root(request.database) + write.path),
        "readFields": None,
        "resource": after,
        "time": request.time,
        "transforms": transformed or None,
        "writeFields": written or None,
    }
    if write.exists is False and not write.verify:
        seen["autoId"] = write.auto_id
    return seen

"""A recorded REST request as the request that rules decide about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import parse_qs, unquote

from firewarden.rules.query import Query
from firewarden.rules.recordings import wire
from firewarden.rules.requests import Commit, Get, List, Request, Write, auth_of
from firewarden.values import Timestamp

Json = Mapping[str, Any]
_PAGE_DEFAULT, _PAGE_MAX = 30, 150
# Operations that are never a client's, whatever the rules say.
ADMIN_ONLY = {
    "batchWrite": "Batch writes require admin authentication.",
    "listCollectionIds": "Metadata operations require admin authentication.",
}


def request(json: Json, auth: Mapping[str, Any] | None, time: Timestamp) -> Request:
    """The request of a record, for the claims of its token."""
    return Request(operation=_OPERATIONS[json["method"]](json), time=time, auth=auth_of(auth))


def admin_only(json: Json) -> str | None:
    """The message of an operation that only an administrator may do."""
    if json["method"] == "list" and "true" in _query(json).get("showMissing", []):
        return ADMIN_ONLY["listCollectionIds"]
    return ADMIN_ONLY.get(json["method"])


def _get(json: Json) -> Get | List:
    path = _path(json)
    if len(path) % 2:
        return _list(json)  # an odd path is a collection
    return Get(paths=(path,), fields=_mask(json, "mask"))


def _batch_get(json: Json) -> Get:
    body = json["body"]
    mask = body.get("mask")
    return Get(
        paths=tuple(map(wire.document_path, body["documents"])),
        fields=None if mask is None else tuple(mask.get("fieldPaths", ())),
        in_transaction="transaction" in body,
    )


def _commit(json: Json) -> Commit:
    return Commit(writes=tuple(map(wire.write, json["body"].get("writes", ()))))


def _create(json: Json) -> Commit:
    ids = _query(json).get("documentId")
    path = (*_path(json), *(ids or ["generated"]))
    data = wire.fields(json["body"].get("fields"))
    return Commit(writes=(Write(path=path, data=data, exists=False, auto_id=not ids),))


def _update(json: Json) -> Commit:
    data = wire.fields(json["body"].get("fields"))
    return Commit(writes=(Write(path=_path(json), data=data, mask=_mask(json, "updateMask"), **_checks(json)),))


def _delete(json: Json) -> Commit:
    return Commit(writes=(Write(path=_path(json), **_checks(json)),))


def _list(json: Json) -> List:
    *parent, collection = _path(json)
    asked = int(_query(json).get("pageSize", ["0"])[0])
    orders = [each.split() for each in _query(json).get("orderBy", [""])[0].split(",") if each.strip()]
    return List(
        query=Query(
            parent=tuple(parent),
            collection=collection,
            limit=min(asked, _PAGE_MAX) if asked else _PAGE_DEFAULT,
            order_by=tuple((name, _direction(rest)) for name, *rest in orders),
            fields=_mask(json, "mask"),
        )
    )


def _run_query(json: Json) -> List:
    return List(query=wire.query(json["body"]["structuredQuery"], json.get("path", "")))


def _aggregate(json: Json) -> List:
    return List(query=wire.query(json["body"]["structuredAggregationQuery"]["structuredQuery"], json.get("path", "")))


def _path(json: Json) -> tuple[str, ...]:
    return tuple(unquote(each) for each in json["path"].split("/"))


def _query(json: Json) -> dict[str, list[str]]:
    return parse_qs(json.get("query") or "", keep_blank_values=True)


def _mask(json: Json, name: str) -> tuple[str, ...] | None:
    paths = _query(json).get(f"{name}.fieldPaths")
    return None if paths is None else tuple(paths)


def _checks(json: Json) -> dict[str, Any]:
    given = _query(json)
    checks: dict[str, Any] = {}
    if "currentDocument.exists" in given:
        checks["exists"] = given["currentDocument.exists"] == ["true"]
    if "currentDocument.updateTime" in given:
        checks["update_time"] = Timestamp(0)  # whatever time is given: in an address the emulator cannot read it
    return checks


def _direction(rest: list[str]) -> Literal["ASC", "DESC"]:
    return "DESC" if rest and rest[0].lower() == "desc" else "ASC"


_OPERATIONS: Mapping[str, Callable[[Json], Get | List | Commit]] = {
    "get": _get,
    "batchGet": _batch_get,
    "commit": _commit,
    "create": _create,
    "update": _update,
    "delete": _delete,
    "list": _list,
    "runQuery": _run_query,
    "runAggregationQuery": _aggregate,
}

"""Firestore's REST JSON to values: documents, writes and queries as a client sends them."""

from __future__ import annotations

import math
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from firewarden.rules.query import Both, Either, Filter, Query, Where
from firewarden.rules.requests import DocumentPath, Transform, Write
from firewarden.values import LatLng, Path, Timestamp, Vector

Json = Mapping[str, Any]
_MOMENT = re.compile(r"(.*T\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def value(json: Json) -> Any:
    """One value, such as `{"integerValue": "1"}`."""
    ((kind, content),) = json.items()
    return _VALUES[kind](content)


def fields(json: Json | None) -> dict[str, Any]:
    """The fields of a document or map."""
    return {name: value(each) for name, each in (json or {}).items()}


def timestamp(text: str) -> Timestamp:
    """An RFC 3339 time."""
    found = _MOMENT.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no RFC 3339 time; write it like 2026-05-01T10:00:00Z")
    whole, fraction, zone = found.groups()
    seconds = Timestamp.of(datetime.fromisoformat(whole + ("+00:00" if zone == "Z" else zone)))
    return Timestamp(seconds.nanos + int((fraction or "").ljust(9, "0")))


def document_path(name: str) -> DocumentPath:
    """The segments below `/documents` in a full resource name."""
    return tuple(name.split("/documents/", 1)[1].split("/"))


def write(json: Json) -> Write:
    """One write of a commit."""
    precondition = json.get("currentDocument", {})
    checks: dict[str, Any] = {"exists": precondition.get("exists")}
    if "updateTime" in precondition:
        checks["update_time"] = timestamp(precondition["updateTime"])
    if "delete" in json:
        return Write(path=document_path(json["delete"]), **checks)
    if "verify" in json:
        return Write(path=document_path(json["verify"]), verify=True, **checks)
    if "transform" in json:
        transforms = json["transform"].get("fieldTransforms", [])
        path = document_path(json["transform"]["document"])
        return Write(path=path, data={}, mask=(), transforms=tuple(map(transform, transforms)), **checks)
    mask = json.get("updateMask")
    return Write(
        path=document_path(json["update"]["name"]),
        data=fields(json["update"].get("fields")),
        mask=None if mask is None else tuple(mask.get("fieldPaths", ())),
        transforms=tuple(map(transform, json.get("updateTransforms", ()))),
        **checks,
    )


def transform(json: Json) -> Transform:
    """One field transform."""
    field = json["fieldPath"]
    ((kind, operand),) = ((key, each) for key, each in json.items() if key != "fieldPath")
    if kind == "setToServerValue":
        return Transform(field=field, kind="server_time")
    if kind in _ARRAYS:
        return Transform(field=field, kind=_ARRAYS[kind], operand=list(map(value, operand.get("values", ()))))
    return Transform(field=field, kind=_NUMBERS[kind], operand=value(operand))


def query(json: Json, parent: str = "") -> Query:
    """A structured query below a document, `""` is the root."""
    ((selector,),) = (json.get("from", [{}]),)
    orders = ((each["field"]["fieldPath"], each.get("direction")) for each in json.get("orderBy", ()))
    select = json.get("select")
    return Query(
        parent=tuple(each for each in parent.split("/") if each),
        collection=selector.get("collectionId"),
        all_descendants=selector.get("allDescendants", False),
        where=where(json["where"]) if "where" in json else None,
        order_by=tuple((name, "DESC" if direction == "DESCENDING" else "ASC") for name, direction in orders),
        limit=_limit(json.get("limit")),
        offset=json.get("offset", 0),
        fields=None if select is None else _selected(select),
    )


def where(json: Json) -> Where:
    """A filter of a query."""
    ((kind, content),) = json.items()
    if kind == "compositeFilter":
        parts = tuple(map(where, content["filters"]))
        return Either(filters=parts) if content["op"] == "OR" else Both(filters=parts)
    field = content["field"]["fieldPath"]
    if kind == "unaryFilter":
        return Filter(field=field, operator=_UNARY[content["op"]])
    return Filter(field=field, operator=_BINARY[content["op"]], value=value(content["value"]))


def _selected(select: Json) -> tuple[str, ...]:
    names = (each["fieldPath"] for each in select.get("fields", ()))
    return tuple(each for each in names if each != "__name__")


def _limit(limit: Any) -> int | None:
    # REST takes the wrapper's value as it is, protobuf's JSON too.
    given: int | None = limit["value"] if isinstance(limit, dict) else limit
    return given


def _map(json: Json) -> Any:
    made = fields(json.get("fields"))
    if made.get("__type__") == "__vector__":
        return Vector(tuple(made["value"]))
    return made


def _double(content: Any) -> float:
    return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(content) or float(content)


def _reference(name: str) -> Path:
    return Path(tuple(name.split("/")[2:]))


_VALUES: Mapping[str, Callable[[Any], Any]] = {
    "nullValue": lambda _: None,
    "booleanValue": lambda content: content,
    "integerValue": int,
    "doubleValue": _double,
    "stringValue": lambda content: content,
    "bytesValue": b64decode,
    "timestampValue": timestamp,
    "referenceValue": _reference,
    "geoPointValue": lambda content: LatLng(float(content.get("latitude", 0)), float(content.get("longitude", 0))),
    "arrayValue": lambda content: list(map(value, content.get("values", ()))),
    "mapValue": _map,
}
_NUMBERS: Mapping[str, Any] = {"increment": "increment", "maximum": "maximum", "minimum": "minimum"}
_ARRAYS: Mapping[str, Any] = {"appendMissingElements": "array_union", "removeAllFromArray": "array_remove"}
_UNARY: Mapping[str, Any] = {
    "IS_NULL": "is-null",
    "IS_NAN": "is-nan",
    "IS_NOT_NULL": "is-not-null",
    "IS_NOT_NAN": "is-not-nan",
}
_BINARY: Mapping[str, Any] = {
    "EQUAL": "==",
    "NOT_EQUAL": "!=",
    "LESS_THAN": "<",
    "LESS_THAN_OR_EQUAL": "<=",
    "GREATER_THAN": ">",
    "GREATER_THAN_OR_EQUAL": ">=",
    "IN": "in",
    "NOT_IN": "not-in",
    "ARRAY_CONTAINS": "array-contains",
    "ARRAY_CONTAINS_ANY": "array-contains-any",
}

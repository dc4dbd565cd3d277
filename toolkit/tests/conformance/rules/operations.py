"""Random requests about documents in the format of recordings: reads, single writes, commits of several writes."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import urlencode

from toolkit.tests.conformance.rules.official import NAMES, Json
from toolkit.tests.conformance.rules.schema import FIELDS, PATHS, Fields, document, field_value, value

Request = dict[str, Any]
_PRECONDITIONS: tuple[Json, ...] = ({"exists": True}, {"exists": False}, {"updateTime": "2020-01-01T00:00:00Z"})
_NUMBERS = ("increment", "maximum", "minimum")
_ARRAYS = ("appendMissingElements", "removeAllFromArray")


def operation(random: Random, stored: dict[str, Fields]) -> Request:
    """A request about one or several documents."""
    make = random.choice((_get, _get, _batch_get, _commit, _commit, _commit, _create, _update, _update, _delete))
    return make(random, stored)


def touched(request: Json) -> list[str]:
    """The documents that a request may change."""
    if request["method"] == "commit":
        return sorted({_target(each) for each in request["body"]["writes"]})
    if request["method"] in ("update", "delete"):
        return [request["path"]]
    if request["method"] == "create":
        return [f"{request['path']}/{request['query'].split('=')[1]}"]
    return []


def _target(write: Json) -> str:
    named = write.get("delete") or write.get("verify") or write.get("update", write.get("transform"))
    name = named if isinstance(named, str) else named.get("name") or named["document"]
    return str(name).split("/documents/")[1]


def _get(random: Random, _: dict[str, Fields]) -> Request:
    request: Request = {"method": "get", "path": random.choice(PATHS)}
    if random.random() < 0.15:
        request["query"] = urlencode([("mask.fieldPaths", each) for each in _some_fields(random)])
    return request


def _batch_get(random: Random, _: dict[str, Fields]) -> Request:
    paths = random.sample(PATHS, random.randint(1, 3))
    body: Request = {"documents": [f"{NAMES}/documents/{each}" for each in paths]}
    if random.random() < 0.2:
        body["mask"] = {"fieldPaths": _some_fields(random)}
    return {"method": "batchGet", "body": body}


def _commit(random: Random, stored: dict[str, Fields]) -> Request:
    paths = random.sample(PATHS, random.choice((1, 1, 1, 2, 2, 3, 4)))
    if random.random() < 0.08:
        paths += paths[:1]
    return {"method": "commit", "body": {"writes": [_write(random, each, stored.get(each)) for each in paths]}}


def _create(random: Random, _: dict[str, Fields]) -> Request:
    *parent, name = random.choice(PATHS).split("/")
    query = urlencode({"documentId": name})
    return {"method": "create", "path": "/".join(parent), "query": query, "body": {"fields": document(random)}}


def _update(random: Random, stored: dict[str, Fields]) -> Request:
    path = random.choice(PATHS)
    fields = _changed(random, stored.get(path))
    parameters: list[tuple[str, str]] = []
    if random.random() < 0.6:
        parameters += [("updateMask.fieldPaths", each) for each in sorted(fields) if random.random() < 0.6]
        parameters += [("updateMask.fieldPaths", random.choice(tuple(FIELDS)))]
    if random.random() < 0.3:
        parameters.append(("currentDocument.exists", random.choice(("true", "false"))))
    request: Request = {"method": "update", "path": path, "body": {"fields": fields}}
    return {**request, "query": urlencode(list(dict.fromkeys(parameters)))} if parameters else request


def _delete(random: Random, _: dict[str, Fields]) -> Request:
    request: Request = {"method": "delete", "path": random.choice(PATHS)}
    return {**request, "query": "currentDocument.exists=true"} if random.random() < 0.3 else request


def _write(random: Random, path: str, before: Fields | None) -> Request:
    name = f"{NAMES}/documents/{path}"
    chance = random.random()
    if chance < 0.15:
        write: Request = {"delete": name}
    elif chance < 0.2:
        return {"verify": name, "currentDocument": random.choice(_PRECONDITIONS[:2])}
    elif chance < 0.25:
        write = {"transform": {"document": name, "fieldTransforms": _transforms(random)}}
    else:
        write = _updating(random, name, before)
    if random.random() < 0.35:
        write["currentDocument"] = random.choice(_PRECONDITIONS)
    return write


def _updating(random: Random, name: str, before: Fields | None) -> Request:
    fields = _changed(random, before)
    write: Request = {"update": {"name": name, "fields": fields}}
    if random.random() < 0.45:
        paths = [each for each in sorted(fields) if random.random() < 0.6] + _some_fields(random)
        if random.random() < 0.2:
            paths = [each for each in paths if each != "m"] + ["m.a"]
        write["updateMask"] = {"fieldPaths": list(dict.fromkeys(paths))}
    if random.random() < 0.35:
        write["updateTransforms"] = _transforms(random)
    return write


def _changed(random: Random, before: Fields | None) -> Fields:
    """Another document, or the stored one with a few fields changed."""
    if before is None or random.random() < 0.3:
        return document(random)
    fields = dict(before)
    for name in random.sample(tuple(FIELDS), random.choice((0, 1, 1, 2, 3))):
        if random.random() < 0.2:
            fields.pop(name, None)
        else:
            fields[name] = field_value(random, name)
    return fields


def _transforms(random: Random) -> list[Json]:
    names = random.sample(("n", "f", "k", "t", "l", "q", "s", "m.a"), random.choice((1, 1, 2)))
    return [_transform(random, each) for each in names]


def _transform(random: Random, name: str) -> Json:
    kind = FIELDS.get(name, "int")
    if kind == "timestamp" or random.random() < 0.15:
        return {"fieldPath": name, "setToServerValue": "REQUEST_TIME"}
    if kind in ("strings", "numbers"):
        return {"fieldPath": name, random.choice(_ARRAYS): value(random, kind)["arrayValue"]}
    return {"fieldPath": name, random.choice(_NUMBERS): value(random, random.choice(("int", "int", "float")))}


def _some_fields(random: Random) -> list[str]:
    return random.sample(tuple(FIELDS), random.randint(1, 3))

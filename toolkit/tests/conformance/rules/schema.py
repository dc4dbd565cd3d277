"""The world that generated rules decide about: collections, documents, their fields and values, and who asks.

Values come from small pools that the conditions share, so that they are equal often enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any

from toolkit.tests.conformance.rules.official import NAMES, Json
from toolkit.tests.conformance.rules.records import ALICE

Fields = dict[str, Json]
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "n": "int",
        "k": "int",
        "f": "float",
        "s": "string",
        "o": "string",
        "b": "bool",
        "t": "timestamp",
        "l": "strings",
        "q": "numbers",
        "m": "map",
        "y": "bytes",
        "g": "latlng",
        "r": "path",
        "z": "null",
        "v": "vector",
    }
)
"""What the fields of documents hold, most of the time."""

PATHS = (
    *("c/a", "c/b", "c/ana", "c/new", "d/a", "d/x", "d/new", "users/ana", "users/alice", "users/ben"),
    *("c/a/s/x", "c/a/s/new", "c/b/s/ana", "c/a/s/x/t/z", "e/1", "e/new", "d/x/s/a"),
)
"""Documents that requests name; those called `new` never exist."""

_LISTS: Mapping[str, tuple[list[Any], ...]] = {
    "strings": ([], ["a"], ["a", "b"], ["x", "ana"], ["b", "b"]),
    "numbers": ([], [1], [1, 2], [0, 3, 7], [2.5, 1]),
}
_POOLS: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "int": (0, 1, 2, 3, 7, -1, 10, 2**53 + 1, 2**63 - 1),
        "float": (0.0, 1.0, 2.5, -1.5, 3.0, "NaN", -0.0),
        "string": ("a", "b", "", "x", "ana", "alice", "é", "going", "A"),
        "bool": (True, False),
        "timestamp": ("2020-02-29T00:00:00Z", "2000-01-01T00:00:00Z", "1969-12-31T00:00:00Z", "2020-01-02T03:04:05Z"),
        "bytes": ("", "YQ==", "AP8="),
        "latlng": ({}, {"latitude": 1, "longitude": 2}, {"latitude": -89.5, "longitude": 179.25}),
        "path": ("c/a", "users/ana", "c/new"),
    }
)
_WIRE: Mapping[str, tuple[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "int": ("integerValue", str),
        "float": ("doubleValue", lambda value: value),
        "string": ("stringValue", str),
        "bool": ("booleanValue", bool),
        "timestamp": ("timestampValue", str),
        "bytes": ("bytesValue", str),
        "latlng": ("geoPointValue", dict),
        "path": ("referenceValue", lambda path: f"{NAMES}/documents/{path}"),
    }
)


def value(random: Random, kind: str) -> Json:
    """A value of the kind, as REST has it."""
    if kind == "null":
        return {"nullValue": None}
    if kind in _LISTS:
        return {"arrayValue": {"values": [_plain(each) for each in random.choice(_LISTS[kind])]}}
    if kind == "map":
        return {"mapValue": {"fields": _map_fields(random)}}
    if kind == "vector":
        numbers = {"arrayValue": {"values": [{"doubleValue": 1.0}, {"doubleValue": 2.0}]}}
        return {"mapValue": {"fields": {"__type__": {"stringValue": "__vector__"}, "value": numbers}}}
    name, content = _WIRE[kind]
    return {name: content(random.choice(_POOLS[kind]))}


def field_value(random: Random, field: str) -> Json:
    """A value for the field, now and then of another kind."""
    kind = FIELDS[field] if random.random() < 0.93 else random.choice(tuple(FIELDS.values()))
    return value(random, kind)


def document(random: Random) -> Fields:
    """The fields of a document; any may be missing."""
    share = random.choice((0.3, 0.8, 0.95))
    return {field: field_value(random, field) for field in FIELDS if random.random() < share}


def documents(random: Random) -> dict[str, Fields]:
    """What is stored: some of the documents that requests name."""
    stored = {path: document(random) for path in PATHS if not path.endswith("new") and random.random() < 0.75}
    for path, fields in stored.items():
        if path.startswith("users/"):
            fields["role"] = {"stringValue": random.choice(("admin", "member", "guest"))}
    return stored


def caller(random: Random) -> dict[str, Any] | None:
    """Who asks: nobody, or a user with claims."""
    uid = random.choice((None, "ana", "ana", "alice", "ben"))
    if uid is None:
        return None
    claims = {**ALICE, "sub": uid, "user_id": uid}
    if random.random() < 0.6:
        claims |= {"role": random.choice(("admin", "member", "guest")), "email_verified": random.random() < 0.5}
    if random.random() < 0.3:
        claims |= {"level": random.choice((0, 1, 7)), "groups": random.choice(([], ["a"], ["a", "x"]))}
    return claims


def _map_fields(random: Random) -> dict[str, Json]:
    pairs = {"a": random.choice((1, 2, "x")), "b": random.choice((1, "x", True)), "k": 7, "ana": "admin"}
    return {key: _plain(each) for key, each in pairs.items() if random.random() < 0.6}


def _plain(content: str | float) -> Json:
    kinds = {bool: "booleanValue", int: "integerValue", float: "doubleValue", str: "stringValue"}
    return {kinds[type(content)]: str(content) if type(content) is int else content}

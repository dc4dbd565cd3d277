"""The small world of generated histories: few names and values, so that documents meet, and much is equal or nearly so.

All is JSON as Firestore's REST interface has it. `demo-history` stands for the project.
"""

from __future__ import annotations

from random import Random
from typing import Any

Json = dict[str, Any]

PROJECT = "demo-history"
DATABASE = f"projects/{PROJECT}/databases/(default)"
ROOT = f"{DATABASE}/documents"

COLLECTIONS = ("c", "c", "c", "c/d1/c", "c/d1/e", "e", "e/z z/c")
IDS = ("d1", "d1", "d2", "d2", "d3", "d4", "z z", "ä", "😀", "\uffee", "__id7__", "__id10__")
FIELDS = ("a", "b", "m.x", "t")
"""What is queried; `m` is mostly a map and `t` mostly an array."""
ODD_FIELDS = ("`a.b`", "m.`x y`", "m.y.z", "`é`")

_COMMON: tuple[Json, ...] = (
    {"integerValue": "0"},
    {"integerValue": "1"},
    {"integerValue": "2"},
    {"doubleValue": 2.0},
    {"doubleValue": 1.5},
    {"stringValue": "a"},
    {"stringValue": "b"},
    {"nullValue": None},
    {"booleanValue": True},
)
_RARE: tuple[Json, ...] = (
    {"integerValue": "-1"},
    {"integerValue": str(2**53 + 1)},
    {"integerValue": str(2**63 - 1)},
    {"integerValue": str(-(2**63))},
    {"doubleValue": float(2**53)},
    {"doubleValue": -0.0},
    {"doubleValue": 5e-324},
    {"doubleValue": "NaN"},
    {"doubleValue": "Infinity"},
    {"doubleValue": "-Infinity"},
    {"booleanValue": False},
    {"stringValue": ""},
    {"stringValue": "ä"},
    {"stringValue": "\uffee"},
    {"stringValue": "😀"},
    {"bytesValue": ""},
    {"bytesValue": "AP8="},
    {"timestampValue": "2020-09-13T12:26:40Z"},
    {"timestampValue": "1969-12-31T23:59:59.999999Z"},
    {"timestampValue": "2100-01-01T00:00:00Z"},
    {"geoPointValue": {"latitude": 1.0, "longitude": 2.0}},
    {"geoPointValue": {"latitude": 1.0, "longitude": -2.0}},
    {"referenceValue": f"{ROOT}/c/d1"},
    {"referenceValue": f"{ROOT}/c/d1/c/d2"},
    {"arrayValue": {}},
    {"arrayValue": {"values": [{"integerValue": "1"}, {"stringValue": "a"}]}},
    {"arrayValue": {"values": [{"integerValue": "1"}, {"doubleValue": 1.0}, {"nullValue": None}]}},
    {"mapValue": {}},
    {"mapValue": {"fields": {"x": {"integerValue": "1"}}}},
    {"mapValue": {"fields": {"x": {"stringValue": "a"}, "y": {"integerValue": "0"}}}},
    {
        "mapValue": {
            "fields": {
                "__type__": {"stringValue": "__vector__"},
                "value": {"arrayValue": {"values": [{"doubleValue": 1.0}, {"doubleValue": 2.0}]}},
            }
        }
    },
)
_NUMBERS = tuple(each for each in (*_COMMON, *_RARE) if each.keys() & {"integerValue", "doubleValue"})


def value(random: Random) -> Json:
    """Any value."""
    return random.choice(_COMMON if random.random() < 0.75 else _RARE)


def element(random: Random) -> Json:
    """A value that may stand in an array."""
    made = value(random)
    is_vector = "mapValue" in made and "__type__" in made["mapValue"].get("fields", {})
    return {"integerValue": "0"} if "arrayValue" in made or is_vector else made


def number(random: Random) -> Json:
    """A number."""
    return random.choice(_NUMBERS)


def elements(random: Random) -> Json:
    """An `ArrayValue` of a few elements."""
    values = [element(random) for _ in range(random.randint(0, 4))]
    return {"values": values} if values else {}


def fields(random: Random) -> Json:
    """The fields of a document."""
    made: Json = {name: value(random) for name in ("a", "b") if random.random() < 0.8}
    if random.random() < 0.7:
        made["m"] = _map(random) if random.random() < 0.8 else value(random)
    if random.random() < 0.7:
        made["t"] = {"arrayValue": elements(random)}
    if random.random() < 0.1:
        made[random.choice(["a.b", "é"])] = value(random)
    return made


def _map(random: Random) -> Json:
    inside = {name: value(random) for name in ("x", "x y") if random.random() < 0.7}
    return {"mapValue": {"fields": inside} if inside else {}}


def path(random: Random) -> str:
    """A document's path below the root."""
    return f"{random.choice(COLLECTIONS)}/{random.choice(IDS)}"


def name(random: Random) -> str:
    """A document's resource name."""
    return f"{ROOT}/{path(random)}"


def field(random: Random) -> str:
    """A field path as masks and queries write it."""
    return random.choice(FIELDS if random.random() < 0.9 else ODD_FIELDS)

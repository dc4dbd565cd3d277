"""What the official compiler knows about the types of operators, functions and methods.

Each line was read off its warnings. Types stand in the order in which it lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Types = tuple[str, ...]
"""The types a value may have."""

ANY: Final = None
"""No statement about the type."""


@dataclass(frozen=True, slots=True, eq=False)
class Overload:
    """One way to apply something: what each operand may be, and what comes out."""

    operands: tuple[Types | None, ...]
    result: Types | None


EVERY: Final[Types] = (
    *("int", "float", "null", "bool", "string", "bytes", "list", "set", "map", "path", "constraint"),
    *("duration", "timestamp", "latlng", "map_diff", "vector"),
)
"""All types, in the order in which `==` counts them."""
UNSAID: Final[Types] = ("null", "bool", *(each for each in EVERY if each not in ("null", "bool")))
"""All types, in the order in which a use that says nothing about a variable's type counts them."""
_COMPARED: Final[Types] = ("constraint", "string", *(each for each in EVERY if each not in ("constraint", "string")))
"""All types, in the order in which `<` and its kin count them."""
_NUMBER: Final = ("int", "float")
TRUTH: Final = ("bool",)
_ARITHMETIC: Final = Overload((_NUMBER, _NUMBER), _NUMBER)


def _each(*rows: tuple[str, ...]) -> tuple[Overload, ...]:
    return tuple(Overload(tuple((name,) for name in row[:-1]), (row[-1],)) for row in rows)


OPERATORS: Final[dict[str, tuple[Overload, ...]]] = {
    "+": (
        _ARITHMETIC,
        *_each(
            ("string", "string", "string"),
            ("duration", "duration", "duration"),
            ("duration", "timestamp", "timestamp"),
            ("timestamp", "duration", "timestamp"),
        ),
    ),
    "-": (
        _ARITHMETIC,
        *_each(
            ("duration", "duration", "duration"),
            ("timestamp", "duration", "timestamp"),
            ("timestamp", "timestamp", "duration"),
        ),
    ),
    **dict.fromkeys(("*", "/", "%"), (_ARITHMETIC,)),
    **dict.fromkeys(("&&", "||"), (Overload((TRUTH, TRUTH), TRUTH),)),
    **dict.fromkeys(("<", "<=", ">", ">="), (Overload((_COMPARED, _COMPARED), TRUTH),)),
    "in": (Overload((ANY, ("list", "set", "map", "constraint")), TRUTH),),
}
UNARY: Final[dict[str, tuple[Overload, ...]]] = {
    "!": (Overload((TRUTH,), TRUTH),),
    "-": (Overload((_NUMBER,), _NUMBER), *_each(("duration", "duration"))),
}
MEMBER: Final = ("map",)
"""What may stand before the dot of a member; of the member nothing is known."""
INDEX: Final = (
    Overload((("string",), ("int", "string")), ("string",)),
    Overload((("list",), ("int", "string")), ANY),
    Overload((("map",), ("int", "string")), ANY),
    Overload((("path",), ("int", "string")), ANY),
)
_BOUND: Final = ("null", "int")
SLICE: Final = tuple(Overload(((name,), _BOUND, _BOUND), (name,)) for name in ("string", "list", "path"))
SEGMENT: Final = ("path", "null", "int", "float", "string", "bool")

_DIGEST: Final = Overload((("bytes", "string"),), ("bytes",))
_DECIMAL: Final = ("float", "int")
_LOOKUP: Final = Overload((("path",),), ANY)
FUNCTIONS: Final[dict[str, Overload]] = {
    "int": Overload((("int", "float", "string"),), ("int",)),
    "float": Overload((("int", "float", "string"),), ("float",)),
    "string": Overload((("int", "float", "null", "string", "bool", "path"),), ("string",)),
    "path": Overload((("string",),), ("path",)),
    "debug": Overload((ANY,), ANY),
    "get": _LOOKUP,
    "getAfter": _LOOKUP,
    "exists": _LOOKUP,
    "existsAfter": _LOOKUP,
    "value": _LOOKUP,
    "vector": Overload((("list",),), ("vector",)),
    "math.abs": Overload((_NUMBER,), _NUMBER),
    "math.ceil": Overload((_DECIMAL,), ("float",)),
    "math.floor": Overload((_DECIMAL,), ("float",)),
    "math.isNaN": Overload((_DECIMAL,), TRUTH),
    "math.pow": Overload((_DECIMAL, _DECIMAL), ("float",)),
    "math.round": Overload((_DECIMAL,), ("int",)),
    "math.sqrt": Overload((_DECIMAL,), ("float",)),
    "hashing.crc32": _DIGEST,
    "hashing.crc32c": _DIGEST,
    "hashing.md5": _DIGEST,
    "hashing.sha256": _DIGEST,
    "timestamp.date": Overload((("int",),) * 3, ("timestamp",)),
    "timestamp.value": Overload((("int", "string"),), ("timestamp",)),
    "duration.value": Overload((("int",), ("string",)), ("duration",)),
    "duration.time": Overload((("int",),) * 4, ("duration",)),
    "duration.abs": Overload((("duration",),), ("duration",)),
    "latlng.value": Overload((_DECIMAL, _DECIMAL), ("latlng",)),
}
SERVICES: Final = ("cloud.firestore", "firebase.storage")
ALLOW_METHODS: Final = ("read", "write", "get", "list", "create", "update", "delete")
SERVICE_FUNCTIONS: Final = {
    "cloud.firestore": frozenset({"get", "getAfter", "exists", "existsAfter", "value", "debug"}),
    "firebase.storage": frozenset({"debug"}),
}
"""The functions that belong to a service's requests: unknown where no allow of the service leads to."""
SERVICE_VARIABLES: Final = dict.fromkeys(SERVICE_FUNCTIONS, frozenset({"request", "resource"}))
"""The variables of a service's requests."""
PACKAGES: Final = ("math", "hashing", "timestamp", "duration", "latlng")

_COLLECTION: Final = ("list", "set")
_CALENDAR: Final = Overload((("timestamp",),), ("int",))
METHODS: Final[dict[str, Overload]] = {
    **dict.fromkeys(("lower", "upper", "trim"), Overload((("string",),), ("string",))),
    "size": Overload((("string", "bytes", "list", "set", "map"),), ("int",)),
    "matches": Overload((("string",), ("string",)), TRUTH),
    "replace": Overload((("string",), ("string",), ("string",)), ("string",)),
    "split": Overload((("string",), ("string",)), ("list",)),
    "toUtf8": Overload((("string",),), ("bytes",)),
    **dict.fromkeys(("toBase64", "toHexString"), Overload((("bytes",),), ("string",))),
    **dict.fromkeys(("concat", "removeAll"), Overload((("list",), ("list",)), ("list",))),
    **dict.fromkeys(("hasAll", "hasAny", "hasOnly"), Overload((_COLLECTION, _COLLECTION), TRUTH)),
    "join": Overload((("list",), ("string",)), ("string",)),
    "toSet": Overload((("list",),), ("set",)),
    **dict.fromkeys(("difference", "intersection", "union"), Overload((("set",), ("set",)), ("set",))),
    "get": Overload((("map",), ("string", "list"), ANY), ANY),
    **dict.fromkeys(("keys", "values"), Overload((("map",),), ("list",))),
    "diff": Overload((("map",), ("map",)), ("map_diff",)),
    **dict.fromkeys(
        ("addedKeys", "removedKeys", "changedKeys", "affectedKeys", "unchangedKeys"),
        Overload((("map_diff",),), ("set",)),
    ),
    "bind": Overload((("path",), ("map",)), ("path",)),
    "segments": Overload((("path",),), ("path",)),
    "date": Overload((("timestamp",),), ("timestamp",)),
    "time": Overload((("timestamp",),), ("duration",)),
    **dict.fromkeys(("day", "dayOfWeek", "dayOfYear", "hours", "minutes", "month", "toMillis", "year"), _CALENDAR),
    **dict.fromkeys(("nanos", "seconds"), Overload((("duration", "timestamp"),), ("int",))),
    **dict.fromkeys(("latitude", "longitude"), Overload((("latlng",),), ("float",))),
    "distance": Overload((("latlng",), ("latlng",)), ("float",)),
}
TYPE_NAMES: Final = (
    *(
        "bool",
        "bytes",
        "constraint",
        "duration",
        "float",
        "int",
        "latlng",
        "list",
        "vector",
        "set",
        "number",
        "map",
    ),
    *("string", "timestamp", "path", "map_diff"),
)
"""What may stand behind `is`."""

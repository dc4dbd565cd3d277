"""How Firestore values and queries are written in YAML files. Reads text; runs nothing."""

from firewarden.indexes.notation.queries import (
    Aggregation,
    Cursor,
    FieldFilter,
    Join,
    Order,
    Query,
    parse_query,
)
from firewarden.indexes.notation.reader import Located, read_yaml
from firewarden.indexes.notation.values import (
    ArrayRemove,
    ArrayUnion,
    DeleteField,
    GeoPoint,
    Increment,
    Now,
    Reference,
    ServerTime,
    at,
)

__all__ = [
    "Aggregation",
    "ArrayRemove",
    "ArrayUnion",
    "Cursor",
    "DeleteField",
    "FieldFilter",
    "GeoPoint",
    "Increment",
    "Join",
    "Located",
    "Now",
    "Order",
    "Query",
    "Reference",
    "ServerTime",
    "at",
    "parse_query",
    "read_yaml",
]

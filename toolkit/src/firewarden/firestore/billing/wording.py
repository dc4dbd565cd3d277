"""Queries in a line of text, for tables of what was read. Made to be read by people, not to be parsed."""

from __future__ import annotations

from typing import Any

from firewarden.firestore.field_paths import format_field_path
from firewarden.firestore.query.model import And, Filter, Or, Query, Where
from firewarden.values import Reference

_VALUE_MAX = 40
"""Characters of one value."""


def query_text(query: Query) -> str:
    """`notes where author == 'ana' order by written desc limit 20`; no more is said of a vector than its field."""
    collection = query.collection or "*"
    where_from = "/".join((*query.parent, collection)) if not query.all_descendants else f"all {collection}"
    if query.all_descendants and query.parent:
        where_from += f" below {'/'.join(query.parent)}"
    parts = [where_from]
    if query.where is not None:
        parts.append(f"where {_where(query.where, is_nested=False)}")
    if query.nearest is not None:
        parts.append(f"nearest by {format_field_path(query.nearest.field)} limit {query.nearest.limit}")
    if query.order_by:
        orders = (format_field_path(each.field) + (" desc" if each.descending else "") for each in query.order_by)
        parts.append(f"order by {', '.join(orders)}")
    for word, cursor in (("from", query.start), ("to", query.end)):
        if cursor is not None:
            parts.append(f"{word} {', '.join(map(_value, cursor.values))}")
    if query.offset:
        parts.append(f"offset {query.offset}")
    if query.limit is not None:
        parts.append(f"limit {query.limit}")
    return " ".join(parts)


def _where(where: Where, *, is_nested: bool) -> str:
    if isinstance(where, Filter):
        value = "" if where.operator.value.startswith("is-") else f" {_value(where.value)}"
        return f"{format_field_path(where.field)} {where.operator.value}{value}"
    word = {And: " and ", Or: " or "}[type(where)]
    text = word.join(_where(each, is_nested=True) for each in where.filters)
    return f"({text})" if is_nested and len(where.filters) > 1 else text


def _value(value: Any) -> str:
    if isinstance(value, Reference):
        text = "/".join(value.segments)
    elif isinstance(value, list):
        text = f"[{', '.join(map(_value, value))}]"
    elif isinstance(value, str | int | float | dict | bytes | None):
        text = repr(value)
    else:
        text = str(value)
    return text if len(text) <= _VALUE_MAX else f"{text[: _VALUE_MAX - 3]}..."

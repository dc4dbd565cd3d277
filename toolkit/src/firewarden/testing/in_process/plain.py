"""Stored values as Python writes them, for those who look into the store rather than ask for documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firewarden.values import Reference, Timestamp


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields: a time is a datetime in UTC, a reference the document's path."""
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Timestamp):
        return value.moment()
    if isinstance(value, Reference):
        return "/".join(value.segments)
    if isinstance(value, dict):
        return plain(value)
    return [_plain(each) for each in value] if isinstance(value, list) else value

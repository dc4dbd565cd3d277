"""The whole database as a value: to show that something has changed nothing at all."""

from typing import Any


def every_document(client: Any) -> dict[str, Any]:
    """Every document of every collection, by its path."""
    return {
        each.reference.path: each.to_dict()
        for collection in client.collections()
        for each in collection.recursive().stream()
    }

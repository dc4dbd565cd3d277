"""Turns the notation's values into those of google-cloud-firestore."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.cloud import firestore

from firewarden.indexes import notation


def google_value(value: Any, client: firestore.Client, now: datetime) -> Any:
    """The value as the client library takes it; `now` is what ``!time now`` means."""
    return _converted(notation.at(value, now), client)


def _converted(value: Any, client: firestore.Client) -> Any:  # noqa: PLR0911 - a table, one line each
    match value:
        case Mapping():
            return {key: _converted(each, client) for key, each in value.items()}
        case list():
            return [_converted(each, client) for each in value]
        case notation.ServerTime():
            return firestore.SERVER_TIMESTAMP
        case notation.DeleteField():
            return firestore.DELETE_FIELD
        case notation.Increment(amount):
            return firestore.Increment(amount)
        case notation.ArrayUnion(values):
            return firestore.ArrayUnion([_converted(each, client) for each in values])
        case notation.ArrayRemove(values):
            return firestore.ArrayRemove([_converted(each, client) for each in values])
        case notation.Reference(path):
            return client.document(path)
        case notation.GeoPoint(latitude, longitude):
            return firestore.GeoPoint(latitude, longitude)
        case _:
            return value

"""Triggers called as the platform calls them, decoded: before- and after-images, path parameters, an id."""

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from firebase_functions.core import Change


def deliver(function: Any, before: Any | None, after: Any | None, *, id: str = "delivery", **params: str) -> None:  # noqa: A002  # CloudEvents call it id
    """Hand one change to a trigger; `before` and `after` are snapshots, None where the document was not there."""
    # The decorator's wrapper decodes the CloudEvent; what is under it is the function itself.
    function.__wrapped__(SimpleNamespace(id=id, params=params, data=Change(before=before, after=after)))


def deliver_deletion(function: Any, deleted: Any, *, time: datetime, id: str = "delivery", **params: str) -> None:  # noqa: A002  # CloudEvents call it id
    """Hand the deletion of a document to a trigger: its last snapshot, and when it was deleted."""
    function.__wrapped__(SimpleNamespace(id=id, params=params, data=deleted, time=time))


def image(data: Mapping[str, Any], *, create_time: Any = None, update_time: Any = None) -> Any:
    """A snapshot as a delivery carries it."""
    return SimpleNamespace(to_dict=lambda: dict(data), create_time=create_time, update_time=update_time)

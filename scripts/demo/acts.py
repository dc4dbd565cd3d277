"""What people do: each function returns an action for a step. They send what a real client would send."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from demo.steps import Act
from demo.world import World


def creates(event: str, **fields: Any) -> Act:
    """A new event, with the fields that every client sends; a callable value is given the time the story began."""

    def act(world: World, who: str) -> None:
        given = {name: value(world.began) if callable(value) else value for name, value in fields.items()}
        document = {
            "titleLower": str(given["title"]).lower(),
            "description": "",
            "createdBy": who,
            "createdAt": firestore.SERVER_TIMESTAMP,
            "updatedAt": firestore.SERVER_TIMESTAMP,
            **given,
        }
        world.client(who).document(f"events/{event}").create(document)

    return act


def changes(event: str, **fields: Any) -> Act:
    """An edit of an event."""

    def act(world: World, who: str) -> None:
        update = {**fields, "updatedAt": firestore.SERVER_TIMESTAMP}
        world.client(who).document(f"events/{event}").update(update)

    return act


def deletes(path: str) -> Act:
    """A document is deleted."""

    def act(world: World, who: str) -> None:
        world.client(who).document(path).delete()

    return act


def reads(path: str) -> Act:
    """A document is read; the title shows that it arrived."""
    return lambda world, who: world.client(who).document(path).get(["title"]).get("title")


def writes(path: str, **fields: Any) -> Act:
    """A document is written as given."""

    def act(world: World, who: str) -> None:
        world.client(who).document(path).set(fields)

    return act


def lists_upcoming(*, published_only: bool) -> Act:
    """The list every visitor sees; without the filter it could return drafts."""

    def act(world: World, who: str) -> str:
        query = world.client(who).collection("events").where(filter=FieldFilter("visibility", "==", "public"))
        if published_only:
            query = query.where(filter=FieldFilter("published", "==", value=True))
        query = query.where(filter=FieldFilter("lastEndAt", ">=", world.began)).order_by("lastEndAt")
        return f"{len(list(query.stream()))} events"

    return act


def lists_teasers() -> Act:
    """What anyone may see of events to come."""
    return lambda world, who: f"{len(list(world.client(who).collection('event_teasers').stream()))} teasers"


def answers_rsvp(event: str, status: str, *, of: str | None = None, **extra: Any) -> Act:
    """An RSVP written straight to Firestore: new, or changed with one more entry of history."""

    def act(world: World, who: str) -> None:
        reference = world.client(who).document(f"events/{event}/rsvps/{of or who}")
        entry = {"status": status, "changedAt": world.now(), "changedBy": who}
        common = {"status": status, "updatedAt": firestore.SERVER_TIMESTAMP, **extra}
        before = reference.get()
        if before.exists:
            reference.update({**common, "statusHistory": [*before.get("statusHistory"), entry]})
        else:
            reference.create({**common, "statusHistory": [entry], "createdAt": firestore.SERVER_TIMESTAMP})

    return act


def rewrites_history(event: str) -> Act:
    """An attempt to make an RSVP look as if nothing had been before."""

    def act(world: World, who: str) -> None:
        entry = {"status": "going", "changedAt": world.began - timedelta(days=30), "changedBy": who}
        update = {"statusHistory": [entry], "updatedAt": firestore.SERVER_TIMESTAMP}
        world.client(who).document(f"events/{event}/rsvps/{who}").update(update)

    return act


def requests_rsvp(event: str, status: str, **extra: Any) -> Act:
    """An RSVP over HTTP, answered when its seats are settled."""
    return lambda world, who: world.http(who, "PUT", f"/events/{event}/rsvp", json={"status": status, **extra})


def requests(path: str) -> Act:
    """A plain GET."""
    return lambda world, who: world.http(who, "GET", path)


def posts(path: str) -> Act:
    """A POST without a body: an answer to an offer, a seat given by an admin."""
    return lambda world, who: world.http(who, "POST", path)


def fetches_feed(path: str, *, conditional: bool) -> Act:
    """A subscriber's fetch; it keeps the ETag, and sends it again when `conditional`."""

    def act(world: World, who: str) -> httpx.Response:
        headers = {"If-None-Match": world.etags[path]} if conditional else {}
        response = world.http(who, "GET", path, headers=headers)
        world.etags[path] = response.headers.get("ETag", "")
        return response

    return act


def later(days: int, hours: int = 0) -> Callable[[datetime], datetime]:
    """A time counted from the day the story began."""
    return lambda began: began.replace(minute=0, second=0, microsecond=0) + timedelta(days=days, hours=hours)

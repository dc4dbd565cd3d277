"""`GET /feeds/public.ics` and `GET /feeds/public.json`: decode the request, ask the store, answer."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request

from gather.feeds.calendar import FORMAT_VERSION, vcalendar
from gather.feeds.http_cache import BodyCache, Representation, answer, coding_for, encode, is_fresh
from gather.feeds.json_feed import FORMATS
from gather.feeds.origin import Origin
from gather.feeds.paging import JsonRequest, page_of, read_json_request
from gather.feeds.reading import Feed, read_feed, read_index
from gather.http.context import current_runtime

BODY_CACHE_OCTETS_MAX = 32 * 1024 * 1024

blueprint = Blueprint("feeds", __name__)
_bodies = BodyCache(BODY_CACHE_OCTETS_MAX)


@blueprint.get("/feeds/public.ics")
def public_ics() -> Response:
    """Answer with the public calendar; a subscriber whose copy is current costs one document read."""
    name = current_runtime().settings.feed_name
    representation = Representation(
        mimetype="text/calendar; charset=utf-8",
        filename="events.ics",
        variant=(str(FORMAT_VERSION), name),
    )
    return _respond(representation, partial(_calendar, name))


@blueprint.get("/feeds/public.json")
def public_json() -> Response:
    """Answer with a page of the public events as JSON, in one of FORMATS."""
    asked = read_json_request(request.args)
    settings = current_runtime().settings
    origin = Origin(domain=settings.feed_domain, public_url=settings.public_url)
    representation = Representation(
        mimetype=FORMATS[asked.format].mimetype,
        filename="events.json",
        variant=(
            str(FORMAT_VERSION),
            settings.feed_name,
            settings.feed_domain,
            settings.public_url,
            *asked.variant,
        ),
    )
    return _respond(representation, partial(_json, asked, settings.feed_name, origin))


def _respond(representation: Representation, render: Callable[[Feed], str]) -> Response:
    runtime = current_runtime()
    now = runtime.now()
    index, feed = read_index(runtime.firestore, now=now)
    coding = coding_for(request)
    # A date in the future is no validator (RFC 9110, 8.8.2.1); the index may run ahead by a second.
    modified_at = index.modified_at if index.modified_at <= now else None
    reply = partial(answer, representation, modified_at=modified_at, coding=coding)
    tag = representation.tag(index.digest, coding)
    if is_fresh(request, tag, modified_at):
        return reply(tag=tag, body=None)
    if (body := _bodies.get(tag)) is not None:
        return reply(tag=tag, body=body)
    feed = feed or read_feed(runtime.firestore, index, now=now)
    tag = representation.tag(feed.digest, coding)
    body = encode(render(feed), coding)
    _bodies.put(tag, body)
    return reply(tag=tag, body=body)


def _calendar(name: str, feed: Feed) -> str:
    zones = {zone for fragment in feed.fragments for zone in fragment.zones}
    return vcalendar(name, zones, (fragment.ics for fragment in feed.fragments))


def _json(asked: JsonRequest, name: str, origin: Origin, feed: Feed) -> str:
    return FORMATS[asked.format].render(page_of(feed.fragments, asked, name=name, origin=origin))

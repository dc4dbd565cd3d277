"""The JSON representations of a feed: a plain list, JSON Feed 1.1, and a JSCalendar group. Pure text.

Everything is taken from stored fragments, so equal fragments give equal bytes whenever they are rendered.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gather.feeds.event_json import rfc3339
from gather.feeds.fragment import Fragment
from gather.feeds.jscalendar import jscalendar_event
from gather.feeds.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some consecutive fragments of a feed, and where the next ones are."""

    name: str
    origin: Origin
    url: str
    fragments: Sequence[Fragment]
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """A representation that `?format=` can ask for."""

    mimetype: str
    render: Callable[[Page], str]


def plain(page: Page) -> str:
    """Return `{"name", "updatedAt", "events", "nextPage"}`; the events are copied as they are stored."""
    head: dict[str, Any] = {"name": page.name}
    if page.fragments:
        # The newest event's, not the time of this answer.
        head["updatedAt"] = rfc3339(max(fragment.modified_at for fragment in page.fragments))
    if page.next_url is not None:
        head["nextPage"] = page.next_url
    events = ",".join(fragment.json for fragment in page.fragments)
    return f'{_dumps(head)[:-1]},"events":[{events}]}}\n'


def jsonfeed(page: Page) -> str:
    """Return JSON Feed 1.1; times of the event itself are in the extension `_event`."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": page.name,
        "home_page_url": f"{page.origin.public_url}/",
        "feed_url": page.url,
        "items": [_item(json.loads(fragment.json)) for fragment in page.fragments],
    }
    if page.next_url is not None:
        feed["next_url"] = page.next_url
    return _dumps(feed) + "\n"


def jscalendar(page: Page) -> str:
    """Return a JSCalendar Group (RFC 8984, 5.3) of Events."""
    group = {
        "@type": "Group",
        "uid": f"public@{page.origin.domain}",
        "title": page.name,
        "source": page.url,
        "entries": [jscalendar_event(json.loads(fragment.json)) for fragment in page.fragments],
    }
    return _dumps(group) + "\n"


FORMATS: Mapping[str, JsonFormat] = {
    "json": JsonFormat("application/json", plain),
    "jsonfeed": JsonFormat("application/feed+json", jsonfeed),
    "jscalendar": JsonFormat("application/jscalendar+json;type=group", jscalendar),
}


def _item(event: Mapping[str, Any]) -> dict[str, Any]:
    item = {
        "id": event["uid"],
        "url": event["url"],
        "title": event["title"],
        # An item has content_text or content_html; an event without a description is announced by its title.
        "content_text": event.get("description") or event["title"],
        "image": event.get("imageUrl"),
        "date_published": event.get("createdAt"),
        "date_modified": event.get("updatedAt"),
        "tags": event.get("tags"),
        "_event": {
            name: event[name]
            for name in ("startAt", "endAt", "allDay", "timezone", "location", "recurrence", "overrides", "canceled")
            if name in event
        },
    }
    return {name: value for name, value in item.items() if value is not None}


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

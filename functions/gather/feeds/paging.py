"""Pages of the JSON feed: what a query string may ask for, and which fragments that is. Pure.

A cursor says after which event to go on, by its place in the feed's order, so a page neither repeats nor skips an
event because others were added or removed meanwhile.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from gather.feeds.fragment import Fragment
from gather.feeds.json_feed import FORMATS, Page
from gather.feeds.origin import Origin
from gather.http.errors import ApiError

PAGE_EVENTS_MAX = 1_000
PATH = "/feeds/public.json"
Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonRequest:
    """What is asked for; `after` is the place of the last event of the page before."""

    format: str = "json"
    limit: int = PAGE_EVENTS_MAX
    after: Place | None = None

    @property
    def variant(self) -> tuple[str, ...]:
        """Return what of the request shows in the answer."""
        return self.format, str(self.limit), encode_cursor(self.after) if self.after else ""


def read_json_request(args: Mapping[str, str]) -> JsonRequest:
    """Refuse with every fault at once; parameters that nobody knows are left alone, as trackers add them."""
    details = []
    wanted = args.get("format", "json")
    if wanted not in FORMATS:
        details.append({"field": "format", "problem": f"is none of {', '.join(FORMATS)}"})
    limit = args.get("limit", str(PAGE_EVENTS_MAX))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= PAGE_EVENTS_MAX):
        details.append({"field": "limit", "problem": f"is not a whole number from 1 to {PAGE_EVENTS_MAX}"})
    after = None
    if "cursor" in args:
        after = decode_cursor(args["cursor"])
        if after is None:
            details.append({"field": "cursor", "problem": "is not a cursor of this feed; start without one"})
    if details:
        raise ApiError("validation_failed", "the query string is not understood", details)
    return JsonRequest(format=wanted, limit=int(limit), after=after)


def page_of(fragments: Sequence[Fragment], asked: JsonRequest, *, name: str, origin: Origin) -> Page:
    """Return the fragments after the cursor, up to the limit, and where to go on if there are more."""
    after = asked.after
    rest = [each for each in fragments if after is None or each.order > after]
    shown = rest[: asked.limit]
    next_url = _url(origin, asked, shown[-1].order) if len(rest) > len(shown) else None
    return Page(name=name, origin=origin, url=_url(origin, asked, after), fragments=shown, next_url=next_url)


def encode_cursor(place: Place) -> str:
    """Return the place as a token without a meaning for clients."""
    moment, event_id = place
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {event_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Place | None:
    """Return the place of a cursor, or None when it is not one of ours."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        moment, space, event_id = text.partition(" ")
        place = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError):
        return None
    return (place, event_id) if space and place.tzinfo is not None else None


def _url(origin: Origin, asked: JsonRequest, after: Place | None) -> str:
    query = {
        "format": asked.format if asked.format != "json" else "",
        "limit": str(asked.limit) if asked.limit != PAGE_EVENTS_MAX else "",
        "cursor": encode_cursor(after) if after else "",
    }
    encoded = urlencode({name: value for name, value in query.items() if value})
    return f"{origin.public_url}{PATH}" + (f"?{encoded}" if encoded else "")

"""The VCALENDAR around the components of many events: its head, every zone they name, then the events in order."""

from collections.abc import Iterable

from gather.feeds.text import clip, content, escape
from gather.feeds.vtimezone import vtimezone

# Part of every ETag: raise it when the same events would be written differently.
FORMAT_VERSION = 1
PRODID = "-//Gather//Gather events//EN"
NAME_LENGTH_MAX = 200


def vcalendar(name: str, zones: Iterable[str], components: Iterable[str]) -> str:
    """A subscribed calendar has no METHOD, says how often to come back, and defines a zone before using it.

    An empty calendar still needs a component (RFC 5545, 3.6): it holds the definition of UTC.
    """
    events = "".join(components)
    definitions = "".join(vtimezone(zone) for zone in sorted(set(zones)))
    if not events and not definitions:
        definitions = vtimezone("UTC")
    return _head(name) + definitions + events + content(["END:VCALENDAR"])


def _head(name: str) -> str:
    title = escape(clip(name, NAME_LENGTH_MAX))
    return content(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"PRODID:{PRODID}",
            "CALSCALE:GREGORIAN",
            f"NAME:{title}",
            f"X-WR-CALNAME:{title}",
            # RFC 7986 5.7 and, for Outlook, its older form. Nobody comes back sooner than this for news.
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
        ]
    )

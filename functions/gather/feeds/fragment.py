"""The rendered part of a feed that one event contributes, and whether it contributes any. Pure.

A fragment is made when its event changes and is then only copied: reading a feed renders nothing.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from gather.events.model import ENDLESS, Event, effective_end, is_public, last_end
from gather.feeds.event_json import event_json
from gather.feeds.ical import FULL_WORDING, Wording, vevents, zones_used
from gather.feeds.origin import Origin

KEPT_AFTER_END = timedelta(days=90)
KEPT_AFTER_CANCELLATION = timedelta(days=30)
# 366 changed occurrences that all repeat a long description would fill a chunk of the store alone.
FRAGMENT_OCTETS_MAX = 200_000
WORDINGS = (
    FULL_WORDING,
    Wording(inherited_description_length_max=0),
    Wording(description_length_max=300, inherited_description_length_max=0),
    Wording(description_length_max=0, inherited_description_length_max=0),
)


class FragmentTooLargeError(ValueError):
    """An event that does not fit a feed even without its descriptions; it is left out of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """What a feed shows of one event; `digest` is equal exactly when everything shown is equal."""

    event_id: str
    ics: str
    json: str
    zones: tuple[str, ...]
    starts_at: datetime
    modified_at: datetime
    expires_at: datetime | None
    digest: str

    @property
    def order(self) -> tuple[datetime, str]:
        """Feeds list events by start; the id makes the order total."""
        return self.starts_at, self.event_id


def public_fragment(event: Event, *, now: datetime, origin: Origin) -> Fragment | None:
    """The public feed holds public, published events from 90 days back; canceled ones stay for 30 days.

    Events whose start is unknown cannot be shown. Raises FragmentTooLargeError.
    """
    if not is_listed(event) or event.start_at is None:
        return None
    expires_at = expiry(event)
    if expires_at is not None and expires_at <= now:
        return None
    return _fragment(event, event.start_at, expires_at, origin)


def is_listed(event: Event) -> bool:
    """Only what a guest may read at any time is listed: a past event that was private stays out."""
    return event.published and is_public(event)


def expiry(event: Event) -> datetime | None:
    """Return when the event leaves the feed by itself; None for never.

    A recurrence that cannot be read counts as endless where access depends on it, so that nothing is opened too
    early. What the feed shows of it is a single event, which is over when that is.
    """
    changed_at = event.updated_at or event.created_at
    if event.canceled and changed_at is not None:
        return changed_at + KEPT_AFTER_CANCELLATION
    end = last_end(event) if event.recurrence is not None else effective_end(event)
    return None if end is None or end >= ENDLESS - KEPT_AFTER_END else end + KEPT_AFTER_END


def is_shown(fragment: Fragment, now: datetime) -> bool:
    """A stored fragment is shown until it expires, whether it has been removed by then or not."""
    return fragment.expires_at is None or fragment.expires_at > now


def _fragment(event: Event, starts_at: datetime, expires_at: datetime | None, origin: Origin) -> Fragment:
    ics, text = _rendered(event, origin)
    return Fragment(
        event_id=event.id,
        ics=ics,
        json=text,
        zones=zones_used(event),
        starts_at=starts_at,
        modified_at=event.updated_at or event.created_at or starts_at,
        expires_at=expires_at,
        digest=hashlib.sha256(f"{ics}\0{text}".encode()).hexdigest(),
    )


def _rendered(event: Event, origin: Origin) -> tuple[str, str]:
    """Render the event with as much text as fits; nothing but descriptions is ever shortened."""
    size = 0
    for wording in WORDINGS:
        ics = vevents(event, origin, wording)
        fields = event_json(event, origin, wording.description_length_max)
        text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        size = len(ics.encode()) + len(text.encode())
        if size <= FRAGMENT_OCTETS_MAX:
            return ics, text
    raise FragmentTooLargeError(
        f"event {event.id} needs {size} octets in a feed, more than {FRAGMENT_OCTETS_MAX}; "
        "shorten its texts or its list of changed occurrences"
    )

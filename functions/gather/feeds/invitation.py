"""An event as an invitation by mail (iTIP, RFC 5546): for the calendar of one person who is coming. Pure.

It has the feed's UID and SEQUENCE, so that a calendar which knows the event from the feed, or gets a later
invitation, changes the entry that it has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from gather.events.model import Event
from gather.feeds.calendar import PRODID
from gather.feeds.fragment import FRAGMENT_OCTETS_MAX, WORDINGS
from gather.feeds.ical import vevents, zones_used
from gather.feeds.origin import Origin
from gather.feeds.text import content
from gather.feeds.vtimezone import vtimezone

_END = "END:VEVENT\r\n"
_QUOTED = {"^": "^^", "\n": "^n", '"': "^'"}
"""What a parameter's value cannot hold, as RFC 6868 writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Somebody in an invitation: a name to show, and a mail address."""

    name: str
    email: str


def invitation(event: Event, origin: Origin, *, organizer: Address, attendee: Address) -> str | None:
    """Return METHOD:REQUEST for somebody who has accepted already; None for what no calendar can show.

    Every component names the organizer and the attendee (RFC 5546, 3.2.2). Who has paid is not asked again.
    """
    if event.start_at is None or event.canceled:
        return None
    people = content(_people(organizer, attendee))
    texts = (vevents(event, origin, wording) for wording in WORDINGS)
    components = next((text for text in texts if len(text.encode()) <= FRAGMENT_OCTETS_MAX), None)
    if components is None:
        return None
    head = content(["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN", "METHOD:REQUEST"])
    zones = "".join(vtimezone(zone) for zone in sorted(set(zones_used(event))))
    return head + zones + components.replace(_END, people + _END) + content(["END:VCALENDAR"])


def _people(organizer: Address, attendee: Address) -> Iterator[str]:
    yield f"ORGANIZER;CN={_parameter(organizer.name)}:{_mailto(organizer)}"
    status = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE"
    yield f"ATTENDEE;CN={_parameter(attendee.name)};{status}:{_mailto(attendee)}"


def _parameter(value: str) -> str:
    """Quote a parameter's value (RFC 5545, 3.2), without the control characters that it cannot hold."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(each for each in lines if each == "\n" or (each.isprintable() and not 0xD800 <= ord(each) < 0xE000))
    return '"' + "".join(_QUOTED.get(each, each) for each in kept) + '"'


def _mailto(address: Address) -> str:
    return f"mailto:{quote(address.email, safe='@')}"

"""The approved text of each sample, and how it is made."""

from pathlib import Path

from gather.events.model import Event
from gather.feeds.calendar import vcalendar
from gather.feeds.ical import vevents, zones_used
from tests.feeds.samples import ORIGIN

GOLDEN = Path(__file__).parent / "golden"


def calendar_of(*events: Event) -> bytes:
    zones = {zone for each in events for zone in zones_used(each)}
    return vcalendar("Town events", zones, [vevents(each, ORIGIN) for each in events]).encode()

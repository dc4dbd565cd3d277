"""Every action whose cost is claimed, chapter by chapter."""

from firewarden.firestore.billing.usage import Usage
from tests.costs.actions import Chapter
from tests.costs.answers import DIRECT, FOLLOWS, HOT, SETTLED
from tests.costs.feeds import FEEDS
from tests.costs.organizing import ORGANIZING, SWEEP
from tests.costs.over_http import OVER_HTTP
from tests.costs.selling import SELLING

CHAPTERS: tuple[Chapter, ...] = (DIRECT, SETTLED, FOLLOWS, HOT, OVER_HTTP, SELLING, ORGANIZING, SWEEP, FEEDS)
ONE_RSVP = (
    DIRECT.actions[0],
    SETTLED.actions[0],
    FOLLOWS.actions[0],
    FOLLOWS.actions[2],
    FOLLOWS.actions[3],
)
"""What one RSVP to an event with room leads to: written, settled, the event's own event, and its creator told."""
ADMITTED_IN_A_GROUP = sum(
    (action.claimed for action in (DIRECT.actions[0], HOT.actions[0], *FOLLOWS.actions[2:])),
    Usage(reads=3, writes=2, deletes=1),
)
"""What one RSVP to a busy event comes to: written, marked, its share of a group, and its creator told."""

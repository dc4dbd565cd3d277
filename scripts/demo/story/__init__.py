"""The story in order. Chapters are data: a person, what they do, what must come of it."""

from datetime import datetime

from demo.steps import Chapter
from demo.story.access import ACCESS
from demo.story.admin import ADMIN
from demo.story.feed import feed_chapter
from demo.story.offers import OFFERS
from demo.story.seats import SEATS
from demo.story.teasers import TEASERS
from demo.story.tickets import TICKETS

__all__ = ["story"]


def story(began: datetime) -> tuple[Chapter, ...]:
    """All chapters; the recurring event's dates depend on when the story began."""
    return (ACCESS, SEATS, OFFERS, TICKETS, TEASERS, feed_chapter(began), ADMIN)

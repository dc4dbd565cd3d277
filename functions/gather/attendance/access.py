"""Who may RSVP: the same law as rules/rsvps.rules, for the HTTP side. Pure.

One table of decision cases (rules/cases) runs against both.
"""

from dataclasses import dataclass
from datetime import datetime

from gather.attendance.model import Status
from gather.events.model import Event, Viewer, can_manage, can_read, is_past
from gather.events.parse import DECIDING_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What else decides besides the event: `blocked` by an admin, by the creator, or blocking the creator."""

    viewer: Viewer
    blocked_from_rsvp: bool
    blocked_with_creator: bool


def refusal(
    event: Event, standing: Standing, status: Status, *, is_new: bool, only_leaves: bool, now: datetime
) -> str | None:
    """Return the error code for an RSVP that may not be written, None for one that may.

    What the caller may not read does not exist for them. Whoever has an RSVP may always leave (not-going, and
    nothing else changed), whatever became of the event or of them. `is_new`: there is no RSVP yet.
    """
    viewer = standing.viewer
    if only_leaves and not is_new and status is Status.NOT_GOING:
        return None
    if not can_read(event, viewer, now=now):
        return "event_not_found"
    if standing.blocked_from_rsvp or standing.blocked_with_creator:
        return "blocked_from_rsvp"
    if not _may_attend(event, viewer) or _is_undecidable(event):
        return "forbidden"
    if is_past(event, now):
        return "event_past"
    return "event_canceled" if event.canceled else None


# The rules see only the shape of a recurrence; the others they read, and a wrong type is an error there.
UNDECIDABLE_FIELDS = DECIDING_FIELDS - {"recurrence"}


def _is_undecidable(event: Event) -> bool:
    return any(fault.field in UNDECIDABLE_FIELDS for fault in event.faults)


def _may_attend(event: Event, viewer: Viewer) -> bool:
    """Members, the invited, and who runs the event; a signed-in guest without a role may only look."""
    return (
        viewer.role is not None
        or can_manage(event, viewer)
        or (viewer.uid is not None and viewer.uid in event.invited_users)
    )

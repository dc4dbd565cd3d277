"""Who may see and manage an event: the access table of the specification, the same as in `firestore.rules`."""

from datetime import datetime

from gather.events.event import Event, Viewer, Visibility
from gather.events.laws import is_past, is_public


def can_manage(event: Event, viewer: Viewer) -> bool:
    """Admins; and among members the event's creator and the organizers of its organization."""
    is_creator = bool(viewer.uid) and viewer.uid == event.created_by
    is_organizer = viewer.organizer and event.organization_id is not None
    return viewer.role == "admin" or (viewer.role is not None and (is_creator or is_organizer))


def can_read(event: Event, viewer: Viewer, *, now: datetime) -> bool:
    """A draft is its managers' only; a past event is everyone's; otherwise the visibility decides.

    `now` is asked for because an event opens to everyone when the whole of it is over.
    """
    if can_manage(event, viewer):
        return True
    if not event.published:
        return False
    if is_public(event) or is_past(event, now):
        return True
    is_invited = viewer.uid is not None and viewer.uid in event.invited_users
    return is_invited or (event.visibility is Visibility.MEMBERS and viewer.role is not None)

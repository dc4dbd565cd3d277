"""The room at an event, as pure tests of settling need it."""

from gather.attendance.room import Room

ROOM = Room(
    open=True,
    max_attendees=4,
    count_party_size=True,
    is_waitlist_enabled=True,
    waitlist_policy="strict",
    is_paid=False,
    attending_count=0,
    waitlist_count=0,
)
"""Four seats, none taken, and a strict line."""

"""The people for whom tickets are bought, as registrations and tickets keep them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Somebody for whom a ticket is bought; without an address everything goes to the buyer."""

    name: str
    email: str | None = None


def attendee_document(attendee: Attendee) -> dict[str, Any]:
    """Write an attendee as a map."""
    return {"name": attendee.name} | ({} if attendee.email is None else {"email": attendee.email})


def parse_attendee(value: Any) -> Attendee | None:
    """Read a stored attendee; None for what is none."""
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return None
    email = value.get("email")
    return Attendee(name=value["name"], email=email if isinstance(email, str) else None)


def parse_attendees(value: Any) -> tuple[Attendee, ...]:
    """Read a stored list of attendees; what is none is left out."""
    items: Sequence[Any] = value if isinstance(value, list) else []
    return tuple(found for item in items if (found := parse_attendee(item)) is not None)

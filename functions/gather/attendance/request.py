"""An RSVP as HTTP clients send it: validated whole, with the older names accepted. Pure."""

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from gather.attendance.model import KIDS_MAX, PARTY_SIZE_MAX, Status

NOTES_MAX = 2_000
_OLDER_STATUS = {"not_going": "not-going"}


def _current_name(value: Any) -> Any:
    return _OLDER_STATUS.get(value, value) if isinstance(value, str) else value


class RsvpBody(BaseModel):
    """The body of `PUT /events/{id}/rsvp`; what is left out stays as it is stored."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    status: Annotated[Status, Field(strict=False), BeforeValidator(_current_name)]
    party_size: Annotated[int, Field(ge=1, le=PARTY_SIZE_MAX)] | None = Field(
        default=None, validation_alias=AliasChoices("partySize", "adults"), serialization_alias="partySize"
    )
    kids: Annotated[int, Field(ge=0, le=KIDS_MAX)] | None = None
    notes: Annotated[str, Field(max_length=NOTES_MAX)] | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, under their stored names, without the status."""
        sent = {"partySize": self.party_size, "kids": self.kids, "notes": self.notes}
        return {name: value for name, value in sent.items() if value is not None}

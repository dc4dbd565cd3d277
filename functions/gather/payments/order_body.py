"""Bodies of orders, validated whole; who buys, and what it costs, is never in them. Pure."""

from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from gather.attendance.model import KIDS_MAX, PARTY_SIZE_MAX
from gather.payments.model import PaymentForm
from gather.payments.ordering import Party, Wish
from gather.tickets.attendee import Attendee
from gather.tickets.model import ORDER_MAX
from gather.tickets.order import Order

NAME_MAX = 200
CODE_MAX = 100

Name = Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
Code = Annotated[str, Field(min_length=1, max_length=CODE_MAX)]


class AttendeeBody(BaseModel):
    """Somebody for whom a ticket is bought."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Name
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=NAME_MAX)] | None = None


class _OrderBody(BaseModel):
    """What every order may say."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    ticket_type: Name | None = Field(
        default=None,
        validation_alias=AliasChoices("ticketType", "ticketTypeId", "ticket_type"),
        serialization_alias="ticketType",
    )
    access_code: Code | None = Field(default=None, alias="accessCode")
    discount_code: Code | None = Field(default=None, alias="discountCode")
    form: Annotated[PaymentForm, Field(strict=False)] = PaymentForm.SESSION


class PurchaseBody(_OrderBody):
    """The body of `POST /events/{id}/tickets/purchase`."""

    quantity: Annotated[int, Field(ge=1, le=ORDER_MAX)] = 1
    attendees: Annotated[list[AttendeeBody], Field(max_length=ORDER_MAX)] = Field(default_factory=list)

    def wish(self, key: str | None) -> Wish:
        """What is wished for: tickets."""
        order = Order(
            ticket_type=self.ticket_type,
            quantity=self.quantity,
            attendees=tuple(Attendee(name=each.name, email=each.email) for each in self.attendees),
            access_code=self.access_code,
            discount_code=self.discount_code,
        )
        return Wish(order=order, party=None, form=self.form, key=key)


class CheckoutBody(_OrderBody):
    """The body of `POST /events/{id}/checkout`: the seats of the caller's RSVP."""

    party_size: Annotated[int, Field(ge=1, le=PARTY_SIZE_MAX)] = Field(
        default=1, validation_alias=AliasChoices("partySize", "adults"), serialization_alias="partySize"
    )
    kids: Annotated[int, Field(ge=0, le=KIDS_MAX)] = 0

    def wish(self, key: str | None, *, counts_party: bool) -> Wish:
        """What is wished for: as many seats as the party takes, one where the event does not count parties."""
        order = Order(
            ticket_type=self.ticket_type,
            quantity=self.party_size + self.kids if counts_party else 1,
            access_code=self.access_code,
            discount_code=self.discount_code,
        )
        return Wish(order=order, party=Party(party_size=self.party_size, kids=self.kids), form=self.form, key=key)

"""Bodies of requests about money, validated whole; amounts are whole numbers of the currency's minor unit. Pure."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

REASON_MAX = 200
TICKETS_MAX = 50
REASON_DEFAULT = "requested_by_customer"

Reason = Annotated[str, Field(min_length=1, max_length=REASON_MAX)]
TicketId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]


class RefundBody(BaseModel):
    """The body of `POST /payments/{id}/refunds`; without an amount, everything that is left is given back.

    Tickets named are void once the money is back; none named: all of them, when nothing of the payment is left.
    """

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    amount_cents: Annotated[int, Field(gt=0)] | None = Field(default=None, alias="amountCents")
    reason: Reason = REASON_DEFAULT
    ticket_ids: Annotated[list[TicketId], Field(max_length=TICKETS_MAX)] = Field(
        default_factory=list, alias="ticketIds"
    )

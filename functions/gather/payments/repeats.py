"""Orders that were placed before: by the same key, or by the same person who has yet to pay. Read in a transaction.

Whoever sends an order again, not knowing what became of it, gets what they have, and no more seats.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gather.attendance.model import SeatState
from gather.payments.model import Payment, parse_payment
from gather.payments.ordering import PurchaseRefusedError, Wish, type_wanted
from gather.tickets.registration import Registration
from gather.tickets.seats import Holding
from gather.tickets.store import Sale, registration_in, registration_ref
from gather.transactions import read, read_all

TURNS_MAX = 20
"""Orders under one key that may come to nothing, one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The order as it is kept: its payment, None where there is nothing to pay, and its registration.

    `is_new` is false where the same was ordered before.
    """

    payment: Payment | None
    registration: Registration | None
    is_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The ids of an order's documents: random, or the same for the same key of the same buyer."""

    payment_id: str
    code: str


def known_order(
    transaction: Any, client: Any, names_of: Callable[[int], Names], wish: Wish
) -> tuple[Taken | None, Names]:
    """What was ordered under the same key, or the names for it; a key whose order came to nothing is free again.

    Without a key the names are new, and nothing can stand under them.
    """
    if wish.key is None:
        return None, names_of(0)
    for turn in range(TURNS_MAX):
        names = names_of(turn)
        known = _named_order(transaction, client, names, wish)
        if known is None or known.payment is None or known.payment.is_captured or known.payment.is_open:
            return known, names
    raise PurchaseRefusedError("idempotency_conflict", "too many orders under this key came to nothing; use another")


def _named_order(transaction: Any, client: Any, names: Names, wish: Wish) -> Taken | None:
    refs = [client.document("payments", names.payment_id), registration_ref(client, names.code)]
    payment, registration = read_all(transaction, refs)
    first = payment if payment.exists else registration
    if not first.exists:
        return None
    if first.to_dict().get("orderDigest") != wish.digest:
        raise PurchaseRefusedError("idempotency_conflict", "this key was used for another order")
    return Taken(
        payment=parse_payment(payment.id, payment.to_dict()) if payment.exists else None,
        registration=registration_in(registration),
        is_new=False,
    )


def begun_order(transaction: Any, client: Any, holding: Holding, wish: Wish, sale: Sale) -> Taken | None:
    """What the buyer has ordered already: the same order is answered with it, more of the same is refused."""
    own = holding.own
    if own is None or not own.is_purchased:
        return None
    if wish.party is None and not own.purchases:
        raise PurchaseRefusedError(
            "already_registered", "you have ordered seats here already", payment_id=own.payment_id
        )
    if wish.party is not None:
        if own.purchases:
            raise PurchaseRefusedError("already_registered", "you have ordered tickets for this event already")
        return _same_or_refused(transaction, client, [own.payment_id], wish)
    kind = type_wanted(wish, sale.types, holding.opening.event)
    of_kind = [each for each in own.purchases if kind is None or each.ticket_type_id == kind.id]
    if not of_kind:
        return None
    allows_several = kind is not None and kind.allows_several
    pending = [each.payment_id for each in of_kind if each.state is SeatState.HELD]
    if allows_several and (wish.key is not None or not pending):
        return None
    return _same_or_refused(transaction, client, pending, wish, is_allowed=allows_several)


def _same_or_refused(
    transaction: Any, client: Any, payment_ids: list[str | None], wish: Wish, *, is_allowed: bool = False
) -> Taken | None:
    refs = [client.document("payments", payment_id) for payment_id in payment_ids if payment_id is not None]
    payments = [each for each in read_all(transaction, refs) if each.exists]
    for each in payments:
        payment = parse_payment(each.id, each.to_dict())
        if payment.is_open and each.to_dict().get("orderDigest") == wish.digest:
            return Taken(payment=payment, registration=_registration(transaction, client, payment), is_new=False)
    if is_allowed:
        return None
    open_id = payments[0].id if payments else None
    message = "you have ordered this already; pay or cancel that order first" if payments else "you have this already"
    raise PurchaseRefusedError("already_registered", message, payment_id=open_id)


def _registration(transaction: Any, client: Any, payment: Payment) -> Registration | None:
    if payment.registration_id is None:
        return None
    return registration_in(read(transaction, registration_ref(client, payment.registration_id)))

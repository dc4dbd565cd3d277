"""Taking seats for an order: one transaction checks everything, holds the seats and writes what is to be paid.

Stripe is asked for nothing here. An order that costs nothing is confirmed at once.
"""

import hmac
import secrets
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from gather.attendance.access import refusal
from gather.attendance.model import Seat
from gather.attendance.model import Status as RsvpStatus
from gather.attendance.write import standing_of
from gather.events.model import Event, Viewer
from gather.payments.model import payment_document
from gather.payments.ordering import Buyer, PurchaseRefusedError, Wish, payment_of, seat_of_order
from gather.payments.repeats import Names, Taken, begun_order, known_order
from gather.runtime import Runtime
from gather.tickets.issuing import issued
from gather.tickets.order import Quote, Refusal, quote
from gather.tickets.registration import (
    CODE_BYTES,
    Registration,
    Status,
    registered,
    registration_code,
    registration_document,
)
from gather.tickets.seats import Holding, carry_out, open_holding, plan_seats
from gather.tickets.store import Sale, count_use, read_sale, registration_ref
from gather.tickets.ticket import signing_key, ticket_document
from gather.transactions import is_contended, read, run_snapshot

PAYING_TIERS = frozenset({"pro", "enterprise"})
PAYMENT_ID_BYTES = 15
"""120 bits in 24 letters and digits, of which a receipt shows the first eight."""

ViewerOf = Callable[[Any, Event], Viewer]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """An order that nothing speaks against, with what was read for it."""

    holding: Holding
    names: Names
    sale: Sale
    priced: Quote


def take(found: Runtime, event_id: str, buyer: Buyer, wish: Wish, *, viewer_of: ViewerOf) -> Taken:
    """Sell what is wished for, or raise PurchaseRefusedError.

    Whoever asks again for what they are about to pay gets the same payment, not more seats.
    """
    client, contended = found.firestore, f"events/{event_id}"

    def look(transaction: Any) -> Taken | _Ready:
        known, names = known_order(transaction, client, partial(_names, found, event_id, buyer, wish), wish)
        if known is not None:
            return known
        key = buyer.uid if wish.party is not None else names.code
        holding = open_holding(transaction, client, event_id, uid=buyer.uid, key=key, now=found.now())
        if holding is None:
            raise PurchaseRefusedError("event_not_found")
        _check_access(transaction, client, holding, viewer_of)
        created_at = holding.opening.room.created_at
        sale = read_sale(transaction, client, event_id, wish.order, event_created_at=created_at)
        begun = begun_order(transaction, client, holding, wish, sale)
        if begun is not None:
            return begun
        priced = _priced(holding, wish, sale)
        _check_tier(transaction, client, holding.opening.event, priced)
        holding = replace(holding, counted=sale.documents)
        return _Ready(holding=holding, names=names, sale=sale, priced=priced)

    def body(transaction: Any) -> Taken:
        looked = look(transaction)
        return looked if isinstance(looked, Taken) else _write_order(transaction, found, wish, buyer, looked)

    # Of a crowd most come too late: they are told so without queueing for a look that changes nothing.
    if is_contended(contended) and isinstance(taken := run_snapshot(client, look), Taken):
        return taken
    return found.transact(client, body, contend_on=contended)


def _names(found: Runtime, event_id: str, buyer: Buyer, wish: Wish, turn: int) -> Names:
    """Ids derived from a client's key are as hard to guess as the others: our own secret is in them."""
    if wish.key is None:
        payment, code = secrets.token_bytes(PAYMENT_ID_BYTES), secrets.token_bytes(CODE_BYTES)
    else:
        text = repr((event_id, buyer.uid, wish.key, turn)).encode()
        secret = found.settings.ticket_signing_key
        payment = hmac.digest(secret, b"payment" + text, "sha256")[:PAYMENT_ID_BYTES]
        code = hmac.digest(secret, b"registration" + text, "sha256")[:CODE_BYTES]
    return Names(payment_id=b32encode(payment).decode(), code=registration_code(code))


def _check_access(transaction: Any, client: Any, holding: Holding, viewer_of: ViewerOf) -> None:
    """Who may answer the event may buy: the same law."""
    event = holding.opening.event
    viewer = viewer_of(transaction, event)
    standing = standing_of(transaction, client, event, viewer, holding.uid)
    is_new = holding.stored_rsvp is None
    code = refusal(event, standing, RsvpStatus.GOING, is_new=is_new, only_leaves=False, now=holding.opening.now)
    if code is not None:
        raise PurchaseRefusedError(code)


def _priced(holding: Holding, wish: Wish, sale: Sale) -> Quote:
    own, room = holding.own, holding.opening.room
    mine = own if own is not None and not own.is_purchased else None
    event, now = holding.opening.event, holding.opening.now
    own_seats = mine.seats if mine is not None and mine.counts else 0
    found = quote(wish.order, event, sale.types, sale.pools, sale.discount, now=now, own_seats=own_seats)
    if isinstance(found, Refusal):
        raise PurchaseRefusedError(found.code, found.message)
    others_wait = room.waitlist_count - (mine is not None and not mine.counts) > 0
    if room.waitlist_policy == "strict" and others_wait and not _is_served(mine, now):
        raise PurchaseRefusedError("sold_out", "others wait for these seats; answer the event to wait with them")
    return found


def _is_served(mine: Seat | None, now: datetime) -> bool:
    """Whether the line has been passed: by seats one has, or by an offer that is still open."""
    if mine is None or not mine.counts:
        return False
    return not mine.is_offer or mine.expires_at is None or mine.expires_at > now


def _check_tier(transaction: Any, client: Any, event: Event, priced: Quote) -> None:
    if priced.unit_cents == 0:
        return
    organization = None
    if event.organization_id is not None:
        organization = read(transaction, client.document("organizations", event.organization_id))
    tier = (organization.to_dict() or {}).get("tier") if organization is not None and organization.exists else None
    if tier not in PAYING_TIERS:
        raise PurchaseRefusedError("upgrade_required", "the organizer's plan does not include selling tickets")


def _write_order(transaction: Any, found: Runtime, wish: Wish, buyer: Buyer, ready: _Ready) -> Taken:
    holding, names, sale, priced = ready.holding, ready.names, ready.sale, ready.priced
    client, opening = found.firestore, holding.opening
    # A code that takes nothing off is not used.
    discount_id = sale.discount.id if priced.discount_cents and sale.discount is not None else None
    is_free = priced.amount_cents == 0
    payment = registration = None
    if not is_free:
        payment = payment_of(
            names.payment_id,
            wish,
            priced,
            opening.event,
            buyer,
            registration_id=names.code if wish.party is None else None,
            discount_id=discount_id,
            livemode=found.settings.stripe_livemode,
            event_created_at=opening.room.created_at,
            now=opening.now,
        )
    target = seat_of_order(
        wish,
        priced,
        payment=payment,
        before=holding.own,
        discount_id=discount_id,
        event_created_at=opening.room.created_at,
        now=opening.now,
    )
    party = None if wish.party is None else {"partySize": wish.party.party_size, "kids": wish.party.kids}
    shows: Any = None if is_free else "pending"
    plan = plan_seats(transaction, client, holding, target, shows=shows, says_going=True, changes=party)
    # INVARIANT: everything has been read; from here on there are only writes.
    carry_out(transaction, client, plan)
    if wish.party is None:
        registration = registered(
            names.code,
            event_id=opening.event.id,
            uid=buyer.uid,
            ticket_type_id=priced.ticket_type.id,
            quantity=priced.quantity,
            status=Status.CONFIRMED if is_free else Status.PENDING_PAYMENT,
            at=opening.now,
            attendees=wish.order.attendees,
            organization_id=opening.event.organization_id,
            payment_id=None if payment is None else payment.id,
            discount_id=discount_id,
        )
        document = registration_document(registration) | {"orderDigest": wish.digest}
        transaction.create(registration_ref(client, registration.id), document)
        if is_free:
            _issue(transaction, found, registration)
    if payment is not None:
        document = payment_document(payment) | {"orderDigest": wish.digest}
        transaction.create(client.document("payments", payment.id), document)
    if discount_id is not None and not _is_used_already(holding.own, target):
        count_use(transaction, client, sale.discount, 1)
    return Taken(payment=payment, registration=registration)


def _is_used_already(before: Seat | None, after: Seat) -> bool:
    """Whether the seats of an RSVP cost nothing by this code as it is: of such an order nothing else is kept."""
    return before is not None and after.discount_id is not None and before.discount_id == after.discount_id


def _issue(transaction: Any, found: Runtime, registration: Registration) -> None:
    key = signing_key(found.settings.ticket_signing_key)
    for number in range(1, registration.quantity + 1):
        ticket = issued(
            registration.id,
            number,
            event_id=registration.event_id,
            uid=registration.uid,
            ticket_type_id=registration.ticket_type_id,
            key=key,
            at=registration.created_at,
            attendees=registration.attendees,
            organization_id=registration.organization_id,
            registration_id=registration.id,
        )
        transaction.create(found.firestore.document("tickets", ticket.id), ticket_document(ticket))

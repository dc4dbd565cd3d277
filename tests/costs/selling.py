"""What selling costs: orders, Stripe's word, refunds, and what buyers, organizers and scanners read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.payments import holds
from gather.payments.deleted_events import undo_sales
from gather.payments.intake import receive
from gather.tickets.ticket import signed_code, signing_key, verified
from tests.costs import given
from tests.costs.actions import Action, Chapter, Cost, Do, Stage
from tests.costs.given import CROWD
from tests.support.events import NOW
from tests.support.purchases import begun, on_sale
from tests.support.stripe_payloads import body_of, signature_of

_PURCHASE = "/events/e/tickets/purchase"
_ADULT = {"ticketType": "adult"}
_GUEST = {"ticketType": "guest"}


def _sale(stage: Stage, **fields: Any) -> None:
    """An event of an organization's with tickets that cost something, and some that do not; nobody has bought any."""
    on_sale(stage.runtime, **fields)
    guest = {"name": "Guest", "priceCents": 0, "currency": "usd", "soldCount": 0, "heldCount": 0}
    stage.owner.document("events/e/ticketTypes/guest").set(guest)
    given.profile(stage, "ana")


def _free(stage: Stage) -> Do:
    _sale(stage)
    return given.asking(stage, "POST", _PURCHASE, _GUEST)


def _priced(stage: Stage) -> Do:
    _sale(stage)
    return given.asking(stage, "POST", _PURCHASE, _ADULT)


def _again(stage: Stage) -> Do:
    again = _priced(stage)
    again()
    return again


def _own_seats(stage: Stage) -> Do:
    _sale(stage, priceCents=1500, currency="EUR")
    for name in ("adult", "guest"):
        stage.owner.document("events/e/ticketTypes", name).delete()
    return given.asking(stage, "POST", "/events/e/checkout", {"partySize": 2})


def _ordered(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    answer = stage.http.post(_PURCHASE, json=body, headers=stage.headers("ana", role="member"))
    ordered: dict[str, Any] = answer.get_json()
    return ordered


def _telling(stage: Stage) -> Do:
    """Stripe tells what happened last."""
    body = body_of(stage.stripe.events[-1])
    signature = signature_of(body, stage.runtime.settings.stripe_webhook_secrets[0], at=NOW)
    return lambda: receive(stage.runtime, body, signature)


def _told(stage: Stage) -> Do:
    """Others have bought before, so the series of invoices has begun."""
    _sale(stage)
    _bought(stage, "0")
    stage.stripe.pay(_ordered(stage, _ADULT)["sessionId"])
    return _telling(stage)


def _bought(stage: Stage, *uids: str) -> None:
    for uid in uids:
        payment = begun(stage.runtime, uid, payment_id=f"{uid[-3:]}-payment")
        stage.stripe.pay(payment.session_id or "")
        _telling(stage)()


def _told_again(stage: Stage) -> Do:
    again = _told(stage)
    again()
    return again


def _paid(stage: Stage) -> str:
    """Ana has paid, and Stripe has told; returns her payment's id."""
    _told(stage)()
    payments = stage.owner.collection("payments").stream()
    return next(str(each.id) for each in payments if each.get("uid") == "ana")


def _returns(stage: Stage) -> Do:
    return given.asking(stage, "GET", f"/payments/{_paid(stage)}/success")


def _sweeps(stage: Stage) -> Do:
    _priced(stage)()
    later = NOW + timedelta(minutes=40)
    stage.stripe.now = lambda: later
    return lambda: holds.sweep(replace(stage.runtime, now=lambda: later))


def _refunds(stage: Stage) -> Do:
    return given.asking(stage, "POST", f"/payments/{_paid(stage)}/refunds", {}, uid="olga")


def _refunds_a_part(stage: Stage) -> Do:
    return given.asking(stage, "POST", f"/payments/{_paid(stage)}/refunds", {"amountCents": 100}, uid="olga")


def _deleted(stage: Stage) -> Do:
    _sale(stage)
    _bought(stage, *given.crowd())
    event = stage.owner.document("events/e")
    snapshot = event.get()
    event.delete()
    return lambda: undo_sales(stage.runtime, snapshot, at=NOW)


def _types(stage: Stage) -> Do:
    _sale(stage)
    return given.asking(stage, "GET", "/events/e/ticket-types")


def _receipt(stage: Stage) -> Do:
    return given.asking(stage, "GET", f"/payments/{_paid(stage)}/receipt")


def _payment(stage: Stage) -> Do:
    return given.asking(stage, "GET", f"/payments/{_paid(stage)}")


def _payments(stage: Stage) -> Do:
    _sale(stage)
    _bought(stage, *given.crowd())
    return given.asking(stage, "GET", "/payments?event=e", uid="olga")


def _registration(stage: Stage) -> Do:
    _sale(stage)
    code = _ordered(stage, _GUEST)["registration"]["id"]
    return given.asking(stage, "GET", f"/registrations/{code}")


def _registrations(stage: Stage) -> Do:
    _sale(stage)
    _ordered(stage, _GUEST)
    registrations = stage.firestore.as_user("ana", role="member").collection("registrations")
    mine = registrations.where(filter=FieldFilter("uid", "==", "ana"))
    return lambda: list(mine.order_by("createdAt", direction="DESCENDING").limit(50).stream())


def _scans(_: Stage) -> Do:
    key = signing_key(bytes(32))
    code = signed_code("r7k2m9-1", "e", key)
    return lambda: verified(code, key.public_key())


def _revocations(stage: Stage) -> Do:
    _sale(stage)
    return given.asking(stage, "GET", "/events/e/tickets/revocations", uid="olga")


def _checks_in(stage: Stage) -> Do:
    _sale(stage)
    code = _ordered(stage, _GUEST)["registration"]["id"]
    return given.asking(stage, "POST", f"/registrations/{code}/check-in", uid="olga")


_BUYER = {"event": 1, "RSVP": 1, "buyer's ledger entry": 1, "own profile": 1, "blocks between them": 2}
_SEATS = {"event": 1, "RSVP": 1, "ledger entries": 2, "ticket type": 1, "registration": 1}
_HELD = {"event": 1, "RSVP": 1, "ledger entries": 2, "ticket type": 1, "registration": 1}
_NEW_ENTRY = {"the purchase's ledger entry": 1}
_MEMBER = {"membership": 1}
_ASKED = "who the buyer is to the event is asked before it is known whether that matters"
_LOOKED = "an entry is looked for before it is made"
_REFUND = {"payment": 2, "event": 1, "membership": 1, "look for refunds": 1, "refund": 1, "invoice": 1, "counter": 1}
_REFUND_STEPS = {"payments": 3, "refunds": 4, "look for a receipt": 1, "organization": 1}
_ANYBODY = (
    "whoever carries a refund out, at whatever time, asks first what was done: each step reads what it depends on"
)
SELLING = Chapter(
    "Tickets and payments",
    (
        Action(
            name="orders a ticket that costs nothing",
            prepare=_free,
            floor=Cost(reads=_BUYER | {"ticket type": 1}, writes=_HELD | {"ticket": 1}),
            beyond=Cost(reads=_NEW_ENTRY | _MEMBER | {"ticket": 1}),
            because=f"{_LOOKED}; {_ASKED}; the ticket is read for the answer",
        ),
        Action(
            name="orders one that does: held, and a session opened",
            prepare=_priced,
            floor=Cost(
                reads=_BUYER | {"ticket type": 1, "organization's plan": 1, "payment once Stripe has answered": 1},
                writes=_HELD | {"payment, before and after Stripe is asked": 2},
            ),
            beyond=Cost(reads=_NEW_ENTRY | _MEMBER),
            because=f"{_LOOKED}; {_ASKED}",
        ),
        Action(
            name="orders it again before paying",
            prepare=_again,
            floor=Cost(reads=_BUYER | {"ticket type": 1, "payment": 1, "registration": 1}),
            beyond=Cost(reads=_NEW_ENTRY | _MEMBER),
            because=f"{_LOOKED}; {_ASKED}",
        ),
        Action(
            name="orders the seats of the own RSVP",
            prepare=_own_seats,
            floor=Cost(
                reads=_BUYER
                | {"look for ticket types": 1, "organization's plan": 1, "payment once Stripe has answered": 1},
                writes={"event": 1, "RSVP": 1, "ledger entry": 1, "payment, before and after Stripe is asked": 2},
            ),
            beyond=Cost(reads={"event": 1, "ticket type": 1} | _MEMBER),
            because=f"whether parties count is asked of the event first; its one type may have a document; {_ASKED}",
        ),
        Action(
            name="Stripe tells that it is paid: admitted, with ticket and papers",
            prepare=_told,
            floor=Cost(
                reads=_SEATS
                | {"Stripe's event": 1, "payment": 1, "look for refunds": 1, "organization": 1, "counter": 1},
                writes={
                    "Stripe's event, kept and settled": 2,
                    "payment": 1,
                    "RSVP": 1,
                    "ledger entries": 2,
                    "ticket type": 1,
                    "registration": 1,
                    "ticket": 1,
                    "receipt": 1,
                    "invoice": 1,
                    "counter": 1,
                },
            ),
            beyond=Cost(reads={"payment": 1, "looks for ticket, receipt and its number, invoice": 4}),
            because="whose payment it is, is asked before its transaction; nothing is issued that was issued before",
        ),
        Action(name="... and tells it once more", prepare=_told_again, floor=Cost(reads={"Stripe's event": 1})),
        Action(
            name="... and the buyer comes back from paying",
            prepare=_returns,
            floor=Cost(reads={"payment": 1, "look for refunds": 1}),
            beyond=Cost(reads={"payment": 1}),
            because="it is read before Stripe is asked, and again in the transaction",
        ),
        Action(
            name="nobody has paid in time: the sweep frees the seats",
            prepare=_sweeps,
            floor=Cost(
                reads=_SEATS | {"look for holds": 1, "payment": 1, "look for refunds": 1},
                writes={"event": 1, "RSVP": 1, "ticket type": 1, "registration": 1, "payment": 1},
                deletes={"ledger entries": 2},
            ),
            beyond=Cost(reads={"look for a ticket": 1}),
            because="tickets follow from what is, not from what was expected",
        ),
        Action(
            name="an organizer gives all of it back",
            prepare=_refunds,
            floor=Cost(
                reads={**_REFUND, "event": 2}
                | {"RSVP": 1, "ledger entries": 2, "ticket type": 1, "ticket": 1, "registration": 1},
                writes={"event": 1, "RSVP": 1, "ticket type": 1, "registration": 1, "ticket": 1, "payment": 1}
                | {"refund, wanted and made": 2, "credit note": 1, "counter": 1},
                deletes={"ledger entries": 2},
            ),
            beyond=Cost(reads=_REFUND_STEPS),
            because=_ANYBODY,
        ),
        Action(
            name="... or a part of it",
            prepare=_refunds_a_part,
            floor=Cost(
                reads=_REFUND,
                writes={"payment": 1, "refund, wanted and made": 2, "credit note": 1, "counter": 1},
            ),
            beyond=Cost(reads=_REFUND_STEPS | _SEATS | {"ticket": 1}),
            because=f"{_ANYBODY}; and what follows for the seats is decided from what they are",
        ),
        Action(
            name=f"the event is deleted: {CROWD} payments are to go back",
            prepare=_deleted,
            floor=Cost(
                reads={"payments": CROWD, "registrations": CROWD, "looks for refunds": CROWD},
                writes={"refunds": CROWD},
            ),
            beyond=Cost(reads={"payments": CROWD}),
            because="each is read again in the transaction that wants its refund",
        ),
        Action(
            name="asks what is for sale",
            prepare=_types,
            floor=Cost(reads={"event": 1, "ticket types": 2, "look for pools": 1}),
            beyond=Cost(reads=_MEMBER),
            because="who asks may be somebody who sees drafts",
        ),
        Action(name="reads a receipt", prepare=_receipt, floor=Cost(reads={"receipt": 1, "invoice": 1})),
        Action(
            name="reads the own payment",
            prepare=_payment,
            floor=Cost(reads={"payment": 1, "look for refunds": 1}),
            beyond=Cost(reads={"event": 1} | _MEMBER),
            because="organizers are shown more, and a buyer may be one",
        ),
        Action(
            name=f"an organizer lists {CROWD} payments",
            prepare=_payments,
            floor=Cost(reads={"event": 1, "membership": 1, "payments": CROWD}),
        ),
        Action(
            name="reads a registration with its ticket",
            prepare=_registration,
            floor=Cost(reads={"registration": 1, "ticket": 1}),
        ),
        Action(
            name="lists the own registrations, straight from Firestore",
            prepare=_registrations,
            floor=Cost(reads={"registration": 1}),
        ),
        Action(name="scans a ticket without a network", prepare=_scans, floor=Cost()),
        Action(
            name="fetches the list of revoked tickets",
            prepare=_revocations,
            floor=Cost(reads={"event": 1, "membership": 1, "look for void tickets": 1}),
        ),
        Action(
            name="lets somebody in",
            prepare=_checks_in,
            floor=Cost(reads={"registration": 1, "event": 1, "membership": 1}, writes={"registration": 1}),
            beyond=Cost(reads={"ticket": 1}),
            because="it is shown to who checks in",
        ),
    ),
)

"""What must hold once everything is at rest: money captured ⇔ ticket or refund, and the books are Stripe's."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from gather.attendance.recount import find_drift
from tests.payments.soak.laws import LawBrokenError
from tests.payments.soak.world import World
from tests.support.money_laws import is_given_up

Document = Mapping[str, Any]
OPEN_REFUND = frozenset({"pending", "requires_action"})
ADMITTED = frozenset({"confirmed", "checked_in"})


def check_at_rest(world: World) -> None:
    """Raise LawBrokenError, with everything that does not hold."""
    broken = [problem for look in (_payments, _free_registrations, _papers, _left) for problem in look(world)]
    if broken:
        raise LawBrokenError("; ".join(broken))


def _payments(world: World) -> Iterator[str]:
    tickets = world.firestore.stored_in("tickets").values()
    valid = Counter(ticket.get("paymentId") for ticket in tickets if ticket["status"] == "valid")
    for name, payment in world.firestore.stored_in("payments").items():
        refunds = world.firestore.stored_in(f"payments/{name}/refunds")
        yield from _books(world, name, payment)
        yield from _what_was_paid_for(world, name, payment, valid[name], refunds)
        yield from _refunds_are_done(world, refunds)


def _books(world: World, name: str, payment: Document) -> Iterator[str]:
    captured, refunded = world.stripe.captured_cents(name), world.stripe.refunded_cents(name)
    if (payment["capturedCents"], payment["refundedCents"]) != (captured, refunded):
        yield (
            f"{name} has {payment['capturedCents']} and gave back {payment['refundedCents']}, "
            f"by Stripe {captured} and {refunded}"
        )
    if payment["status"] in {"pending", "processing"}:
        yield f"{name} is still {payment['status']}"


def _what_was_paid_for(
    world: World, name: str, payment: Document, valid: int, refunds: Mapping[str, Document]
) -> Iterator[str]:
    seat = world.firestore.stored(f"events/e/seats/{payment.get('registrationId', payment['uid'])}") or {}
    held = seat["seats"] if seat.get("paymentId") == name else 0
    if valid != held:
        yield f"{name} has {valid} tickets for {held} seats"
    expects = _tickets_due(payment, refunds)
    # Money without a seat, or a ticket made void by a refund, that Stripe could not give back after all.
    if valid > expects or (valid < expects and not is_given_up(payment, refunds.values())):
        yield f"{name} has {valid} tickets of {expects}: {dict(payment)}"
    yield from _what_is_shown(world, name, payment, valid)


def _tickets_due(payment: Document, refunds: Mapping[str, Document]) -> int:
    if not payment["capturedCents"] or payment["refundedCents"] >= payment["capturedCents"]:
        return 0
    void = {name for each in refunds.values() if each["status"] == "succeeded" for name in each["ticketIds"]}
    return int(payment["seats"]) - len(void)


def _what_is_shown(world: World, name: str, payment: Document, valid: int) -> Iterator[str]:
    if "registrationId" in payment:
        expected = _due_status(payment, valid)
        registration = world.firestore.stored(f"registrations/{payment['registrationId']}") or {}
        if registration.get("status") not in expected:
            yield f"{name}: the registration is {registration.get('status')}, not {sorted(expected)}"
    elif valid and not world.setting.has_guests:
        # Where people answer, the buyer may have said since that they do not come after all.
        rsvp = world.firestore.stored(f"events/e/rsvps/{payment['uid']}") or {}
        said = (rsvp.get("status"), rsvp.get("paymentStatus"))
        if said != ("going", "paid"):
            yield f"{name}: the RSVP is {said}"


def _due_status(payment: Document, valid: int) -> frozenset[str]:
    """What the registration of a purchase may be; money that could not be given back leaves it as it was."""
    if valid:
        return ADMITTED
    if not payment["capturedCents"]:
        return frozenset({"expired"})
    return frozenset({"refunded"} if payment["refundedCents"] >= payment["capturedCents"] else {"refunded", "expired"})


def _refunds_are_done(world: World, refunds: Mapping[str, Document]) -> Iterator[str]:
    made = Counter(each.refund_id for each in world.stripe.refunds.values())
    for name, refund in refunds.items():
        if refund["status"] in OPEN_REFUND:
            yield f"refund {name} is still {refund['status']}"
        if made[name] > 1:
            yield f"Stripe made refund {name} {made[name]} times"


def _free_registrations(world: World) -> Iterator[str]:
    """What costs nothing is confirmed at once, with its seats and its tickets, until it is cancelled."""
    tickets = world.firestore.stored_in("tickets").values()
    valid = Counter(ticket.get("registrationId") for ticket in tickets if ticket["status"] == "valid")
    for code, registration in world.firestore.stored_in("registrations").items():
        if "paymentId" in registration:
            continue
        seat = world.firestore.stored(f"events/e/seats/{code}") or {}
        due = registration["quantity"] if registration["status"] in ADMITTED else 0
        if (valid[code], seat.get("seats", 0)) != (due, due):
            yield f"{code} has {valid[code]} tickets and {seat.get('seats', 0)} seats of {due}"


def _papers(world: World) -> Iterator[str]:
    """Each captured payment has one receipt and one invoice, and notes that come to what went back."""
    firestore = world.firestore
    receipts = Counter(each["paymentId"] for each in firestore.stored_in("receipts").values())
    invoiced, credited = Counter[str](), Counter[str]()
    numbers = Counter[str]()
    for paper in firestore.stored_in("invoices").values():
        payment_id, cents = paper["paymentId"], paper["grossCents"]
        if paper["kind"] == "invoice":
            numbers[payment_id] += 1
            invoiced[payment_id] += cents
        else:
            credited[payment_id] += cents if paper["kind"] == "credit_note" else -cents
    for name, payment in firestore.stored_in("payments").items():
        captured = payment["capturedCents"]
        one = 1 if captured else 0
        if (receipts[name], numbers[name]) != (one, one):
            yield f"{name} has {receipts[name]} receipts and {numbers[name]} invoices"
        if (invoiced[name], credited[name]) != (captured, payment["refundedCents"]):
            yield f"{name}: {invoiced[name]} are invoiced and {credited[name]} credited of {captured}"


def _left(world: World) -> Iterator[str]:
    """No event of Stripe's waits, and settling everybody once more would change nothing."""
    for name, event in world.firestore.stored_in("stripe_events").items():
        if event["state"] == "received":
            yield f"{name} was never applied"
    drift = find_drift(world.found.firestore, "e", now=world.found.now())
    if drift is None or drift.stored_counts != drift.ledger_counts:
        yield f"the counts have drifted: {drift}"
    for uid, problem in () if drift is None else drift.people:
        if not _is_left_to_payment(world, uid):
            yield f"settling again would change something: {uid} {problem}"


def _is_left_to_payment(world: World, uid: str) -> bool:
    """Whether they are going, of an event that costs something, and have been asked to pay: nobody asks them again."""
    has_seat = world.firestore.stored(f"events/e/seats/{uid}") is not None
    rsvp = world.firestore.stored(f"events/e/rsvps/{uid}") or {}
    return world.setting.is_paid and not has_seat and rsvp.get("status") == "going"

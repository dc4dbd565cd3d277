"""What must hold: of every change, after every commit, and once everything is at rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from firewarden.server.database import Committed
from firewarden.testing.in_process.plain import plain
from gather.payments.fold import REFUND_RANK, UNPAID_RANK
from gather.payments.model import CAPTURED, PaymentStatus, RefundStatus
from gather.tickets.registration import TRANSITIONS, Status
from tests.payments.soak.world import World

Document = Mapping[str, Any]


class LawBrokenError(AssertionError):
    """Something that must hold does not."""


@dataclass(slots=True)
class Laws:
    """Watches every commit; what it finds is raised by `check`, outside of the commit."""

    world: World
    broken: list[str] = field(default_factory=list)

    def watch(self, committed: Committed) -> None:
        """Look at every document that a commit changes."""
        for change in committed.changes:
            before = None if change.before is None else plain(change.before.fields)
            after = None if change.after is None else plain(change.after.fields)
            collection, path = change.path[-2], "/".join(change.path)
            look = getattr(self, f"_{collection}", None)
            if look is not None:
                look(path, before or {}, after)

    def check(self) -> None:
        """Raise if anything was found; and look at what only all documents together say."""
        self._nothing_is_oversold()
        twice = [name for name, times in self.world.applied.items() if times > 1]
        self._holds(not twice, f"applied more than once: {twice}")
        if self.broken:
            raise LawBrokenError("; ".join(self.broken))

    # --- Of every change -----------------------------------------------------------------------------------

    def _payments(self, path: str, before: Document, after: Document | None) -> None:
        if after is None:
            return self._say(f"{path} was deleted")
        was, status = PaymentStatus(before.get("status", "pending")), PaymentStatus(after["status"])
        self._holds(after["capturedCents"] >= before.get("capturedCents", 0), f"{path} has less money than before")
        self._holds(after["refundedCents"] <= after["capturedCents"], f"{path} has given back more than it had")
        self._holds(status in CAPTURED or was not in CAPTURED, f"{path} went back from {was} to {status}")
        if status not in CAPTURED:
            self._holds(UNPAID_RANK[status] >= UNPAID_RANK[was], f"{path} went back from {was} to {status}")
        self._holds((status in CAPTURED) == (after["capturedCents"] > 0), f"{path} is {status} without money")
        old = before.get("history", [])
        return self._holds(after["history"][: len(old)] == old, f"the history of {path} was rewritten")

    def _refunds(self, path: str, before: Document, after: Document | None) -> None:
        if after is None:
            return self._say(f"{path} was deleted")
        was, status = before.get("status", "pending"), after["status"]
        return self._holds(
            REFUND_RANK[RefundStatus(status)] >= REFUND_RANK[RefundStatus(was)], f"{path} went from {was} to {status}"
        )

    def _registrations(self, path: str, before: Document, after: Document | None) -> None:
        if after is None:
            return self._say(f"{path} was deleted")
        was, status = before.get("status"), after["status"]
        is_legal = was is None or was == status or Status(status) in TRANSITIONS[Status(was)]
        return self._holds(is_legal, f"{path} went from {was} to {status}")

    def _receipts(self, path: str, before: Document, after: Document | None) -> None:
        self._holds(not before, f"{path} was written twice")

    def _invoices(self, path: str, before: Document, after: Document | None) -> None:
        self._holds(not before, f"{path} was written twice")

    def _stripe_events(self, path: str, before: Document, after: Document | None) -> None:
        if after is None:
            return self._say(f"{path} was deleted")
        was, state = before.get("state"), after["state"]
        if state == "done" and "paymentId" in after and before.get("settledAt") != after["settledAt"]:
            self.world.applied[path.rpartition("/")[2]] += 1
        return self._holds(was in {None, "received", state}, f"{path} went back from {was}")

    # --- After every step ----------------------------------------------------------------------------------

    def _nothing_is_oversold(self) -> None:
        firestore = self.world.firestore
        event = firestore.stored("events/e") or {}
        kind = firestore.stored("events/e/ticketTypes/adult") or {}
        seats = firestore.stored_in("events/e/seats").values()
        taken = sum(seat["seats"] for seat in seats if seat["state"] in {"admitted", "held"})
        self._holds(taken <= event["maxAttendees"], f"{taken} of {event['maxAttendees']} seats are taken")
        self._holds(event["attendingCount"] == taken, f"{taken} seats are taken, {event['attendingCount']} are counted")
        counted = kind["soldCount"] + kind["heldCount"]
        self._holds(counted == taken, f"{taken} seats are taken, {counted} tickets are counted")

    def _holds(self, holds: object, otherwise: str) -> None:
        if not holds:
            self._say(otherwise)

    def _say(self, what: str) -> None:
        self.broken.append(what)


def check_at_rest(world: World) -> None:
    """Money captured ⇔ ticket or refund; one receipt; the books are Stripe's; nothing is left to be done."""
    firestore, broken = world.firestore, []
    receipts = [each["paymentId"] for each in firestore.stored_in("receipts").values()]
    tickets = firestore.stored_in("tickets").values()
    for name, payment in firestore.stored_in("payments").items():
        valid = sum(ticket["paymentId"] == name and ticket["status"] == "valid" for ticket in tickets)
        broken += _books(world, name, payment, receipts)
        broken += _what_was_paid_for(world, name, payment, valid)
        broken += _refunds_are_done(world, name)
    left = [name for name, event in firestore.stored_in("stripe_events").items() if event["state"] == "received"]
    broken += [f"{name} was never applied" for name in left]
    if broken:
        raise LawBrokenError("; ".join(broken))


def _books(world: World, name: str, payment: Document, receipts: list[str]) -> list[str]:
    captured, refunded = world.stripe.captured_cents(name), world.stripe.refunded_cents(name)
    found = []
    if (payment["capturedCents"], payment["refundedCents"]) != (captured, refunded):
        found.append(
            f"{name} has {payment['capturedCents']} and gave back {payment['refundedCents']}, "
            f"by Stripe {captured} and {refunded}"
        )
    if receipts.count(name) != (1 if captured else 0):
        found.append(f"{name} has {receipts.count(name)} receipts")
    if payment["status"] in {"pending", "processing"}:
        found.append(f"{name} is still {payment['status']}")
    return found


def _what_was_paid_for(world: World, name: str, payment: Document, valid: int) -> list[str]:
    seat = world.firestore.stored(f"events/e/seats/{payment.get('registrationId', payment['uid'])}") or {}
    held = seat["seats"] if seat.get("paymentId") == name else 0
    has_all = payment["refundedCents"] >= payment["capturedCents"]
    expects = 0 if has_all or not payment["capturedCents"] else payment["seats"]
    if valid != held:
        return [f"{name} has {valid} tickets for {held} seats"]
    if valid == expects:
        return _what_is_shown(world, name, payment, valid)
    # Money without a seat, that Stripe could not give back: an organizer was told, and may try again.
    refunds = world.firestore.stored_in(f"payments/{name}/refunds").values()
    gave_up = any(each["status"] in {"failed", "canceled"} for each in refunds)
    return [] if valid == 0 and gave_up else [f"{name} has {valid} tickets of {expects}: {dict(payment)}"]


def _what_is_shown(world: World, name: str, payment: Document, valid: int) -> list[str]:
    """The registration says what has become of it, and the RSVP of whoever has a seat that it is paid."""
    if "registrationId" in payment:
        expected = "confirmed" if valid else ("refunded" if payment["capturedCents"] else "expired")
        registration = world.firestore.stored(f"registrations/{payment['registrationId']}") or {}
        said = registration.get("status")
        return [] if said == expected else [f"{name}: the registration is {said}, not {expected}"]
    rsvp = world.firestore.stored(f"events/e/rsvps/{payment['uid']}") or {}
    said = (rsvp.get("status"), rsvp.get("paymentStatus"))
    return [] if not valid or said == ("going", "paid") else [f"{name}: the RSVP is {said}"]


def _refunds_are_done(world: World, name: str) -> list[str]:
    refunds = world.firestore.stored_in(f"payments/{name}/refunds")
    found = [f"refund {each} is still {fields['status']}" for each, fields in refunds.items() if _is_open(fields)]
    made: dict[str, int] = {}
    for each in world.stripe.refunds.values():
        if each.refund_id is not None:
            made[each.refund_id] = made.get(each.refund_id, 0) + 1
    return found + [f"Stripe made refund {each} {times} times" for each, times in made.items() if times > 1]


def _is_open(refund: Document) -> bool:
    return refund["status"] in {"pending", "requires_action"}

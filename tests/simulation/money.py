"""What must hold of money (`spec/30`): of every change, after every commit, and when nothing is on its way any more.

- Nothing goes back, is rewritten, or is given back beyond what was taken; no event of Stripe's is applied twice.
- No payment is ended, and its seats freed, while it can still be paid.
- What types and pools count is the ledger's, and never more than there is.
- At rest: money captured ⇔ tickets or a refund, with one receipt; the books are Stripe's; nothing is left to be done.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from firewarden.server.database import Committed
from firewarden.testing.in_process.plain import plain
from gather.payments.model import OPEN, RefundStatus
from tests.simulation.acting import EVENT
from tests.simulation.stripe_account import StripeAccount
from tests.simulation.watching import Document, Told, Watch, is_bought
from tests.simulation.world import CREATOR, GUESTS
from tests.support.money_laws import faults_of_change, is_given_up

COMING = {"processing", "succeeded"}
"""Intents whose money is there, or may come."""
UNDONE = {"pending", "requires_action"}


@dataclass(slots=True)
class Ledgers:
    """Watches money on a schedule; what it finds within a commit is raised after it."""

    watch: Watch
    stripe: StripeAccount
    broken: list[str] = field(default_factory=list)

    def told(self, committed: Committed) -> None:
        """Look at every document that a commit changes."""
        for change in committed.changes:
            before = None if change.before is None else plain(change.before.fields)
            after = None if change.after is None else plain(change.after.fields)
            self.broken += faults_of_change(change.path, before, after)
            if after is not None:
                self.watch.causes.update(_causes(self.watch, change.path, before or {}, after))
                self.broken += self._too_early(change.path, before or {}, after)
                self.broken += _applied_twice(change.path, before or {}, after)

    def looks(self) -> None:
        """Called after every commit."""
        assert not self.broken, "; ".join(self.broken)
        watch = self.watch
        if watch.event is None or watch.created_at != watch.first_created_at:
            return  # what was sold below another event is on its way out
        types, pools = watch.lab.stored_in(f"{EVENT}/ticketTypes"), watch.lab.stored_in(f"{EVENT}/pools")
        for name, kind in types.items():
            sold, held = _taken(watch, "ticketTypeId", name, "admitted"), _taken(watch, "ticketTypeId", name, "held")
            counted = (kind["soldCount"], kind["heldCount"])
            assert counted == (sold, held), f"{name} counts {counted} sold and held, the ledger {(sold, held)}"
            assert sold + held <= kind.get("totalQuantity", sold + held), f"oversold: {sold + held} of {name}"
        for name, pool in pools.items():
            taken = _taken(watch, "poolId", name, "admitted", "held")
            assert pool["takenCount"] == taken, f"{name} counts {pool['takenCount']} taken, the ledger {taken}"
            assert taken <= pool["capacity"], f"oversold: {taken} seats of {name}, which has {pool['capacity']}"

    def is_open(self) -> bool:
        """Whether the schedules have something to do yet."""
        lab = self.watch.lab
        payments = lab.stored_in("payments")
        is_left = any(event["state"] == "received" for event in lab.stored_in("stripe_events").values())
        is_paid_later = any(payment["status"] in OPEN for payment in payments.values())
        return is_left or is_paid_later or any(_undone(self.watch, name) for name in payments)

    def are_at_rest(self) -> None:
        """Raise for whatever does not agree when nothing is on its way."""
        lab, broken = self.watch.lab, list[str]()
        left = [name for name, event in lab.stored_in("stripe_events").items() if event["state"] == "received"]
        receipts = Counter(receipt["paymentId"] for receipt in lab.stored_in("receipts").values())
        tickets = list(lab.stored_in("tickets").values())
        for name, payment in lab.stored_in("payments").items():
            valid = sum(each.get("paymentId") == name and each["status"] == "valid" for each in tickets)
            broken += self._books(name, payment, receipts[name])
            broken += self._what_was_paid_for(name, payment, valid)
            broken += [f"refund {each} is not done" for each in _undone(self.watch, name)]
        for name, registration in lab.stored_in("registrations").items():
            if "paymentId" not in registration:
                broken += self._what_cost_nothing(name, registration, tickets)
        made = Counter(each.refund_id for each in self.stripe.model.refunds.values() if each.refund_id is not None)
        broken += [f"Stripe made refund {name} {times} times" for name, times in made.items() if times > 1]
        broken += [f"{name} was never applied" for name in left]
        broken += _pointers(self.watch)
        assert not broken, "; ".join(broken)

    def _too_early(self, path: tuple[str, ...], before: Document, after: Document) -> Iterator[str]:
        is_ended = before.get("status") in OPEN and after.get("status") in {"expired", "failed"}
        if path[-2] != "payments" or not is_ended:
            return
        model = self.stripe.model
        session = model.sessions.get(before.get("sessionId", ""))
        intents = [intent.status for intent in model.intents.values() if intent.payment_id == path[-1]]
        if (session is not None and session.status == "open") or COMING.intersection(intents):
            yield f"{'/'.join(path)} is {after['status']} and can still be paid"

    def _books(self, name: str, payment: Document, receipts: int) -> Iterator[str]:
        captured, refunded = self.stripe.model.captured_cents(name), self.stripe.model.refunded_cents(name)
        stored = (payment["capturedCents"], payment["refundedCents"])
        if stored != (captured, refunded):
            yield f"{name} has {stored[0]} and gave back {stored[1]}, by Stripe {captured} and {refunded}"
        if receipts != (1 if captured else 0):
            yield f"{name} has {receipts} receipts for {captured}"
        if payment["status"] in OPEN:
            yield f"{name} is still {payment['status']}"

    def _what_was_paid_for(self, name: str, payment: Document, valid: int) -> Iterator[str]:
        watch, refunds = self.watch, self.watch.lab.stored_in(f"payments/{name}/refunds").values()
        seat = watch.seats.get(payment.get("registrationId", payment["uid"]), {})
        held = seat["seats"] if seat.get("paymentId") == name else 0
        if payment["eventCreatedAt"] == watch.created_at and watch.event is not None and valid != held:
            yield f"{name} has {valid} tickets for {held} seats: {dict(payment)}"
        expected = _tickets_due(payment, refunds)
        if valid != expected and not (valid == 0 and is_given_up(payment, refunds)):
            yield f"{name} has {valid} tickets of {expected}: {dict(payment)}"
        elif valid == expected:
            yield from self._what_is_shown(name, payment, valid)

    def _what_cost_nothing(self, name: str, registration: Document, tickets: list[Document]) -> Iterator[str]:
        """Tickets that cost nothing are valid, and have seats at the event they are for, until they are given back."""
        watch, seat = self.watch, self.watch.seats.get(name, {})
        due = registration["quantity"] if registration["status"] == "confirmed" else 0
        valid = sum(each.get("registrationId") == name and each["status"] == "valid" for each in tickets)
        is_there = watch.created_at is not None and watch.event is not None
        is_of_it = is_there and registration["createdAt"] >= watch.created_at
        if valid != due or (is_of_it and seat.get("seats", 0) != due):
            yield f"{name} is {registration['status']}, with {valid} tickets and the entry {dict(seat)}"

    def _what_is_shown(self, name: str, payment: Document, valid: int) -> Iterator[str]:
        """The registration says what became of it; the RSVP too, of those who do nothing else to it."""
        watch = self.watch
        if "registrationId" in payment:
            expected = "confirmed" if valid else "refunded" if payment["capturedCents"] else "expired"
            said = (watch.lab.stored(f"registrations/{payment['registrationId']}") or {}).get("status")
            if said != expected:
                yield f"{name}: the registration is {said}, not {expected}"
        elif valid and watch.event is not None and payment["eventCreatedAt"] == watch.created_at:
            rsvp = watch.rsvps.get(payment["uid"], {})
            shown = (rsvp.get("status"), rsvp.get("paymentStatus"))
            if payment["uid"] not in GUESTS and shown != ("going", "paid"):
                yield f"{name}: the RSVP is {shown}"


def _causes(watch: Watch, path: tuple[str, ...], before: Document, after: Document) -> Counter[Told]:
    """Of what a change of money has to be told."""
    found: Counter[Told] = Counter()
    if path[-2] == "receipts" and not before and after["admitted"]:
        found["purchase_confirmed", after["uid"], "system"] += 1
    if path[-2] != "refunds" or before.get("status") == after["status"]:
        return found
    buyer = (watch.lab.stored(f"payments/{path[1]}") or {})["uid"]
    kind = {"succeeded": "payment_refunded", "failed": "payment_refund_failed"}.get(after["status"])
    if kind is not None:
        found[kind, CREATOR, "system"] += 1
        found[kind, buyer, "system"] += after["status"] == "succeeded" or before.get("status") == "succeeded"
    return found


def _applied_twice(path: tuple[str, ...], before: Document, after: Document) -> Iterator[str]:
    """An event that is settled stays as it is; that another attempt has failed since may be noted with it."""
    if path[-2] != "stripe_events" or before.get("state") not in {"done", "ignored"}:
        return
    if any(before.get(name) != after.get(name) for name in ("state", "settledAt", "paymentId")):
        yield f"{'/'.join(path)} was {before['state']} and is applied again"


def _taken(watch: Watch, named: str, name: str, *states: str) -> int:
    return sum(seat["seats"] for seat in watch.seats.values() if seat.get(named) == name and seat["state"] in states)


def _undone(watch: Watch, name: str) -> list[str]:
    refunds = watch.lab.stored_in(f"payments/{name}/refunds")
    return [each for each, refund in refunds.items() if refund["status"] in UNDONE]


def _tickets_due(payment: Document, refunds: Collection[Document]) -> int:
    """A ticket for each seat that was paid for, but for those that a refund named, or all where all is given back."""
    done = [refund for refund in refunds if refund["status"] == RefundStatus.SUCCEEDED]
    if not payment["capturedCents"] or payment["refundedCents"] >= payment["capturedCents"]:
        return 0
    return int(payment["seats"]) - len({name for refund in done for name in refund.get("ticketIds", ())})


def _pointers(watch: Watch) -> Iterator[str]:
    """Whoever has bought tickets has an entry of their own that names the purchases, and only these."""
    named = {each["registrationId"] for seat in watch.seats.values() for each in seat.get("purchases", ())}
    bought = {key for key, seat in watch.seats.items() if is_bought(seat)}
    if named != bought:
        yield f"the ledger has purchases {sorted(bought)}, its buyers' entries name {sorted(named)}"

"""What must hold when nothing is on its way any more and the sweep has been by."""

from collections.abc import Mapping
from typing import Any

from firewarden.testing import Laboratory
from gather.attendance.recount import find_drift
from tests.simulation.acting import EVENT, EVENT_ID
from tests.simulation.money import Ledgers
from tests.simulation.watching import Document, Watch, taken, waiting
from tests.simulation.world import CREATOR

SETTLE_S = 14 * 24 * 3600
"""By the clock, which people let jump, too; Stripe and banks take days."""
ROUNDS_MAX = 6
"""Of what looks after payments; after these nothing may be left to be done."""
SWEPT_MINUTES = 3
SWEEPS_MAX = 10
DAY_HOURS = 25
DAYS_MAX = 4
LOOK_AFTER_PAYMENTS = ("sweep_holds", "reconcile_payments")
"""They fail while Stripe does not answer, and run again soon."""
TOLD_TO_GUESTS = {
    "seat_promoted", "seat_offered", "seat_offer_expired", "purchase_confirmed", "payment_refunded",
}  # fmt: skip
_BELOW = ("rsvps", "seats", "pending", "announcements", "audit", "ticketTypes", "pools")


def comes_to_rest(watch: Watch, money: Ledgers | None = None) -> None:
    """All is delivered, the sweep finds what was left behind; then days pass until nobody is offered anything."""
    lab = watch.lab
    lab.settle(SETTLE_S)
    if money is not None:
        _payments_end(lab, money)
    _swept(watch, money, minutes=SWEPT_MINUTES)
    for _ in range(DAYS_MAX):
        if all(seat["state"] != "held" for seat in watch.seats.values()):
            return
        _swept(watch, money, hours=DAY_HOURS)


def _payments_end(lab: Laboratory, money: Ledgers) -> None:
    """Stripe answers again, and what looks after payments runs in its time until it has nothing left to do."""
    money.stripe.is_faulty = False
    for _ in range(ROUNDS_MAX):
        lab.clock.advance(minutes=40)
        money.stripe.tells()
        for function in LOOK_AFTER_PAYMENTS:
            _runs(lab, function)
        if not money.is_open():
            return


def _swept(watch: Watch, money: Ledgers | None, **later: float) -> None:
    """Time passes, and a sweep comes through."""
    watch.lab.clock.advance(**later)
    _runs(watch.lab, "sweep_seats")
    watch.looks()
    _is_at_rest(watch)
    if money is not None:
        money.are_at_rest()


def _runs(lab: Laboratory, function: str) -> None:
    """A run of a scheduled function; one that crashes is followed by the next five minutes later."""
    for _ in range(SWEEPS_MAX):
        lab.run(function)
        lab.settle(SETTLE_S)
        if lab.log.of(function)[-1].outcome == "ok":
            return
        lab.clock.advance(minutes=5)
    raise AssertionError(f"no {function} comes through: {lab.log.of(function)}")


def _is_at_rest(watch: Watch) -> None:
    lab = watch.lab
    given_up = [
        each
        for each in lab.log
        if each.outcome == "dropped" and not each.faults and each.function not in LOOK_AFTER_PAYMENTS
    ]
    assert not given_up, f"given up: {given_up}"
    left = {name: found for name in _BELOW if (found := lab.stored_in(f"{EVENT}/{name}"))}
    assert not left.keys() & {"pending", "announcements"}, f"left behind: {left}"
    if watch.event is None:
        assert not left, f"left below an event that is gone: {left}"
        assert lab.stored(f"event_teasers/{EVENT_ID}") is None, "the teaser of an event that is gone"
        return
    _everybody_is_answered(watch)
    _nobody_waits_for_a_free_seat(watch)
    drift = find_drift(lab.firestore.as_owner(), EVENT_ID, now=lab.clock.now())
    assert drift is not None
    people = [(uid, problem) for uid, problem in drift.people if not _is_left_to_payment(watch, uid)]
    assert drift.stored_counts == drift.ledger_counts, f"the counts and the ledger differ: {drift}"
    assert not people, f"settling again would change something: {people}"


def _everybody_is_answered(watch: Watch) -> None:
    """Who is going has seats, or is asked to pay for them; who has none is told so; the ledger says the same."""
    rsvps, entries = watch.rsvps, watch.lab.stored_in(f"{EVENT}/seats")
    of_nobody = {key for key, seat in entries.items() if seat["source"] == "rsvp"} - set(rsvps)
    assert not of_nobody, f"seats of nobody: {of_nobody}"
    unpaid = [key for key, seat in entries.items() if seat["source"] != "rsvp" and seat["state"] == "held"]
    assert not unpaid, f"seats held for payments that are over: {unpaid}"
    assert entries == watch.seats, f"seats of an event that is gone: {entries}"
    for uid, rsvp in rsvps.items():
        state, shown = entries.get(uid, {}).get("state"), rsvp.get("seatState")
        told = f"{uid} is shown {shown}, the ledger says {state}: {rsvp}"
        assert shown == state or (state is None and shown == "declined"), told
        if uid in entries and entries[uid]["source"] != "rsvp":
            continue  # who has paid may say what they like
        match rsvp["status"]:
            case "going":
                assert state in {"admitted", "held"} or _is_left_to_payment(watch, uid), told
            case "not-going":
                assert state is None, told
            case _:
                assert state in {"waitlisted", "held", None}, told
                assert rsvp.get("waitlisted", False) == (state is not None), told
        if state == "held":
            assert rsvp["offerExpiresAt"] == entries[uid]["expiresAt"] > watch.lab.clock.now(), told


def _nobody_waits_for_a_free_seat(watch: Watch) -> None:
    event = watch.event
    if event is None or not _is_open(watch) or event.get("isPaid", False):
        return
    free = event["maxAttendees"] - taken(watch.seats)
    line = sorted(
        (seat["since"], uid, seat["seats"]) for uid, seat in watch.seats.items() if seat["state"] == "waitlisted"
    )
    first = line[:1] if event["waitlistPolicy"] == "strict" else line
    served = [uid for _, uid, seats in first if seats <= free]
    assert not served, f"{free} seats are free and wait for {served}"
    assert len(line) == waiting(watch.seats)


def _is_left_to_payment(watch: Watch, uid: str) -> bool:
    """Who says going to a paid event gets no seat by that: what becomes of them the checkout decides."""
    is_paid = watch.event is not None and watch.event.get("isPaid", False) is True
    return is_paid and watch.rsvps[uid]["status"] == "going" and uid not in watch.seats


def _is_open(watch: Watch) -> bool:
    event = watch.event
    return event is not None and not event.get("canceled", False) and event["lastEndAt"] > watch.lab.clock.now()


def everybody_was_told(watch: Watch) -> None:
    """Whatever happened was told, and who has not read it has a counter that says so."""
    lab, told = watch.lab, watch.told()
    # A creator is found through the event.
    missing = {
        cause: number
        for cause, number in (watch.causes - told).items()
        if cause[0] in TOLD_TO_GUESTS and cause[1] != CREATOR
    }
    assert not missing, f"not told: {missing}"
    for uid in {recipient for _, recipient, _ in told}:
        unread = _unread(lab.stored_in(f"users/{uid}/notifications"))
        counter = (lab.stored(f"users/{uid}/counters/notifications") or {}).get("unread", 0)
        assert counter == unread, f"{uid} has {unread} unread, the counter says {counter}"


def _unread(notifications: Mapping[str, Document]) -> int:
    unread: Any = sum(each["readAt"] is None for each in notifications.values())
    return int(unread)

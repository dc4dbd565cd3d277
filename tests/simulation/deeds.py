"""What people can do: names that a story is told by. Who does them how is in `guests`, `buyers`, `till` and `staff`."""

from enum import StrEnum


class Deed(StrEnum):
    """One thing done, or tried."""

    NOTHING = "does nothing"
    WAITS = "waits"

    GOES = "says going"
    GOES_BY_HTTP = "says going by HTTP"
    MAYBE = "says maybe"
    LEAVES = "says not going"
    LEAVES_BY_HTTP = "says not going by HTTP"
    DELETES = "deletes the RSVP"
    DELETES_BY_HTTP = "deletes the RSVP by HTTP"
    RESIZES = "brings others"
    ACCEPTS = "accepts the offer"
    DECLINES = "declines the offer"

    ORDERS = "orders tickets"
    CHECKS_OUT = "goes to pay for the RSVP"
    PAYS = "pays"
    PAYS_LATER = "pays by a method that takes days"
    IS_DECLINED = "has a card declined"
    RETURNS = "comes back to the success page"
    GIVES_UP = "gives the order up"
    RETURNS_TICKETS = "gives tickets back that cost nothing"

    REFUNDS = "gives all the money back"
    REFUNDS_PART = "gives some of the money back"
    REFUNDS_TICKET = "gives the money of one ticket back"
    REFUNDS_AT_STRIPE = "gives money back in Stripe's dashboard"

    SETS_SEATS = "sets the seats"
    SETS_SEATS_BY_HTTP = "sets the seats by HTTP"
    TURNS_POLICY = "turns the waitlist's policy"
    TURNS_WAITLIST = "turns the waitlist on or off"
    TURNS_PRICE = "makes it cost something, or nothing"
    TURNS_COUNTING = "turns the counting of parties"
    CANCELS = "cancels the event"
    REOPENS = "calls the cancellation off"
    MOVES = "moves the event"
    ENDS = "deletes the event"
    REPLACES = "deletes the event and creates it again"

    ADMITS = "admits over capacity"
    RECOUNTS = "has the seats recounted and healed"
    SWEEPS = "has the sweep run"
    SWEEPS_HOLDS = "has the sweep of holds run"
    RECONCILES = "has payments reconciled"
    SKIPS = "lets the clock jump"


ARRIVAL = (Deed.NOTHING, Deed.GOES, Deed.GOES, Deed.GOES_BY_HTTP)
GUEST = (
    Deed.NOTHING, Deed.WAITS, Deed.GOES, Deed.GOES_BY_HTTP, Deed.MAYBE, Deed.LEAVES, Deed.LEAVES_BY_HTTP,
    Deed.DELETES, Deed.DELETES_BY_HTTP, Deed.RESIZES, Deed.RESIZES, Deed.ACCEPTS, Deed.ACCEPTS, Deed.DECLINES,
)  # fmt: skip
ORDER = (Deed.NOTHING, Deed.ORDERS, Deed.ORDERS, Deed.ORDERS, Deed.CHECKS_OUT, Deed.CHECKS_OUT)
PAYMENT = (
    Deed.NOTHING, Deed.WAITS, Deed.PAYS, Deed.PAYS, Deed.PAYS, Deed.PAYS_LATER, Deed.PAYS_LATER, Deed.IS_DECLINED,
)  # fmt: skip
BUYER = (
    Deed.NOTHING, Deed.WAITS, Deed.ORDERS, Deed.CHECKS_OUT, Deed.PAYS, Deed.RETURNS, Deed.RETURNS, Deed.GIVES_UP,
    Deed.GIVES_UP, Deed.RETURNS_TICKETS,
)  # fmt: skip
PATIENCE = (Deed.NOTHING, Deed.WAITS, Deed.WAITS)
TILL = (
    Deed.NOTHING, Deed.WAITS, Deed.REFUNDS, Deed.REFUNDS, Deed.REFUNDS_PART, Deed.REFUNDS_TICKET,
    Deed.REFUNDS_AT_STRIPE,
)  # fmt: skip
ORGANIZER = (
    Deed.NOTHING, Deed.WAITS, Deed.SETS_SEATS, Deed.SETS_SEATS, Deed.SETS_SEATS_BY_HTTP, Deed.TURNS_POLICY,
    Deed.TURNS_WAITLIST, Deed.TURNS_PRICE, Deed.TURNS_COUNTING, Deed.CANCELS, Deed.REOPENS, Deed.MOVES, Deed.ENDS,
    Deed.REPLACES,
)  # fmt: skip
SELLER = (
    Deed.NOTHING, Deed.WAITS, Deed.WAITS, Deed.WAITS, Deed.SETS_SEATS, Deed.SETS_SEATS, Deed.SETS_SEATS_BY_HTTP,
    Deed.TURNS_POLICY, Deed.TURNS_WAITLIST, Deed.TURNS_PRICE, Deed.TURNS_COUNTING, Deed.CANCELS, Deed.MOVES, Deed.ENDS,
)  # fmt: skip
"""An organizer who sells tickets; as many deeds as any other's, so that the draws are the same."""
ADMIN = (Deed.NOTHING, Deed.NOTHING, Deed.ADMITS, Deed.ADMITS, Deed.RECOUNTS)
OPERATOR = (Deed.NOTHING, Deed.NOTHING, Deed.SWEEPS, Deed.SKIPS, Deed.SKIPS)
ACCOUNTANT = (Deed.NOTHING, Deed.WAITS, Deed.SWEEPS_HOLDS, Deed.RECONCILES, Deed.SKIPS)
WRITES = frozenset({Deed.GOES, Deed.MAYBE, Deed.LEAVES, Deed.DELETES, Deed.RESIZES})
"""What guests do straight to Firestore."""

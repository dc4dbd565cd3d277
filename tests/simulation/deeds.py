"""What people can do: names that a story is told by. Who does them how is in `guests` and `staff`."""

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
    SKIPS = "lets the clock jump"


ARRIVAL = (Deed.NOTHING, Deed.GOES, Deed.GOES, Deed.GOES_BY_HTTP)
GUEST = (
    Deed.NOTHING, Deed.WAITS, Deed.GOES, Deed.GOES_BY_HTTP, Deed.MAYBE, Deed.LEAVES, Deed.LEAVES_BY_HTTP,
    Deed.DELETES, Deed.DELETES_BY_HTTP, Deed.RESIZES, Deed.RESIZES, Deed.ACCEPTS, Deed.ACCEPTS, Deed.DECLINES,
)  # fmt: skip
ORGANIZER = (
    Deed.NOTHING, Deed.WAITS, Deed.SETS_SEATS, Deed.SETS_SEATS, Deed.SETS_SEATS_BY_HTTP, Deed.TURNS_POLICY,
    Deed.TURNS_WAITLIST, Deed.TURNS_PRICE, Deed.TURNS_COUNTING, Deed.CANCELS, Deed.REOPENS, Deed.MOVES, Deed.ENDS,
    Deed.REPLACES,
)  # fmt: skip
ADMIN = (Deed.NOTHING, Deed.NOTHING, Deed.ADMITS, Deed.ADMITS, Deed.RECOUNTS)
OPERATOR = (Deed.NOTHING, Deed.NOTHING, Deed.SWEEPS, Deed.SKIPS, Deed.SKIPS)
WRITES = frozenset({Deed.GOES, Deed.MAYBE, Deed.LEAVES, Deed.DELETES, Deed.RESIZES})
"""What guests do straight to Firestore."""

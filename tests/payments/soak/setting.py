"""What a history is about: an event, what it sells for which prices, and who may do what there. Drawn by seed.

A quarter of them are plain: one type of ticket with one price, paid on Stripe's page. Each of the others has some of
what may be there besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from gather.runtime import Runtime
from tests.support.events import event_document

PLAIN = 0.25
STARTS_IN = timedelta(days=60)
PRICE = 2_500
CURRENCY = "usd"
CREATOR = "cleo"
ACCESS_CODE = "crew"
POOL_SEATS = (1, 2, 3)
DISCOUNTS: Mapping[str, Mapping[str, Any]] = {
    "HALF": {"percent": 50},
    "MINUS": {"amountCents": 700, "currency": CURRENCY},
    "GIFT": {"percent": 100},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A ticket type; without `total` it is limited by the event, and by its pool, alone."""

    id: str
    price_cents: int = PRICE
    total: int | None = None
    pool_id: str | None = None
    access_code: str | None = None
    allows_several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One event. Without `kinds` it sells admission; `waitlist` is its policy; `discounts` how often each may be used.

    `has_guests`: others answer it without buying. `is_rearranged`: its organizer changes how many it takes.
    """

    seats: int | None
    kinds: tuple[Kind, ...] = (Kind(id="adult"),)
    pools: Mapping[str, int] = field(default_factory=dict)
    discounts: Mapping[str, int | None] = field(default_factory=dict)
    is_paid: bool = True
    waitlist: str | None = None
    counts_parties: bool = False
    has_guests: bool = False
    has_intents: bool = False
    is_rearranged: bool = False
    refunds_take_time: bool = False

    @classmethod
    def drawn(cls, dice: Random) -> "Setting":
        """The setting of a history."""
        is_slow, seats = dice.random() < 0.3, dice.choice([1, 2, 3, 4])
        if dice.random() < PLAIN:
            return cls(seats=seats, refunds_take_time=is_slow)
        pools = {name: dice.choice(POOL_SEATS) for name in ("hall", "balcony")[: dice.choice([0, 1, 1, 2])]}
        discounts = {code: dice.choice([1, 2, None]) for code in DISCOUNTS if dice.random() < 0.4}
        return cls(
            seats=dice.choice([seats, seats + 2, seats + 3, None]),
            kinds=_kinds(dice, list(pools)),
            pools=pools,
            discounts=discounts,
            is_paid=dice.random() < 0.6,
            waitlist=dice.choice([None, "strict", "skip"]),
            counts_parties=dice.random() < 0.5,
            has_guests=dice.random() < 0.6,
            has_intents=dice.random() < 0.5,
            is_rearranged=dice.random() < 0.5,
            refunds_take_time=is_slow,
        )

    def put_on_sale(self, found: Runtime) -> None:
        """Write the event and what it sells, as they are before anybody comes."""
        client, start = found.firestore, found.now() + STARTS_IN
        event = event_document(
            isPaid=self.is_paid,
            organizationId="acme",
            createdBy=CREATOR,
            createdAt=found.now(),
            updatedAt=found.now(),
            startAt=start,
            lastEndAt=start + timedelta(hours=1),
            countPartySize=self.counts_parties,
            isWaitlistEnabled=self.waitlist is not None,
            waitlistPolicy=self.waitlist or "strict",
        )
        limit = {} if self.seats is None else {"maxAttendees": self.seats}
        price = {"priceCents": PRICE, "currency": CURRENCY} if self.is_paid else {}
        client.document("events/e").set(event | limit | price)
        client.document("organizations/acme").set({"name": "Acme", "tier": "pro"})
        for kind in self.kinds:
            client.document("events/e/ticketTypes", kind.id).set(_type_document(kind))
        for pool_id, capacity in self.pools.items():
            client.document("events/e/pools", pool_id).set({"capacity": capacity, "takenCount": 0})
        for code, uses_max in self.discounts.items():
            uses = {"usesCount": 0} | ({} if uses_max is None else {"usesMax": uses_max})
            client.document("discountCodes", f"e:{code}").set({"code": code, **DISCOUNTS[code], **uses})


def _kinds(dice: Random, pools: list[str]) -> tuple[Kind, ...]:
    """None at all, where admission is sold, up to four."""
    number = dice.choice([0, 1, 2, 2, 3, 4])
    return tuple(
        Kind(
            id=name,
            price_cents=0 if name == "free" else PRICE * (1 + place),
            total=dice.choice([None, None, 1, 2, 3]),
            pool_id=dice.choice([None, *pools, *pools]),
            access_code=ACCESS_CODE if name == "staff" else None,
            allows_several=dice.random() < 0.3,
        )
        for place, name in enumerate(dice.sample(("adult", "free", "child", "staff"), number))
    )


def _type_document(kind: Kind) -> dict[str, Any]:
    document = {
        "name": kind.id.title(),
        "priceCents": kind.price_cents,
        "currency": CURRENCY,
        "totalQuantity": kind.total,
        "poolId": kind.pool_id,
        "accessCode": kind.access_code,
        "allowsSeveral": kind.allows_several,
        "soldCount": 0,
        "heldCount": 0,
    }
    return {name: value for name, value in document.items() if value is not None}

"""A concert that costs money: seats held while somebody pays, a card declined, a bank that takes days, a refund."""

from demo.acts import creates, later
from demo.buying import fetches_receipt, orders, payment, pays, refunds, tickets, waits_for_the_bank
from demo.facts import seats
from demo.people import GUEST
from demo.steps import Chapter, Step, answers

TICKETS = Chapter(
    "A concert sells 3 tickets, through a stand-in for Stripe",
    (
        Step(
            "ana",
            "sells 3 tickets to a concert, 25 euros each",
            creates(
                "concert",
                title="Concert in the yard",
                startAt=later(30, 19),
                visibility="members",
                published=True,
                maxAttendees=3,
                isPaid=True,
                priceCents=2500,
                currency="EUR",
                organizationId="club",
            ),
        ),
        Step(GUEST, "orders a ticket", orders("concert", quantity=1), answers(401, "they are not signed in")),
        Step(
            "ben",
            "orders 2: they are held for him",
            orders("concert", quantity=2),
            answers(201),
            facts=(seats("concert", taken=2, waiting=0), payment("ben", status="pending")),
        ),
        Step("cleo", "orders 2", orders("concert", quantity=2), answers(409, "one seat is left")),
        Step(
            "ben",
            "pays with a card that has no funds",
            pays(card="4000000000009995"),
            facts=(payment("ben", status="pending"), tickets("ben", valid=0)),
        ),
        Step(
            "ben",
            "pays with another card",
            pays(),
            facts=(payment("ben", status="succeeded"), tickets("ben", valid=2), seats("concert", taken=2, waiting=0)),
        ),
        Step("ben", "asks for his receipt", fetches_receipt("ben"), answers(200)),
        Step("cleo", "asks for ben's receipt", fetches_receipt("ben"), answers(404, "it is not hers")),
        Step(
            "gus",
            "orders 1",
            orders("concert", quantity=1),
            answers(201),
            facts=(seats("concert", taken=3, waiting=0),),
        ),
        Step(
            "gus",
            "pays by direct debit, which takes days",
            pays(method="sepa_debit"),
            facts=(payment("gus", status="processing"), tickets("gus", valid=0)),
        ),
        Step(
            "gus",
            "waits until the money has come",
            waits_for_the_bank(of="gus"),
            facts=(payment("gus", status="succeeded"), tickets("gus", valid=1)),
        ),
        Step("ben", "gives himself his money back", refunds("ben"), answers(403, "he does not run the concert")),
        Step(
            "ana",
            "gives ben 10 euros back",
            refunds("ben", amountCents=1000),
            answers(201),
            facts=(payment("ben", status="partially_refunded", refunded=1000), tickets("ben", valid=2)),
        ),
        Step(
            "ana",
            "gives ben the rest back: his seats are free",
            refunds("ben"),
            answers(201),
            facts=(
                payment("ben", status="refunded", refunded=5000),
                tickets("ben", valid=0, void=2),
                seats("concert", taken=1, waiting=0),
            ),
        ),
        Step(
            "fay",
            "orders 1, and has half an hour to pay",
            orders("concert", quantity=1),
            answers(201),
            facts=(payment("fay", status="pending"), seats("concert", taken=2, waiting=0)),
        ),
    ),
)

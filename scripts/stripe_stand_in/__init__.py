"""A stand-in for Stripe: sessions, payments, refunds, disputes and signed events, with a clock that can be moved.

The real SDK talks to it (`StripeClient(key, base_addresses={"api": url})`), over HTTP or in the process. It models card
and delayed payments of the current API version, refuses what it does not model, and moves no money. `docs/guide/
stripe-stand-in.md` says how to use it.
"""

from stripe_stand_in.clock import Clock
from stripe_stand_in.in_process import InProcess
from stripe_stand_in.outbox import Webhook
from stripe_stand_in.running import RunningStandIn, running_stand_in
from stripe_stand_in.stand_in import CARD, SECRET_KEY, Paid, StandIn
from stripe_stand_in.switches import ApiFault, Mischief, Settlement, Switches

__all__ = [
    "CARD",
    "SECRET_KEY",
    "ApiFault",
    "Clock",
    "InProcess",
    "Mischief",
    "Paid",
    "RunningStandIn",
    "Settlement",
    "StandIn",
    "Switches",
    "Webhook",
    "running_stand_in",
]

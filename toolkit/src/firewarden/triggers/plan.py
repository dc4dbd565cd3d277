"""How many copies of a delivery arrive, and when: the seam through which tests make a network misbehave."""

from collections.abc import Callable, Sequence
from random import Random

from firewarden.triggers.cloudevents import FirestoreEvent

# One delay in seconds for every copy to deliver. Promises nothing about order: neither does production.
DeliveryPlan = Callable[[FirestoreEvent, Random], Sequence[float]]


def promptly(_event: FirestoreEvent, _rng: Random) -> Sequence[float]:
    """Every event is delivered once and at once."""
    return (0.0,)


def repeated(*, copies: int = 2, within_s: float = 0.2) -> DeliveryPlan:
    """Every event is delivered several times, each copy at a random moment, so that events overtake.

    The moments are drawn from the host's random generator: equal seeds draw equal delays.
    """

    def plan(_event: FirestoreEvent, rng: Random) -> Sequence[float]:
        return [rng.uniform(0.0, within_s) for _ in range(copies)]

    return plan

"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests

The first answer to a key is kept, whether it was a success or not, once an endpoint has begun its work. The same key
with the same parameters gets it again; with others it is refused. Keys are forgotten after a day.
"""

from dataclasses import dataclass
from typing import Any

from stripe_stand_in.errors import IDEMPOTENCY, StripeError

KEPT_S = 24 * 60 * 60
LONGEST_KEY = 255


@dataclass(slots=True)
class Kept:
    """What a key was first used for, and what was answered; `answer` is None while that is being worked on."""

    path: str
    parameters: dict[str, Any]
    at: float
    request_id: str
    answer: tuple[int, bytes] | None = None


class IdempotencyKeys:
    """The keys of one day, by account and key."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str | None, str], Kept] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def begin(self, key: tuple[str | None, str], made: Kept) -> Kept | None:
        """What is kept for the key, answered; or None when the work begins now. Refuses what does not fit."""
        self._prune(made.at)
        name = key[1]
        if len(name) > LONGEST_KEY:
            raise StripeError(f"Idempotency keys are up to {LONGEST_KEY} characters long.", begun=False)
        kept = self._kept.get(key)
        if kept is None:
            self._kept[key] = made
            return None
        if kept.path != made.path:
            raise _misused(
                f"Keys for idempotent requests can only be used for the same endpoint they were first used for "
                f"('{made.path}' vs '{kept.path}').", name,
            )  # fmt: skip
        if kept.parameters != made.parameters:
            raise _misused(
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                name,
            )
        if kept.answer is None:
            raise StripeError(
                f"There is currently another in-progress request using this Idempotent Key (that probably means you "
                f"submitted twice, and the other request is still going through): {name}. Please try again later.",
                status=409, kind=IDEMPOTENCY, code="idempotency_key_in_use", begun=False,
            )  # fmt: skip
        return kept

    def finish(self, key: tuple[str | None, str], answer: tuple[int, bytes]) -> None:
        """This is what the key gets from now on."""
        self._kept[key].answer = answer

    def forget(self, key: tuple[str | None, str]) -> None:
        """No endpoint began its work: the key is free."""
        self._kept.pop(key, None)

    def _prune(self, now: float) -> None:
        # Insertion order is the order of time: the oldest stand first.
        while self._kept:
            key = next(iter(self._kept))
            if self._kept[key].at > now - KEPT_S:
                return
            del self._kept[key]


def _misused(message: str, name: str) -> StripeError:
    return StripeError(
        f"{message} Try using a key other than '{name}' if you meant to execute a different request.",
        kind=IDEMPOTENCY,
        begun=False,
    )

"""A process that dies between two steps of its work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from gather.transactions import Contended, run_transaction

T = TypeVar("T")


class ProcessDiedError(BaseException):
    """Not an Exception: nothing in the process hears of it."""


@dataclass(slots=True)
class Death:
    """Dies at the step of a given number; every transaction and every request to Stripe has one before and after."""

    at: int
    steps: int = 0

    def step(self, *_: str) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise ProcessDiedError

    def transact(self, client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
        self.step()
        result = run_transaction(client, body, contend_on=contend_on)
        self.step()
        return result

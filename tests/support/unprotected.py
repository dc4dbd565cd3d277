"""A transaction that is none: the same bodies, run without isolation. For negative controls only."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from gather.transactions import Contended

T = TypeVar("T")

PAUSE_S_MAX = 0.02  # between what was read and what is written, where a transaction would hold its locks


class Unprotected:
    """Looks like a transaction to a body, but reads and writes at once and keeps nothing out."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._batch = client.batch()

    def get_all(self, references: list[Any]) -> Iterable[Any]:
        found: Iterable[Any] = self._client.get_all(references)
        return found

    def get(self, query: Any) -> Iterator[Any]:
        results: Iterator[Any] = query.stream()
        return results

    def __getattr__(self, write: str) -> Any:
        return getattr(self._batch, write)

    def finish(self) -> None:
        time.sleep(random.uniform(0, PAUSE_S_MAX))
        self._batch.commit()


def run_unprotected(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
    """Run the body as `run_transaction` would, without a transaction and without a queue."""
    transaction = Unprotected(client)
    result = body(transaction)
    transaction.finish()
    return result

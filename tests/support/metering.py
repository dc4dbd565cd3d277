"""What transactions cost, counted where they do it: as Cloud Firestore bills, and by document."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from gather.transactions import Contended, run_transaction

_WRITES = ("create", "set", "update", "delete")


class Bill:
    """Grows with every committed transaction: documents read (one for an empty query), writes, deletes.

    `committed` are the transactions, `again` the attempts that were aborted before.
    """

    def __init__(self) -> None:
        self.total: Counter[str] = Counter()
        self.writes_of: Counter[str] = Counter()
        self.committed = 0
        self.again = 0
        self._guard = threading.Lock()

    def transact(self, client: Any, body: Callable[[Any], Any], *, contend_on: Contended = None) -> Any:
        """Run a transaction as `run_transaction` does and charge what its last attempt did."""
        attempts: list[Meter] = []

        def metered(transaction: Any) -> Any:
            attempts.append(Meter(transaction))
            return body(attempts[-1])

        result = run_transaction(client, metered, contend_on=contend_on)
        with self._guard:
            self.total += attempts[-1].total
            self.writes_of += attempts[-1].writes_of
            self.committed += 1
            self.again += len(attempts) - 1
        return result


class Meter:
    """A transaction that counts what is done with it."""

    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction
        self.total: Counter[str] = Counter()
        self.writes_of: Counter[str] = Counter()

    def get_all(self, references: list[Any]) -> Any:
        self.total["reads"] += len(references)
        return self._transaction.get_all(references)

    def get(self, query: Any) -> list[Any]:
        found = list(self._transaction.get(query))
        self.total["reads"] += max(1, len(found))
        return found

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._transaction, name)
        if name not in _WRITES:  # what the client itself asks of a transaction, such as its id
            return method

        def counted(reference: Any, *rest: Any, **options: Any) -> Any:
            self.total["deletes" if name == "delete" else "writes"] += 1
            self.writes_of[reference.path] += 1
            return method(reference, *rest, **options)

        return counted

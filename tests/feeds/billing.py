"""Counts the documents that a client reads and writes, as Firestore bills them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class Bill:
    """Documents read and written, as Firestore bills them."""

    reads: int = 0
    writes: int = 0


@contextmanager
def billed(client: Any) -> Iterator[Bill]:
    """Count what the client reads and writes inside the block, below everything that the code under test calls."""
    bill = Bill()
    # The one place below transactions, documents and queries; the library offers no public one.
    api = client._firestore_api
    read, commit = api.batch_get_documents, api.commit

    def counting_read(*args: Any, **options: Any) -> Any:
        bill.reads += len(options["request"]["documents"])
        return read(*args, **options)

    def counting_commit(*args: Any, **options: Any) -> Any:
        bill.writes += len(options["request"]["writes"])
        return commit(*args, **options)

    api.batch_get_documents, api.commit = counting_read, counting_commit
    try:
        yield bill
    finally:
        del api.batch_get_documents, api.commit

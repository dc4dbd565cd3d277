"""Transactions: the one way in which the functions change more than one document.

The SDK retries only an Aborted commit, at once and five times. Firestore also aborts *reads* that wait too long for
a lock, and a crowd that retries at once aborts itself again. So: retry both, with jitter, until a deadline.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol, TypeVar

from google.api_core.exceptions import Aborted
from google.cloud import firestore

T = TypeVar("T")

WRITES_MAX = 500
"""Writes of one commit, as documented: https://firebase.google.com/docs/firestore/manage-data/transactions"""
DEADLINE_S = 20.0
BACKOFF_FIRST_S = 0.025
BACKOFF_MAX_S = 2.0


Contended = str | tuple[str, ...] | None
"""What transactions of this process would fight over: one name, several, or nothing that is known of."""


class ContentionError(Exception):
    """The transaction lost every race until its deadline; nothing was written, the caller may try again."""


class Transact(Protocol):
    """How a store function runs its transaction: `run_transaction`, or a broken one in a test's negative control."""

    def __call__(self, client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
        """Run `body` and return what it returns."""


def run_transaction(
    client: Any,
    body: Callable[[Any], T],
    *,
    contend_on: Contended = None,
    deadline_s: float = DEADLINE_S,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
) -> T:
    """Run `body(transaction)` atomically: everything it wrote is committed, or nothing is.

    `body` may run several times: it reads first, writes last, and does nothing else. Aborted reads and commits are
    retried with full jitter (25 ms doubling to 2 s) until `deadline_s` has passed, then ContentionError.
    `contend_on` names what transactions of this process would fight over; they then queue up in memory. That is
    courtesy, not correctness: Firestore grants shared read locks, and two transactions that both want to write what
    both have read wait for each other until a lock times out (2 s on the emulator).
    """
    give_up_at = monotonic() + deadline_s
    with _lanes_of(contend_on, deadline_s):
        backoff_s = BACKOFF_FIRST_S
        while True:
            try:
                return _attempt(client, body)
            except Aborted as aborted:
                pause_s = jitter() * backoff_s
                if monotonic() + pause_s >= give_up_at:
                    raise ContentionError(
                        f"transaction on {_named(contend_on)} was aborted until its deadline of "
                        f"{deadline_s:g} s; nothing was written, try again"
                    ) from aborted
                sleep(pause_s)
                backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)


def is_contended(name: str) -> bool:
    """Say whether anybody in this process is in the queue of `name` now; who only wants to look need not join it."""
    with _lanes_guard:
        return name in _lanes


def run_snapshot(client: Any, body: Callable[[Any], T]) -> T:
    """Run `body(transaction)`, which only reads: all it sees is of one moment, and it keeps nobody waiting."""
    result: T = firestore.transactional(body)(client.transaction(read_only=True))
    return result


def read(transaction: Any, reference: Any) -> Any:
    """Read one document inside the transaction; the snapshot's `exists` says whether it is there."""
    return read_all(transaction, [reference])[0]


def read_all(transaction: Any, references: Sequence[Any]) -> list[Any]:
    """Read documents inside the transaction in one request; snapshots come in the order of `references`."""
    if not references:
        return []
    found = {snapshot.reference.path: snapshot for snapshot in transaction.get_all(list(references))}
    return [found[reference.path] for reference in references]


def read_query(transaction: Any, query: Any) -> list[Any]:
    """Run a query inside the transaction; what it read is locked as documents are."""
    results: Iterable[Any] = transaction.get(query)
    return list(results)


def _attempt(client: Any, body: Callable[[Any], T]) -> T:
    try:
        result: T = firestore.transactional(body)(client.transaction(max_attempts=1))
    except ValueError as error:
        # The SDK reports an Aborted commit after its last attempt as a ValueError caused by it.
        if isinstance(error.__cause__, Aborted):
            raise error.__cause__ from None
        raise
    return result


_lanes: dict[str, deque[threading.Event]] = {}
_lanes_guard = threading.Lock()


def _named(contended: Contended) -> str:
    return " and ".join(_names(contended)) or "several documents"


def _names(contended: Contended) -> Sequence[str]:
    """In one order for everybody, so that no two wait for each other."""
    if contended is None:
        return ()
    return (contended,) if isinstance(contended, str) else sorted(set(contended))


@contextmanager
def _lanes_of(contended: Contended, timeout_s: float) -> Iterator[None]:
    with ExitStack() as lanes:
        for name in _names(contended):
            lanes.enter_context(_lane(name, timeout_s))
        yield


@contextmanager
def _lane(name: str, timeout_s: float) -> Iterator[None]:
    """Hold the in-memory queue `name`, first come, first served: a plain lock would let some wait forever.

    The first event of a queue is its holder's, and is set; a queue exists only while somebody is in it.
    """
    turn = threading.Event()
    with _lanes_guard:
        queue = _lanes.setdefault(name, deque())
        queue.append(turn)
        queue[0].set()
    try:
        if not turn.wait(timeout_s):
            raise ContentionError(f"{name} was busy for {timeout_s:g} s; nothing was written, try again")
        yield
    finally:
        with _lanes_guard:
            queue.remove(turn)
            if queue:
                queue[0].set()
            else:
                del _lanes[name]

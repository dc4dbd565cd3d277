"""Clients that run transactions side by side, and note what they see: stepwise by seed, or in threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import count
from random import Random
from typing import Any

from firewarden.firestore.wire import protos
from firewarden.server.engine import Engine
from firewarden.server.services import SERVICE, services
from firewarden.server.transports.interface import Context, Services
from firewarden.server.waiting import WouldBlock
from toolkit.tests.conformance.firestore.engines import Refused, answer_messages
from toolkit.tests.conformance.firestore.serializability import Predicate, Read, Transaction, Value

PROJECT = "demo-together"
DATABASE = f"projects/{PROJECT}/databases/(default)"
DOCUMENTS = tuple(f"c/{number}" for number in range(6))
_VALUES = 8
_GREATER_OR_EQUAL = 4

Call = tuple[str, Any]
Client = Generator[Call, list[Any], None]
"""Yields requests and is sent the answers; a refusal is thrown into it."""


def client(name: str, random: Random, history: list[Transaction], now: Callable[[], int], transactions: int) -> Client:
    """Some transactions, each begun anew if it was aborted; `now` is real time."""
    attempts = count(1)
    for _ in range(transactions):
        while True:
            this = Transaction(f"{name}.{next(attempts)}", now())
            try:
                yield from _attempt(this, random)
            except Refused as refused:
                this.abort = f"{refused.code}: {refused.message}"
            this.ended = now()
            history.append(this)
            if not this.abort.startswith("ABORTED"):
                break


def _attempt(this: Transaction, random: Random) -> Generator[Call, list[Any], None]:
    if random.random() < 0.15:
        yield from _commit(this, random, b"")
        return
    (began,) = yield "BeginTransaction", protos.BeginTransactionRequest(database=DATABASE)
    transaction = began.transaction
    for _ in range(random.randint(1, 3)):
        yield from _query(this, random, transaction) if random.random() < 0.4 else _get(this, random, transaction)
    if random.random() < 0.1:
        yield "Rollback", protos.RollbackRequest(database=DATABASE, transaction=transaction)
        this.abort = "rolled back"
    else:
        yield from _commit(this, random, transaction)


def _get(this: Transaction, random: Random, transaction: bytes) -> Generator[Call, list[Any], None]:
    paths = random.sample(DOCUMENTS, random.randint(1, 2))
    request = protos.BatchGetDocumentsRequest(
        database=DATABASE, documents=[_name(each) for each in paths], transaction=transaction
    )
    answers = yield "BatchGetDocuments", request
    seen = {path: _writer(each.found) for path, each in zip(paths, answers, strict=True)}
    this.reads.append(Read(_nanos(answers[0].read_time), seen))


def _query(this: Transaction, random: Random, transaction: bytes) -> Generator[Call, list[Any], None]:
    predicate = Predicate(random.randrange(_VALUES))
    request = protos.RunQueryRequest(parent=f"{DATABASE}/documents", transaction=transaction)
    getattr(request.structured_query, "from").add(collection_id="c")
    condition = request.structured_query.where.field_filter
    condition.field.field_path, condition.op = "n", _GREATER_OR_EQUAL
    condition.value.integer_value = predicate.least
    answers = yield "RunQuery", request
    found = [each.document for each in answers if each.HasField("document")]
    seen = {each.name.partition("/documents/")[2]: _writer(each) for each in found}
    this.reads.append(Read(_nanos(answers[-1].read_time), seen, predicate))


def _commit(this: Transaction, random: Random, transaction: bytes) -> Generator[Call, list[Any], None]:
    paths = random.sample(DOCUMENTS, random.choice([1, 1, 2, 3]))
    writes: dict[str, Value] = {path: None if random.random() < 0.25 else random.randrange(_VALUES) for path in paths}
    request = protos.CommitRequest(database=DATABASE, transaction=transaction)
    for path, value in writes.items():
        _write(request.writes.add(), path, value, this.name)
    (committed,) = yield "Commit", request
    this.time, this.writes = _nanos(committed.commit_time), writes


def _write(write: Any, path: str, value: Value, writer: str) -> None:
    if value is None:
        write.delete = _name(path)
        return
    write.update.name = _name(path)
    write.update.fields["n"].integer_value = value
    write.update.fields["by"].string_value = writer


def _name(path: str) -> str:
    return f"{DATABASE}/documents/{path}"


def _writer(document: Any) -> str | None:
    return str(document.fields["by"].string_value) if document.name else None


def _nanos(moment: Any) -> int:
    return int(moment.ToNanoseconds())


def stepwise(engine: Engine, *, seed: int, clients: int, transactions: int) -> list[Transaction]:
    """Clients that take steps in an order determined by the seed; who would block is asked again at its next turn."""
    random, served = Random(seed), services(engine)
    ticks = count()
    history: list[Transaction] = []
    asked: dict[Client, tuple[Call, Context]] = {}
    for number in range(clients):
        made = client(f"c{number}", Random(f"{seed}/{number}"), history, ticks.__next__, transactions)
        asked[made] = next(made), Context(_ADMIN)
    while asked:
        each = random.choice(list(asked))
        call, context = asked[each]
        try:
            asked[each] = _answered(served, each, call, context), Context(_ADMIN)
        except WouldBlock:
            continue
        except StopIteration:
            del asked[each]
    return history


_ADMIN = {"authorization": "Bearer owner"}


def _answered(served: Services, each: Client, call: Call, context: Context) -> Call:
    """The client's next call."""
    try:
        answer = answer_messages(served[f"/{SERVICE}/{call[0]}"], *call, context)
    except Refused as refused:
        return each.throw(refused)
    return each.send(answer)


Ask = Callable[[str, Any], list[Any]]


def in_threads(ask: Callable[[], Ask], *, seed: int, clients: int, transactions: int) -> list[Transaction]:
    """Clients in threads of their own, each with a connection that `ask` makes."""
    history: list[Transaction] = []
    faults: list[BaseException] = []

    def run(number: int) -> None:
        try:
            made = client(f"c{number}", Random(f"{seed}/{number}"), history, time.monotonic_ns, transactions)
            _drive(made, ask())
        except BaseException as fault:  # noqa: BLE001 - told by the thread that waits
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if faults:
        raise faults[0]
    return history


def _drive(made: Client, ask: Ask) -> None:
    call = next(made, None)
    while call is not None:
        try:
            answer = ask(*call)
        except Refused as refused:
            call = _next(made.throw, refused)
        else:
            call = _next(made.send, answer)


def _next(step: Callable[[Any], Call], content: Any) -> Call | None:
    try:
        return step(content)
    except StopIteration:
        return None


def stored(ask: Ask) -> dict[str, str | None]:
    """Who wrote what is there now."""
    request = protos.BatchGetDocumentsRequest(database=DATABASE, documents=list(map(_name, DOCUMENTS)))
    answers = ask("BatchGetDocuments", request)
    return {path: _writer(each.found) for path, each in zip(DOCUMENTS, answers, strict=True)}


def aborts(history: Sequence[Transaction]) -> Iterator[str]:
    """Why attempts failed."""
    return (each.abort for each in history if each.abort and each.abort != "rolled back")

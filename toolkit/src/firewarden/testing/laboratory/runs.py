"""Runs: one execution each of a client's work or of a function, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from firewarden.firestore.names import parse_database_name
from firewarden.firestore.wire import protos
from firewarden.testing.in_process.calls import Call
from firewarden.triggers import FirestoreEvent, Function
from firewarden.triggers.choices import Choices

_WRITING = {f"{name}Request" for name in ("Commit", "BatchWrite", "CreateDocument", "UpdateDocument", "DeleteDocument")}


class Crashed(BaseException):
    """The process that ran a function or a client is gone. No `except Exception` catches that, nor should another."""


@dataclass(slots=True, eq=False)
class Run:
    """One execution. Once dead it cannot reach Firestore any more, not even to roll back."""

    name: str
    work: Callable[[], None]
    crash: float = 0.0
    orphan: float = 0.0
    is_dead: bool = False
    writes: int = 0
    faults: list[str] = field(default_factory=list)
    transactions: list[tuple[str, bytes]] = field(default_factory=list)
    """That were begun: the database's name and the transaction's id."""

    def before(self, call: Call, choices: Choices) -> bool:
        """Called before each call: whether the run dies after it. Raises `Crashed` where it dies before."""
        if self.is_dead:
            raise Crashed(self.name)
        if not is_writing(call.request):
            return False
        self.writes += 1
        fault = choices.weighted((self.crash / 2, self.crash / 2)) if self.crash else 0
        if fault == 1:
            self.die(f"crashed before write {self.writes}", call, choices)
        return fault == 2

    def answered(self, call: Call, answers: Sequence[bytes]) -> None:
        """Called after each call."""
        if call.request.DESCRIPTOR.name == "BeginTransactionRequest":
            begun = protos.BeginTransactionResponse.FromString(answers[0])
            self.transactions.append((call.request.database, begun.transaction))

    def die(self, how: str, call: Call, choices: Choices) -> None:
        """End here. Firestore ends its transactions, unless nobody tells it that they are orphans."""
        self.is_dead = True
        if self.transactions and choices.happens(self.orphan):
            how = f"{how}, leaving its locks"
        else:
            with call.engine.guard:
                for database, transaction in self.transactions:
                    call.engine.database(parse_database_name(database)).transactions.roll_back(transaction)
        self.faults.append(how)
        raise Crashed(f"{self.name} {how}")


@dataclass(slots=True, eq=False)
class Task:
    """A copy of an event on its way to a function; `due` by the clock, `is_held` if others may overtake it."""

    function: Function
    event: FirestoreEvent
    copy: int
    due: float
    is_held: bool = False
    attempt: int = 1
    first_run: float | None = None
    faults: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.function.name} <- {self.event.document} (copy {self.copy}, attempt {self.attempt})"


class Driver(Protocol):
    """Whoever decides when which run goes on."""

    def submit(self, task: Task) -> None:
        """Deliver this when it is due."""
        ...

    def start(self, run: Run) -> None:
        """Have a run begin."""
        ...

    def settle(self, timeout_s: float) -> None:
        """Return when nothing runs and nothing is on its way; raises NotSettled."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let the caller's run pause."""
        ...

    def around(self, call: Call, timeout: float | None) -> Sequence[bytes]:
        """Make a call, for a run or for somebody else."""
        ...

    def close(self) -> None:
        """End whatever runs."""
        ...


def is_writing(request: Any) -> bool:
    """Whether a request changes documents; a commit without writes only ends a transaction."""
    name = request.DESCRIPTOR.name
    return name in _WRITING and (name != "CommitRequest" or len(request.writes) > 0)


def described(request: Any) -> str:
    """What a request is about, on one line: its method, and the documents it names."""
    method = request.DESCRIPTOR.name.removesuffix("Request")
    names = [*getattr(request, "documents", ())]
    names += [write.delete or write.update.name for write in getattr(request, "writes", ())]
    if not names:
        names = [each for each in (getattr(request, "name", ""), getattr(request, "parent", "")) if each]
    paths = [name.partition("/documents/")[2] or name.rpartition("/databases/")[2] for name in names]
    return f"{method} {', '.join(paths)}".rstrip()

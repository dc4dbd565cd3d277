"""Measuring: the engines take turns within every round, so that what else the machine does falls on all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

from firestore_engines import Engine, Running
from firestore_operations import COMMON, PROJECT, Operation, collection, fill, indexed_name
from firestore_wire import Connection, Request, load
from google.cloud.firestore import Client

from firewarden.testing import firestore_as_owner

START, IDLE, FILLED, INGEST = "start to first answer", "idle", "with {:,} documents", "load {:,} documents"
STARTING, MEMORY, CPU, RAW, STOCK, LOADING = "start", "memory", "cpu", "raw", "stock", "loading"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. Times in seconds: `seconds` for one raw measurement, `warm` of each before the first."""

    rounds: int
    seconds: float
    warm: float
    stock_seconds: float
    filled: int
    sizes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Key:
    """What was measured, how, and of whom."""

    measure: str
    what: str
    engine: str


Say = Callable[[str], None]
Item = TypeVar("Item")


class Figures:
    """Every figure of every round. What an engine refused to do is in `refused`."""

    def __init__(self) -> None:
        self.values: dict[Key, list[float]] = defaultdict(list)
        self.refused: dict[tuple[str, str], str] = {}

    def add(self, measure: str, what: str, engine: str, value: float) -> None:
        """One more figure."""
        self.values[Key(measure, what, engine)].append(value)

    def of(self, measure: str, what: str, engine: str) -> list[float]:
        """The figures of all rounds."""
        return self.values.get(Key(measure, what, engine), [])

    def median(self, measure: str, what: str, engine: str) -> float | None:
        """The middle of all rounds, if there were any."""
        found = self.of(measure, what, engine)
        return statistics.median(found) if found else None


def measure_processes(engines: Sequence[Engine], plan: Plan, figures: Figures, say: Say) -> None:
    """Start to first answer, and memory without and with documents: of new processes every round."""
    for engine in engines if plan.rounds > 1 else ():
        with engine.started():
            pass  # from now on files are in the system's cache
    for number in range(plan.rounds):
        for engine in _turned(engines, number):
            say(f"round {number + 1} of {plan.rounds}: starting {engine.name}")
            with engine.started() as running:
                figures.add(STARTING, START, engine.name, running.start)
                figures.add(MEMORY, IDLE, engine.name, running.memory())
                if engine.most is not None and engine.most < plan.filled:
                    continue
                begun = time.perf_counter()
                _fill(running, plan.filled)
                figures.add(LOADING, INGEST.format(plan.filled), engine.name, time.perf_counter() - begun)
                figures.add(MEMORY, FILLED.format(plan.filled), engine.name, running.memory())


def measure_operations(
    engines: Sequence[Engine], operations: Sequence[Operation], plan: Plan, figures: Figures, say: Say
) -> None:
    """All operations of warm servers, raw and through the stock client."""
    with ExitStack() as stack:
        asked = []
        for engine in engines:
            running = stack.enter_context(engine.started())
            for size in sorted({COMMON, *plan.sizes}):
                if engine.most is not None and engine.most < size:
                    figures.refused[indexed_name(size), engine.name] = f"more than {engine.most:,} documents"
                    continue
                say(f"storing {size:,} documents in {engine.name}")
                begun = time.perf_counter()
                _fill(running, size)
                if size > plan.filled:
                    figures.add(LOADING, INGEST.format(size), engine.name, time.perf_counter() - begun)
            asked.append(_Asked(running, figures))
            stack.callback(asked[-1].close)
        for each in asked:
            for operation in operations:
                say(f"warming up {each.name}: {operation.name}")
                each.warm(operation, plan)
        for number in range(plan.rounds):
            for operation in operations:
                say(f"round {number + 1} of {plan.rounds}: {operation.name}")
                for each in _turned(asked, number):
                    each.raw(operation, plan.seconds)
                for each in _turned(asked, number):
                    each.stock(operation, plan.stock_seconds)


class _Asked:
    """A warm server and its clients. What it once refused is not asked again."""

    def __init__(self, running: Running, figures: Figures) -> None:
        self.name = running.name
        self._running = running
        self._figures = figures
        self._client: Client = firestore_as_owner(project=PROJECT, host=running.host)
        self._requests: dict[str, Iterator[Request]] = {}
        self._number = 0

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]  # publishes no types

    def warm(self, operation: Operation, plan: Plan) -> None:
        """Until it is as fast as it gets; the first request of all is looked at closely."""
        if not self._does(operation):
            return
        requests = self._requests[operation.name] = operation.raw()
        try:
            connection = Connection(self._running.host)
            try:
                connection.ask(next(requests))
            finally:
                connection.close()
            self._load(operation, plan.warm)
            self._repeat(operation, plan.warm / 4)
        except Exception as fault:  # noqa: BLE001 - whatever it is: this engine does not do this
            self._figures.refused[operation.name, self._running.name] = f"{type(fault).__name__}: {fault}"

    def raw(self, operation: Operation, seconds: float) -> None:
        """Its CPU time for each operation, and how many it does in a second."""
        if not self._does(operation):
            return
        cpu = self._running.cpu()
        done, took = self._load(operation, seconds)
        self._figures.add(CPU, operation.name, self._running.name, (self._running.cpu() - cpu) / done)
        self._figures.add(RAW, operation.name, self._running.name, done / took)

    def stock(self, operation: Operation, seconds: float) -> None:
        """How long one takes with google-cloud-firestore."""
        if self._does(operation):
            self._figures.add(STOCK, operation.name, self._running.name, self._repeat(operation, seconds))

    def _does(self, operation: Operation) -> bool:
        return (operation.name, self._running.name) not in self._figures.refused

    def _load(self, operation: Operation, seconds: float) -> tuple[int, float]:
        connections = [Connection(self._running.host) for _ in range(operation.connections)]
        try:
            return load(connections, self._requests[operation.name], in_flight=operation.in_flight, seconds=seconds)
        finally:
            for each in connections:
                each.close()

    def _repeat(self, operation: Operation, seconds: float) -> float:
        """Seconds for each, while `threads` do it at the same time."""
        gc.collect()  # what others have left is not collected while this is timed
        end = time.perf_counter() + seconds

        def work(_thread: int) -> int:
            done = 0
            while not done or time.perf_counter() < end:
                self._number += 1
                operation.stock(self._client, self._number)
                done += 1
            return done

        begun = time.perf_counter()
        if operation.threads == 1:
            done = work(0)
        else:
            with ThreadPoolExecutor(operation.threads) as pool:
                done = sum(pool.map(work, range(operation.threads)))
        return (time.perf_counter() - begun) / done


def _turned(items: Sequence[Item], number: int) -> Sequence[Item]:
    """Another one begins every round."""
    first = number % len(items)
    return [*items[first:], *items[:first]]


def _fill(running: Running, size: int) -> None:
    connection = Connection(running.host)
    try:
        fill(connection, collection(size), size)
    finally:
        connection.close()

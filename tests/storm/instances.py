"""Instances of the functions: processes that know nothing of each other and share one address, as in production.

Each takes some of the deliveries, because the system divides the connections to an address between who listens there.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from google.cloud import firestore

from firewarden.testing import EmulatorControl
from firewarden.triggers import (
    Delivery,
    FunctionsHost,
    HttpCall,
    Kind,
    Manifest,
    RetryPolicy,
    local_environment,
)
from gather.runtime import installed
from tests.conftest import settings_for
from tests.support.metering import Bill
from tests.support.runtimes import runtime_for
from tests.support.stack import deployed_manifest

_LOOPBACK = "127.0.0.1"
_BACKLOG = 1024
_PATIENCE_S = 3600.0
_ATTEMPTS_QUIET = 3
_RETRY = RetryPolicy(first_delay_s=0.5, max_delay_s=5.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an instance is told when it is started."""

    project: str
    firestore: str
    address: tuple[str, int]
    workers: int


@dataclass(frozen=True, slots=True)
class Work:
    """What instances have done so far: transactions, the documents that these wrote, deliveries."""

    committed: int
    again: int
    writes_of: Counter[str]
    deliveries: int
    failed: int

    def __add__(self, other: Work) -> Work:
        return Work(
            self.committed + other.committed,
            self.again + other.again,
            self.writes_of + other.writes_of,
            self.deliveries + other.deliveries,
            self.failed + other.failed,
        )


NONE = Work(0, 0, Counter(), 0, 0)


class Instances:
    """Running instances, asked together."""

    def __init__(self, links: Sequence[Connection]) -> None:
        self._links = links

    def work(self) -> Work:
        """What they have done in all, once nothing waits and nothing runs in any of them."""
        seen = None
        while True:
            done = self._asked()
            if seen is not None and done.deliveries == seen.deliveries:
                return done
            seen = done

    def _asked(self) -> Work:
        for link in self._links:
            link.send("idle")
        return sum((link.recv() for link in self._links), NONE)


@contextmanager
def reserved_address() -> Iterator[tuple[str, int]]:
    """An address that nobody else is given as long as this lasts."""
    with _shared_socket((_LOOPBACK, 0)) as keeper:
        name, port = keeper.getsockname()[:2]
        yield name, port


@contextmanager
def running_instances(count: int, asked: Asked) -> Iterator[Instances]:
    """They serve inside the block."""
    fresh = multiprocessing.get_context("spawn")  # gRPC does not bear a fork
    links: list[Connection] = []
    processes = []
    try:
        for _ in range(count):
            ours, theirs = fresh.Pipe()
            process = fresh.Process(target=_serve, args=(asked, theirs), daemon=True)
            process.start()
            theirs.close()
            links.append(ours)
            processes.append(process)
        for link in links:
            link.recv()
        yield Instances(links)
    finally:
        for link in links:
            link.close()
        for process in processes:
            process.join(10)
            process.kill()


def _serve(asked: Asked, link: Connection) -> None:
    os.environ.update(local_environment(os.environ, project=asked.project, firestore=asked.firestore))
    manifest = deployed_manifest()
    bill = Bill()
    client = firestore.Client(project=asked.project)
    runtime = runtime_for(settings_for(asked.project), client, transact=bill.transact)
    with _shared_socket(asked.address) as listener, installed(runtime):
        listener.listen(_BACKLOG)
        with FunctionsHost(
            manifest, project=asked.project, address=listener, workers=asked.workers, retry=_RETRY, report=_tell_failure
        ) as host:
            _register(manifest, asked)
            link.send("ready")
            while _is_asked(link):
                host.settle(timeout_s=_PATIENCE_S)
                link.send(_work(host, bill))


def _register(manifest: Manifest, asked: Asked) -> None:
    """Each instance says the same, so the last one to say it does no harm."""
    with EmulatorControl(asked.firestore) as control:
        for function in manifest.of_kind(Kind.FIRESTORE):
            trigger = function.trigger
            assert trigger is not None  # INVARIANT: of this kind
            control.register_trigger(
                asked.project,
                function.key,
                event_type=trigger.event_type,
                document=trigger.document.text,
                database=trigger.database,
            )


def _tell_failure(delivery: Delivery | HttpCall) -> None:
    """What comes again and again must not do so in silence."""
    if isinstance(delivery, Delivery) and delivery.error is not None and delivery.attempt >= _ATTEMPTS_QUIET:
        sys.stderr.write(f"storm: attempt {delivery.attempt} of {delivery.function} for {delivery.document}: ")
        sys.stderr.write(f"{delivery.error!r}\n")


def _is_asked(link: Connection) -> bool:
    try:
        link.recv()
    except EOFError:
        return False
    return True


def _work(host: FunctionsHost, bill: Bill) -> Work:
    deliveries = host.deliveries
    failed = sum(delivery.error is not None for delivery in deliveries)
    return Work(bill.committed, bill.again, Counter(bill.writes_of), len(deliveries), failed)


def _shared_socket(address: tuple[str, int]) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.bind(address)
    return found

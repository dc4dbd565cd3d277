"""Long runs in parts, dealt out to processes that each have a database of their own; parts come as they are done."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import cache
from typing import TypeVar

from firewarden import Firestore

T = TypeVar("T")


def dealt(number: int, first_seed: int, *, at_once: int) -> list[range]:
    """So many seeds from the first on, in ranges that are long enough to be worth sending."""
    seeds = range(first_seed, first_seed + number)
    return [seeds[start : start + at_once] for start in range(0, number, at_once)]


def in_parts(
    work: Sequence[Callable[[Firestore], T]],
    database: Callable[[], Firestore],
    *,
    workers: int,
    begin: Callable[[], None] | None = None,
) -> Iterator[T]:
    """Do all of the work; without workers this process does it, in order. `begin` is called once by each worker.

    All of it is sent to other processes: functions of modules, and partials of them.
    """
    if workers == 0:
        with database() as firestore:
            for each in work:
                yield each(firestore)
        return
    # Started anew, not forked: a copy of a process that has used Google's libraries need not work.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=begin)
    try:
        waiting: list[Future[T]] = [pool.submit(_done, each, database) for each in work]
        for done in as_completed(waiting):
            yield done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _done(work: Callable[[Firestore], T], database: Callable[[], Firestore]) -> T:
    return work(_of_this_process(database))


@cache
def _of_this_process(database: Callable[[], Firestore]) -> Firestore:
    """This process's database, for as long as it lives."""
    return database()

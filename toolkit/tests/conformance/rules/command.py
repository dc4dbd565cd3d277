"""The command: as many generated decisions as asked for, held against Google's emulator, and a summary."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

from firewarden.errors import EmulatorNotFound, FirewardenError
from toolkit.tests.conformance.emulator import official_address
from toolkit.tests.conformance.rules import constructs, found
from toolkit.tests.conformance.rules.campaign import Result, batch
from toolkit.tests.conformance.rules.differences import Difference
from toolkit.tests.conformance.rules.official import Official
from toolkit.tests.conformance.rules.shrinking import shrunk

_SHRUNK_OF_A_KIND_MAX = 4
_PROGRESS_S = 10.0
_PROJECT = "demo-conformance"
_EXAMPLES = """\
examples:
  python toolkit/tests/conformance/rules --decisions 100000 --seed 7
  python toolkit/tests/conformance/rules --minutes 30 --seed 1 --workers 4
  REQUIRE_OFFICIAL=1 make conformance-rules"""

_connection: list[Official] = []  # of this worker process


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if no difference is unexplained, 1 if one is, 2 if nothing could be compared."""
    options = _parser().parse_args(arguments)
    try:
        with official_address() as host:
            return _run(host, options)
    except EmulatorNotFound as error:
        _tell(f"conformance-rules: {error}")
        if os.environ.get("REQUIRE_OFFICIAL") == "1":
            return 2
        _tell("conformance-rules: nothing compared; REQUIRE_OFFICIAL=1 makes this a failure")
        return 0
    except FirewardenError as error:
        _tell(f"conformance-rules: {error}")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conformance-rules",
        description="Generate rules, documents, requests and queries, and ask Firewarden and Google's emulator.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--decisions", type=int, default=100_000, metavar="N", help="how many (default: 100000)")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="equal seeds give equal questions (default: 1)"
    )
    parser.add_argument("--minutes", type=float, metavar="M", help="stop after this time, whatever was decided")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, metavar="N", help="processes that ask")
    parser.add_argument("--store", type=Path, default=found.FOLDER, metavar="DIR", help="where differences are kept")
    return parser


def _run(host: str, options: argparse.Namespace) -> int:
    started = told = time.monotonic()
    total = Result()
    for result in _results(host, options):
        total.add(result)
        if time.monotonic() - told > _PROGRESS_S:
            told = time.monotonic()
            _tell(_progress(total, told - started))
    decided_s = time.monotonic() - started
    kept = _kept(host, total.unexplained, options.store)
    unexplained = len(total.unexplained)
    decisions = total.counts["decisions"]
    summary = (
        f"{decisions} decisions in {decided_s:.0f} s ({decisions / decided_s:.0f}/s), seed {options.seed}: "
        f"{total.explained.total()} explained differences, {unexplained} unexplained"
    )
    sys.stdout.writelines(f"{line}\n" for line in (*_report(total, kept), summary))
    return 1 if unexplained else 0


def _results(host: str, options: argparse.Namespace) -> Iterator[Result]:
    """The results of batches 0, 1, 2, … in the order they are done."""
    deadline = time.monotonic() + options.minutes * 60 if options.minutes else float("inf")
    decided = number = 0
    waiting: set[Future[Result]] = set()
    with ProcessPoolExecutor(options.workers, get_context("spawn"), _connect, (host,)) as pool:
        while True:
            is_open = decided < options.decisions and time.monotonic() < deadline
            while is_open and len(waiting) < 2 * options.workers:
                waiting.add(pool.submit(_ask, options.seed, number))
                number += 1
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                decided += result.counts["decisions"]
                yield result


def _connect(host: str) -> None:
    _connection.append(Official(host, f"{_PROJECT}-{os.getpid()}"))


def _ask(seed: int, number: int) -> Result:
    return batch(_connection[0], seed=seed, number=number)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _progress(total: Result, elapsed_s: float) -> str:
    decisions = total.counts["decisions"]
    return f"{decisions:>8} decisions  {decisions / elapsed_s:5.0f}/s  {len(total.unexplained)} unexplained"


def _kept(host: str, differences: Sequence[Difference], folder: Path) -> list[Difference]:
    """The first of each kind of difference, made small and stored."""
    if not differences:
        return []
    kept: list[Difference] = []
    with Official(host, f"{_PROJECT}-shrinking") as official:
        for difference in _various(differences):
            _tell(f"making a difference in {difference.kind} small ...")
            kept.append(shrunk(official, difference))
    added = found.store(kept, folder)
    _tell(f"{len(added)} new cases in {folder}")
    return kept


def _various(differences: Sequence[Difference]) -> list[Difference]:
    """A few of each kind."""
    times: Counter[tuple[str, str]] = Counter()
    chosen = []
    for difference in differences:
        times[difference.signature] += 1
        if times[difference.signature] <= _SHRUNK_OF_A_KIND_MAX:
            chosen.append(difference)
    return chosen


def _report(total: Result, kept: Sequence[Difference]) -> Iterator[str]:
    for difference in kept:
        yield f"differs in {difference.kind}: {_subject(difference)}"
        yield f"  official: {difference.expected}"
        yield f"  ours:     {difference.got}"
    counts = total.counts
    yield "decisions: " + ", ".join(f"{counts[each]} {each}" for each in ("allow", "deny", "error"))
    told = counts["programs: value"] + counts["programs: error"]
    if told:
        yield f"programs: {told} outcomes compared, {counts['programs: value'] / told:.0%} of them values"
    yield f"beside them: {counts['sources refused']} sources and {counts['requests refused']} requests refused"
    missing = sorted(constructs.ALL - total.constructs.keys())
    yield f"constructs: {len(constructs.ALL) - len(missing)} of {len(constructs.ALL)}" + (
        f", never {', '.join(missing)}" if missing else ""
    )
    for reason, times in total.explained.most_common():
        yield f"explained: {times} by {reason}"


def _subject(difference: Difference) -> str:
    record = difference.record
    if "expr" in record:
        return f"{record['expr']}  {record.get('functions', '')}".strip()
    return str(record.get("source") or f"{record['request']}\n{record['rules']}")

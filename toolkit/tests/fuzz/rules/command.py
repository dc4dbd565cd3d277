"""The command: as many inputs as asked for, and a summary; what fails is made small and kept."""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from toolkit.tests.fuzz.rules.run import Failure, Tally, batch
from toolkit.tests.fuzz.rules.shrinking import shrunk

FOUND = Path(__file__).parents[1] / "found"
_BATCH = 2_000
_MEMORY_MAX = 2 << 30  # bytes of one process: what needs more ends in a MemoryError, which is a failure
_KINDS_MAX = 20
_PROGRESS_S = 10.0
_EXAMPLES = """\
examples:
  make fuzz-rules ARGS='--inputs 1000000 --seed 1'
  make fuzz-rules ARGS='--inputs 20000 --seed 7 --workers 1'"""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if nothing failed, 1 if something did."""
    options = _parser().parse_args(arguments)
    start = time.monotonic()
    tally = _run(options, start)
    seconds = time.monotonic() - start
    _summary(tally, seconds, options.seed)
    return 1 if tally.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fuzz-rules",
        description="Feed odd sources and expressions to the rules engine: nothing but answers may come out.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--inputs", type=int, default=1_000_000, metavar="N", help="how many (default: 1000000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="equal seeds give equal inputs (default: 1)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, metavar="N", help="processes")
    parser.add_argument("--store", type=Path, default=FOUND, metavar="DIR", help="where failing inputs are kept")
    return parser


def _run(options: argparse.Namespace, start: float) -> Tally:
    tally, told = Tally(), start
    sizes = [_BATCH] * (options.inputs // _BATCH) + [options.inputs % _BATCH]
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn"), initializer=_confine) as pool:
        waiting = [pool.submit(batch, options.seed, number, size) for number, size in enumerate(sizes)]
        for done in as_completed(waiting):
            _keep_new(tally, done.result(), options.store)
            tally.add(done.result())
            if time.monotonic() - told > _PROGRESS_S:
                told = time.monotonic()
                count = tally.outcomes.total()
                _tell(f"{count:>9} inputs  {count / (told - start):.0f}/s  {len(tally.failures)} failed")
    return tally


def _confine() -> None:
    """Limit the memory of a worker, and let it say where it was if it dies."""
    faulthandler.enable()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_MAX, most))


def _keep_new(tally: Tally, found: Tally, folder: Path) -> None:
    """Keep the shortest failure of each kind that was not seen before."""
    known = {each.kind for each in tally.failures}
    for failure in sorted(found.failures, key=lambda each: len(each.given.text)):
        if failure.kind not in known and len(known) < _KINDS_MAX:
            known.add(failure.kind)
            _keep(shrunk(failure), folder)


def _keep(failure: Failure, folder: Path) -> None:
    given = failure.given
    folder.mkdir(parents=True, exist_ok=True)
    name = sha256(given.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    path = folder / f"{given.what}-{name}.json"
    path.write_text(json.dumps({"what": given.what, "kind": failure.kind, "text": given.text}) + "\n")
    _tell(f"\n{path.name}: {failure.kind}\n{given.text[:400]!r}\n{failure.trace}")


def _summary(tally: Tally, seconds: float, seed: int) -> None:
    for name, count in sorted(tally.outcomes.items()):
        _tell(f"{count:>9}  {name}")
    if tally.slowest_input is not None:
        given = tally.slowest_input
        size = f"{len(given.text)} characters beginning {given.text[:40]!r}"
        _tell(f"slowest: {tally.slowest:.2f} s of processor time, {given.what} of {given.way}, {size}")
    total = tally.outcomes.total()
    _tell(f"{total} inputs in {seconds:.0f} s ({total / seconds:.0f}/s), seed {seed}: {len(tally.failures)} failed")


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()

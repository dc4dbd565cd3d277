"""The command: as many generated histories as asked for, held against the model and Google's emulator; a summary."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

import grpc

from firewarden.errors import EmulatorNotFound, FirewardenError
from toolkit.tests.conformance.emulator import official_address
from toolkit.tests.conformance.firestore import found
from toolkit.tests.conformance.firestore.differences import Difference, from_model, from_official
from toolkit.tests.conformance.firestore.engines import Official
from toolkit.tests.conformance.firestore.histories import history
from toolkit.tests.conformance.firestore.playing import play
from toolkit.tests.conformance.firestore.shrinking import Find, shrunk
from toolkit.tests.conformance.firestore.universe import DATABASE, ROOT, Json

_SHRUNK_OF_A_KIND_MAX = 2
_PROGRESS_S = 10.0
_EXAMPLES = """\
examples:
  python toolkit/tests/conformance/firestore --histories 2000 --seed 7
  python toolkit/tests/conformance/firestore --histories 20000 --model-only
  REQUIRE_OFFICIAL=1 make conformance-firestore"""


@dataclass(slots=True)
class Tally:
    """What was seen so far."""

    histories: int = 0
    operations: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    found: list[tuple[Find, Difference]] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if no difference is unexplained, 1 if one is, 2 if the emulator is required and not there."""
    options = _parser().parse_args(arguments)
    try:
        with nullcontext() if options.model_only else official_address() as host:
            return _run(host, options)
    except EmulatorNotFound as error:
        _tell(f"conformance-firestore: {error}")
        if os.environ.get("REQUIRE_OFFICIAL") == "1":
            return 2
        _tell("conformance-firestore: compared with the model only; REQUIRE_OFFICIAL=1 makes this a failure")
        return _run(None, options)
    except FirewardenError as error:
        _tell(f"conformance-firestore: {error}")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conformance-firestore",
        description="Generate histories of writes, transactions and queries, and ask our server, a model of it and "
        "Google's emulator.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--histories", type=int, default=1_000, metavar="N", help="how many (default: 1000)")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="equal seeds give equal histories (default: 1)"
    )
    parser.add_argument("--model-only", action="store_true", help="do not ask the emulator")
    parser.add_argument("--store", type=Path, default=found.FILE, metavar="FILE", help="where differences are kept")
    return parser


def _run(host: str | None, options: argparse.Namespace) -> int:
    started = time.monotonic()
    if host is None:
        tally = _played(None, options, started)
        kept = _kept(tally, options.store)
    else:
        with grpc.insecure_channel(host) as channel:
            tally = _played(channel, options, started)
            kept = _kept(tally, options.store)
    seconds = time.monotonic() - started
    lines = [line for each in kept for line in described(each)]
    lines += [f"explained: {times} by {reason}" for reason, times in tally.explained.most_common()]
    judges = "the model" if host is None else "the model and the emulator"
    lines.append(
        f"{tally.histories} histories ({tally.operations} operations) against {judges} in {seconds:.0f} s, "
        f"seed {options.seed}: {tally.explained.total()} explained differences, {len(tally.found)} unexplained"
    )
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if tally.found else 0


def _played(channel: grpc.Channel | None, options: argparse.Namespace, started: float) -> Tally:
    tally, told = Tally(), started
    for number in range(options.histories):
        ask(tally, channel, seed=options.seed, number=number)
        if sys.stderr.isatty() and time.monotonic() - told > _PROGRESS_S:
            told = time.monotonic()
            _tell(f"{tally.histories:>7} histories  {tally.operations:>8} operations  {len(tally.found)} unexplained")
    return tally


def ask(tally: Tally, channel: grpc.Channel | None, *, seed: int, number: int) -> None:
    """Play the two histories of a number: any against the model, a calm one against the emulator."""
    made = history(Random(f"{seed}/{number}"))
    _note(tally, from_model, made, from_model(made))
    if channel is not None:
        official = partial(from_official, partial(_official, channel))
        calm = history(Random(f"{seed}/{number}"), is_calm=True)
        _note(tally, official, calm, official(calm, tally.explained))


def _note(tally: Tally, find: Find, made: Sequence[Json], difference: Difference | None) -> None:
    tally.histories += 1
    tally.operations += len(made)
    if difference is not None:
        tally.found.append((find, difference))


def _official(channel: grpc.Channel, made: Sequence[Json]) -> list[Json]:
    with Official(channel, f"demo-h{uuid4().hex[:8]}") as engine:
        return play(engine, made)


def _kept(tally: Tally, file: Path) -> list[Difference]:
    """The first of each kind, made small and stored."""
    times: Counter[object] = Counter()
    kept = []
    for find, difference in tally.found:
        times[difference.signature] += 1
        if times[difference.signature] <= _SHRUNK_OF_A_KIND_MAX:
            _tell(f"making a difference in {difference.operation['call']} small ...")
            kept.append(shrunk(find, difference))
    if kept:
        _tell(f"{len(found.store(kept, file))} new cases in {file}")
    return kept


def described(difference: Difference) -> Iterator[str]:
    """A history that can be played again, and the two answers to its last operation."""
    yield f"differs from the {difference.judge}:"
    for operation in difference.history:
        text = json.dumps(operation, ensure_ascii=False).replace(ROOT, "~").replace(DATABASE, "~~")
        yield f"  {text}"
    yield f"  expected: {json.dumps(difference.expected, ensure_ascii=False)}"
    yield f"  ours:     {json.dumps(difference.got, ensure_ascii=False)}"


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

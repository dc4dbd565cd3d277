"""Rounds of kill and recovery: a writer is killed at a random moment, then everything it acknowledged must be there."""

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firewarden.store import Database, Store, StoreSnapshot, faults
from toolkit.tests.store.crash.history import HEAD, INDEXES, NAME, WINDOW_SECONDS, State, backup_of, states, time_of

ROUNDS_PER_FILE: Final = 20
"""A file is killed so often before the next is begun, so that recovery of a recovered file is tried too."""
_DELAY_SECONDS_MAX: Final = 0.4
_ROOT: Final = Path(__file__).parents[4]


@dataclass(frozen=True, slots=True)
class Round:
    """What was seen after one kill: what the writer was at, commits acknowledged and stored, and what is wrong."""

    number: int
    at: str
    acknowledged: int
    stored: int
    faults: tuple[str, ...]


def run_round(number: int, folder: Path, *, seed: int, early_per_mille: int = 0) -> Round:
    """Let a writer go on with the file of this round, kill it, look."""
    chance = random.Random(f"{seed} {number}")
    own_seed = number // ROUNDS_PER_FILE
    file = folder / f"{own_seed}.sqlite3"
    acknowledgements = folder / f"{own_seed}.acknowledged"
    at = folder / f"{own_seed}.at"
    at.write_text("start")
    size = acknowledgements.stat().st_size if acknowledgements.exists() else 0
    arguments = [file, own_seed, acknowledgements, at, early_per_mille]
    command = [sys.executable, "-m", "toolkit.tests.store.crash.writer", *map(str, arguments)]
    with subprocess.Popen(command, cwd=_ROOT) as writer:  # noqa: S603
        try:
            # Every fifth is killed while it starts, which for all but the first of a file is recovery.
            if number % 5:
                _wait_for_more(acknowledgements, size, writer)
            time.sleep(chance.uniform(0, _DELAY_SECONDS_MAX))
        finally:
            writer.kill()
    return _look(number, file, own_seed, _last_line(acknowledgements), at.read_text().strip() or "start")


def _wait_for_more(path: Path, size: int, writer: subprocess.Popen[bytes]) -> None:
    while not path.exists() or path.stat().st_size <= size:
        if writer.poll() is not None:
            raise RuntimeError(f"the writer ended by itself with {writer.returncode}")
        time.sleep(0.002)


def _last_line(path: Path) -> int:
    lines = path.read_text().split() if path.exists() else []
    return int(lines[-1]) if lines else 0


def _look(number: int, file: Path, seed: int, acknowledged: int, at: str) -> Round:
    stored, found = _opened(file, seed)
    if not acknowledged <= stored <= acknowledged + 1:
        found.append(f"{acknowledged} commits were acknowledged, {stored} are there")
    backup = backup_of(file)
    if backup.exists():  # it appears only when it is whole
        backed_up, wrong = _opened(backup, seed)
        found += [f"backup: {each}" for each in wrong]
        if not 0 < backed_up <= stored:
            found.append(f"backup: {backed_up} commits of {stored}")
        backup.unlink()
    return Round(number, at, acknowledged, stored, tuple(found))


def _opened(file: Path, seed: int) -> tuple[int, list[str]]:
    """How many commits are in a file, and what is wrong with it."""
    with Store(file, window_seconds=WINDOW_SECONDS) as store:
        database = store.database(NAME)
        head = database.snapshot().document(HEAD)
        stored = 0 if head is None else head.fields["n"]
        return stored, [*_wrong_states(database, seed, stored), *faults(store)]


def _wrong_states(database: Database, seed: int, stored: int) -> list[str]:
    """What differs now, and as far back as can be read."""
    found = []
    for number, state in zip(range(stored + 1), states(seed), strict=False):
        if number in (stored, stored - 7, stored - 60) and number > 0:
            snapshot = database.snapshot(time_of(number))
            found += [f"commit {number} of {stored}: {each}" for each in _differences(snapshot, state)]
    return found


def _differences(snapshot: StoreSnapshot, state: State) -> list[str]:
    every = INDEXES[-1]
    stored = {entry.document.path: entry.document.fields for entry in snapshot.scan(every, (), b"", None)}
    by_collection = {each.path: each.fields for each in snapshot.documents_below(())}
    found = [] if stored == by_collection else ["the index of all documents and the documents differ"]
    differing = [path for path in {*stored, *state} if stored.get(path) != state.get(path)]
    return [*found, *(f"{'/'.join(path)} is not what it was made" for path in differing)]

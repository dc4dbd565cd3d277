"""The table of all runs: one line for each suite on each engine."""

from collections.abc import Iterator, Sequence

from tests.conformance.suites import Run

_HEAD = ("suite", "engine", "passed", "failed", "skipped", "seconds", "")


def table(runs: Sequence[Run]) -> Iterator[str]:
    """Numbers to the right, words to the left."""
    rows = [_HEAD, *(_row(run) for run in runs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        cells = [
            cell.rjust(width) if 1 < column < len(_HEAD) - 1 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _row(run: Run) -> tuple[str, ...]:
    found = run.outcome
    if found is None:
        return (run.suite, run.engine, "-", "-", "-", "-", "not run: not found")
    figures = (str(found.passed), str(found.failed), str(found.skipped), f"{found.seconds:.0f}")
    return (run.suite, run.engine, *figures, "" if found.is_good else f"FAILED (pytest ended with {found.code})")

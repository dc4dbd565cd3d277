"""A summary as an lcov tracefile: https://github.com/linux-test-project/lcov, `man geninfo`, section FILES."""

from __future__ import annotations

from collections.abc import Iterator

from firewarden.coverage.summary import Summary


def as_lcov(summary: Summary, *, file: str | None = None) -> str:
    """A line counts how often its busiest expression was evaluated; each condition has two branches, met and unmet."""
    return "".join(f"{each}\n" for each in _records(summary, file or summary.report.file))


def _records(summary: Summary, file: str) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{file}"
    functions = [each for each in summary.parts if not each.is_allow and each.expression is not None]
    yield from (f"FN:{each.line},{each.name}" for each in functions)
    counts = [(each.expression.evaluated if each.expression else 0, each.name) for each in functions]
    yield from (f"FNDA:{count},{name}" for count, name in counts)
    yield f"FNF:{len(functions)}"
    yield f"FNH:{sum(count > 0 for count, _ in counts)}"
    yield from _branches(summary)
    yield from _lines(summary)
    yield "end_of_record"


def _branches(summary: Summary) -> Iterator[str]:
    conditions = [each for part in summary.parts for each in part.conditions]
    for block, each in enumerate(sorted(conditions, key=lambda each: each.expression.start)):
        for branch, count in enumerate((each.met, each.unmet)):
            # A dash says that the condition was never asked, a zero that it never came to this.
            yield f"BRDA:{each.expression.line},{block},{branch},{count if each.seen else '-'}"
    yield f"BRF:{summary.outcomes}"
    yield f"BRH:{summary.seen}"


def _lines(summary: Summary) -> Iterator[str]:
    counts: dict[int, int] = {}
    for each in summary.report.walk():
        counts[each.line] = max(counts.get(each.line, 0), each.evaluated)
    yield from (f"DA:{line},{count}" for line, count in sorted(counts.items()))
    yield f"LF:{len(counts)}"
    yield f"LH:{sum(count > 0 for count in counts.values())}"

"""A summary as text: a line for each `allow`, what was never seen, and the total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firewarden.coverage.summary import Condition, Part, Summary

_EXCERPT_MAX = 72
_MISSING_MAX = 40


def as_text(summary: Summary, *, missing_max: int = _MISSING_MAX) -> str:
    """`allow` by `allow` under its match, with the percentage of the outcomes that were seen."""
    report = summary.report
    rows = [_HEAD, *(_row(each) for each in summary.parts if each.expression is not None)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    missing = list(_missing(summary))
    if missing:
        lines += ["", *missing[:missing_max]]
    if len(missing) > missing_max:
        lines.append(f"... and {len(missing) - missing_max} more")
    total = (
        f"{report.file}: {summary.percent:.1f} % of outcomes ({summary.seen} of {summary.outcomes}), "
        f"{summary.evaluated} of {summary.expressions} expressions evaluated"
    )
    return "\n".join([*lines, "", total])


_HEAD = ("match", "allow or function", "line", "asked", "true", "false", "error", "outcomes", "%")
_LEFT = 2
"""Columns of text; the others are numbers."""


def _row(part: Part) -> tuple[str, ...]:
    told = part.expression
    assert told is not None  # noqa: S101 - those without are left out above
    share = f"{100 * part.seen / part.outcomes:.0f}" if part.outcomes else "-"
    counts = (told.evaluated, told.true, told.false, told.errors)
    return part.match, part.name, str(part.line), *map(str, counts), f"{part.seen}/{part.outcomes}", share


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        each.ljust(width) if index < _LEFT else each.rjust(width)
        for index, (each, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _missing(summary: Summary) -> Iterator[str]:
    for part in summary.parts:
        # Of what was never asked at all, the parts are no news.
        unasked = part.expression is not None and not part.expression.evaluated
        for each in part.conditions[:1] if unasked else part.conditions:
            if each.missing:
                yield _told(summary, part, each)


def _told(summary: Summary, part: Part, condition: Condition) -> str:
    told = condition.expression
    what = f"allow {part.name}" if condition.is_whole else condition.text
    shown = what if len(what) <= _EXCERPT_MAX else f"{what[: _EXCERPT_MAX - 1]}…"
    return f"{summary.report.file}:{told.line}:{told.column}: {condition.missing}: {shown}"

"""A summary as one HTML page: the rules with every expression marked by what it came to. Needs no other file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape

from firewarden.coverage.page_parts import SCRIPT, STYLE
from firewarden.coverage.report import Expression
from firewarden.coverage.summary import Summary


def as_page(summary: Summary) -> str:
    """The official report has a page, too; this one says what is missing before it shows anything."""
    report = summary.report
    title = f"Coverage of {report.file}"
    facts = (
        f"{summary.percent:.1f} % of outcomes ({summary.seen} of {summary.outcomes}), "
        f"{summary.evaluated} of {summary.expressions} expressions evaluated"
    )
    # Nothing in a script ends it but this; in JSON it may be written otherwise.
    data = json.dumps(report.to_json(), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f"<h1>{escape(title)}</h1>",
            f"<p>{escape(facts)}</p>",
            f"<p>{_LEGEND}</p>",
            *_missing(summary),
            f"<pre><ol>{_source(summary)}</ol></pre>",
            '<output id="told"></output>',
            f'<script type="application/json" id="report">{data}</script>',
            f"<script>{SCRIPT}</script>",
            "</html>",
            "",
        ]
    )


_LEGEND = (
    '<i class="n">never evaluated</i> <i class="t">only true</i> <i class="f">only false</i> '
    '<i class="b">true and false</i> <i class="e">errors</i> <i class="v">another value</i>'
    " · point at an expression for its values"
)


def _missing(summary: Summary) -> Iterator[str]:
    told = [
        f'<li><a href="#L{each.expression.line}">line {each.expression.line}</a>: {each.missing}: '
        f"<code>{escape(each.text)}</code>"
        for part in summary.parts
        for each in part.conditions
        if each.missing
    ]
    if told:
        yield f"<details><summary>{len(told)} conditions miss an outcome</summary><ul>{''.join(told)}</ul></details>"


def _source(summary: Summary) -> str:
    """The text with an element around each expression; those that go over several lines are cut at their ends."""
    text = summary.report.text
    whole = {
        each.expression.start: each.expression for part in summary.parts for each in part.conditions if each.is_whole
    }
    marks = list(enumerate(summary.report.walk()))
    opening: dict[int, list[tuple[int, Expression]]] = {}
    closing: dict[int, int] = {}
    for mark in marks:
        opening.setdefault(mark[1].start, []).append(mark)
        closing[mark[1].end] = closing.get(mark[1].end, 0) + 1
    lines: list[str] = []
    line: list[str] = []
    stack: list[str] = []
    counts = ""
    for offset, character in enumerate(text):
        for number, each in sorted(opening.get(offset, ()), key=lambda mark: -mark[1].end):
            stack.append(f'<i class="{_class(each)}" data-n="{number}">')
            line.append(stack[-1])
        if offset in whole:
            counts = _counts(whole[offset])
        if character == "\n":
            lines.append(_line(len(lines) + 1, counts, line, stack))
            line, counts = list(stack), ""
        else:
            line.append(escape(character))
        for _ in range(closing.get(offset, 0)):
            stack.pop()
            line.append("</i>")
    if line:
        lines.append(_line(len(lines) + 1, counts, line, stack))
    return "".join(lines)


def _line(number: int, counts: str, line: list[str], stack: list[str]) -> str:
    return f'<li id="L{number}" data-c="{counts}"><span>{"".join(line)}{"</i>" * len(stack)}</span>'


def _counts(allow: Expression) -> str:
    told = f"{allow.true}✓ {allow.false}✗"
    return f"{told} {allow.errors}!" if allow.errors else told


def _class(expression: Expression) -> str:
    if not expression.evaluated:
        return "n"
    if expression.errors:
        return "e"
    if expression.true and expression.false:
        return "b"
    return "t" if expression.true else "f" if expression.false else "v"

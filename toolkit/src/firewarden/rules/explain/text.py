"""An explanation on a terminal: the refused request, each allow that was asked, and the clause that decided it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from firewarden.language import ast
from firewarden.language.diagnostics import source_line
from firewarden.rules.compiler.code import EXPRESSIONS_MAX
from firewarden.rules.explain.decisive import Deciding, deciding
from firewarden.rules.explain.model import AllowTrace, Explanation, Part, Step, ungrouped
from firewarden.rules.explain.shown import VALUE_MAX, shown
from firewarden.rules.explain.words import Words, in_words, limit_in_words
from firewarden.rules.kinds import Value
from firewarden.rules.notation import written
from firewarden.rules.outcomes import EvalError
from firewarden.rules.query import Filter
from firewarden.rules.requests import Commit
from firewarden.values import Path

_CLAUSES_MAX = 3  # clauses of one allow, without -v
_VALUES_MAX = 6  # values shown for one clause
_ALTERNATIVES_MAX = 12  # alternatives of a query, without -v
_ERROR_MAX = 160  # characters of an official text
_MARGIN = " " * 10
_COLORS: Mapping[str, str] = {"good": "32", "bad": "31", "strong": "1", "dim": "2", "hint": "36"}
_LITERALS = (ast.Null, ast.Bool, ast.Int, ast.Float, ast.String, ast.Bytes, ast.ListLiteral, ast.MapLiteral)


def rendered(explanation: Explanation, *, verbose: bool, color: bool) -> str:
    """The whole text, without a line end after its last line."""
    writer = _Writer(explanation, verbose=verbose, color=color)
    return "\n".join(line.rstrip() for line in writer.lines())


class _Writer:
    """Writes lines; knows the source and whether to color."""

    def __init__(self, explanation: Explanation, *, verbose: bool, color: bool) -> None:
        self._explanation = explanation
        self._verbose = verbose
        self._color = color

    def lines(self) -> Iterator[str]:
        """All lines, the request first."""
        explanation = self._explanation
        if not explanation.parts:
            yield f"{self._paint('bad', 'DENIED')}  the rules engine itself fails on this request"
        denied = explanation.denied
        told = explanation.parts if self._verbose else [denied] if denied else explanation.parts[-1:]
        for number, part in enumerate(told):
            if number:
                yield ""
            yield from self._part(part)
        if self._tells_alternatives():
            yield from self._alternatives(explanation.parts)
        if explanation.suggestion:
            yield ""
            yield self._paint("hint", "The rules allow this query with")
            yield from (self._paint("hint", f"  {_where(each)}") for each in explanation.suggestion.filters)
            for each in explanation.suggestion.replaced:
                yield self._paint("hint", f"  instead of {_where(each)}")

    def _part(self, part: Part) -> Iterator[str]:
        verdict = self._paint("good", "ALLOWED") if part.allowed else self._paint("bad", "DENIED")
        yield f"{verdict}  {self._paint('strong', f'{part.method} {part.path}')} {self._who()}{self._place(part)}"
        if not part.allows:
            yield from self._unreached(part)
        asked = part.allows if self._verbose or not part.allowed else part.allows[-1:]
        for each in asked:
            yield from self._allow(each, part)
        is_cut_short = part.usage.has_no_lookups_left and any(each.is_error for each in part.lookups)
        if part.allows and (self._verbose or is_cut_short):
            yield from self._usage(part)

    def _usage(self, part: Part) -> Iterator[str]:
        """What the decision took of the budgets, and the documents it looked up."""
        usage = part.usage
        yield ""
        yield (
            f"  lookups: {usage.lookups} of {usage.lookups_max},"
            f" expressions: {usage.expressions:,} of {EXPRESSIONS_MAX:,}"
        )
        for lookup in part.lookups:
            outcome = "refused" if lookup.is_error else "found" if lookup.found else "not found"
            yield f"    {lookup.function} {lookup.path}: {outcome}"

    def _alternatives(self, parts: Sequence[Part]) -> Iterator[str]:
        """Which alternatives of a query may be asked, and which are too weak."""
        told = parts if self._verbose else parts[:_ALTERNATIVES_MAX]
        yield ""
        yield "The alternatives of the query"
        for number, part in enumerate(told, 1):
            verdict = self._paint("good", "allowed") if part.allowed else self._paint("bad", "denied ")
            yield f"  {number:2} {verdict}  {part.alternative}"
        if len(told) < len(parts):
            yield self._paint("dim", f"     … and {len(parts) - len(told)} more, see -v")

    def _who(self) -> str:
        auth = self._explanation.request.auth
        return "as guest" if auth is None else f"as {auth['uid']}"

    def _place(self, part: Part) -> str:
        """Which of several things this is."""
        operation = self._explanation.request.operation
        number = self._explanation.parts.index(part) + 1
        if isinstance(operation, Commit) and len(operation.writes) > 1:
            return f", document {number} of a commit of {len(operation.writes)} writes"
        return f", alternative {number} of {len(self._explanation.parts)}" if self._tells_alternatives() else ""

    def _tells_alternatives(self) -> bool:
        """An allowed query has nothing to tell about them, unless everything is asked for."""
        parts = self._explanation.parts
        return len(parts) > 1 and bool(parts[0].alternative) and (self._verbose or self._explanation.denied is not None)

    def _unreached(self, part: Part) -> Iterator[str]:
        yield f"  no match block with an allow for {part.method} reaches this path"
        if not part.near_misses:
            yield f"  no match block begins with /{part.path.partition('/')[0]}"
        for near in part.near_misses:
            yield f"  {self._paint('dim', f'L{near.line}')} match {near.match} {near.difference}"

    def _allow(self, asked: AllowTrace, part: Part) -> Iterator[str]:
        methods = ", ".join(each.text for each in asked.allow.methods)
        yield ""
        is_told_below = isinstance(asked.outcome, EvalError) and asked.trace is not None and not self._verbose
        outcome = self._paint("bad", "error") if is_told_below else self._outcome(asked.outcome)
        head = f"match {asked.match} · allow {methods}"
        yield f"  {self._paint('dim', f'L{asked.allow.span.line}')} {head}: {outcome}"
        if asked.trace is None and isinstance(asked.outcome, EvalError):
            yield from self._words(limit_in_words(asked.outcome))
        elif asked.trace is not None and self._verbose:
            yield from self._tree(asked.trace, "    ")
        elif asked.trace is not None:
            yield from self._clauses(asked.trace, part)

    def _clauses(self, trace: Step, part: Part) -> Iterator[str]:
        # Of a clause that was asked more than once the first is told, but an error before what was merely false.
        found: dict[ast.Span, Deciding] = {}
        for each in sorted(deciding(trace), key=lambda each: not each.step.is_error):
            found.setdefault(each.step.node.span, each)
        clauses = sorted(found.values(), key=self._rank)
        advised: set[str] = set()
        for each in clauses[:_CLAUSES_MAX]:
            words = in_words(each.step, lets=each.lets, of_query=part.is_query)
            advice = "" if words.advice in advised else words.advice
            advised.add(words.advice)
            yield from self._clause(each, Words(words.meaning, advice))
        if len(clauses) > _CLAUSES_MAX:
            yield self._paint("dim", f"{_MARGIN}… and {len(clauses) - _CLAUSES_MAX} more, see -v")

    def _rank(self, decided: Deciding) -> tuple[bool, bool, int]:
        """What a suggested filter is about comes first, then errors, all else as it is written."""
        proposed, step = self._explanation.suggestion, decided.step
        is_proposed = proposed is not None and any(each.field in self._source(step.node) for each in proposed.filters)
        return not is_proposed, not step.is_error, step.node.span.start

    def _clause(self, decided: Deciding, words: Words) -> Iterator[str]:
        step = decided.step
        yield from self._excerpt(step)
        if words.meaning:
            yield f"{_MARGIN}{words.meaning}"
        lets = {each.let: each for each in decided.lets}
        for name, value in self._values(step):
            yield f"{_MARGIN}{name} {self._paint('dim', 'is')} {value}{self._origin(lets.get(name))}"
        if decided.calls:
            calls = " → ".join(f"{each.function.text}() L{each.span.line}" for each in decided.calls)
            yield self._paint("dim", f"{_MARGIN}in {calls}")
        yield from self._words(Words("", words.advice))

    def _origin(self, let: Step | None) -> str:
        """What a variable was set to, and where."""
        return "" if let is None else self._paint("dim", f", set to {self._line(let.node)} in L{let.node.span.line}")

    def _words(self, words: Words) -> Iterator[str]:
        if words.meaning:
            yield f"{_MARGIN}{words.meaning}"
        if words.advice:
            yield self._paint("hint", f"{_MARGIN}{words.advice}")

    def _excerpt(self, step: Step) -> Iterator[str]:
        span = step.node.span
        line = source_line(self._explanation.source, span.line)
        indent = len(line) - len(line.lstrip())
        width = max(1, min(span.end - span.start, len(line) - span.column + 1))
        yield f"{self._paint('dim', f'L{span.line}'.rjust(7))} │ {line.strip()}"
        tone = "good" if step.outcome is True else "bad"
        carets = self._paint(tone, "^" * width)
        yield f"        │ {' ' * (span.column - 1 - indent)}{carets} {self._outcome(step.outcome)}"

    def _values(self, step: Step) -> Iterator[tuple[str, str]]:
        """The parts of a clause with their values: everything that is no literal, each once."""
        seen: set[str] = set()
        for each in _operands(step):
            name = " ".join(self._source(each.node).split())
            is_told = each.is_error or (step.is_error and each.outcome is None)  # by the words for the error
            if name not in seen and len(seen) < _VALUES_MAX and not is_told:
                seen.add(name)
                yield name, shown(each.outcome, self._explanation.request)

    def _tree(self, step: Step, margin: str) -> Iterator[str]:
        name = f"let {step.let} = " if step.let else ""
        yield f"{margin}{name}{self._line(step.node)} {self._paint('dim', '→')} {self._outcome(step.outcome)}"
        below = margin + "  "
        for each in _told(step):
            yield from self._tree(each, below)
        for skipped in _not_evaluated(step):
            yield self._paint("dim", f"{below}{self._line(skipped)} → not evaluated")
        for absorbed in _absorbed(step):
            what = "true" if step.outcome else "false"
            yield self._paint("dim", f"{below}the {what} side absorbs the error of {self._line(absorbed)}")

    def _line(self, node: ast.Expression) -> str:
        text = " ".join(self._source(node).split())
        return text if len(text) <= VALUE_MAX else text[: VALUE_MAX - 1] + "…"

    def _source(self, node: ast.Expression) -> str:
        return self._explanation.source[node.span.start : node.span.end]

    def _outcome(self, outcome: object) -> str:
        if isinstance(outcome, bool):
            return self._paint("good" if outcome else "bad", "true" if outcome else "false")
        if isinstance(outcome, EvalError):
            text = "unknown" if outcome.text is None else f"error: {' '.join(outcome.text.split())}"
            return self._paint("bad", text if len(text) <= _ERROR_MAX else text[: _ERROR_MAX - 1] + "…")
        return shown(outcome, self._explanation.request)

    def _paint(self, tone: str, text: str) -> str:
        return f"\x1b[{_COLORS[tone]}m{text}\x1b[0m" if self._color else text


def _operands(step: Step) -> Iterable[Step]:
    """What a comparison or call was given, down to fields; the receiver of a method only if that has no value."""
    for position, each in enumerate(step.children):
        is_read = isinstance(step.node, ast.MethodCall | ast.Member) and not position and isinstance(each.outcome, dict)
        is_looked_up = isinstance(step.node, ast.Call) and isinstance(each.outcome, Path)  # told as a document
        if isinstance(each.node, _LITERALS) or is_looked_up or (is_read and not step.is_error):
            continue
        if isinstance(each.node, ast.Binary | ast.MethodCall):
            yield each
        if isinstance(each.node, ast.Binary | ast.Unary | ast.Is | ast.MethodCall | ast.Ternary):
            yield from _operands(each)
        elif not (isinstance(each.node, ast.Variable) and each.node.name in ("request", "resource")):
            yield each


def _told(step: Step) -> Iterator[Step]:
    """What is told below a step: the links of a chain of `&&` or `||` side by side, no literals and no whole maps."""
    operator = _connective(step)
    for each in step.children:
        if operator and _connective(each) == operator and not each.is_error:
            yield from _told(each)
        elif not isinstance(each.node, (*_LITERALS, ast.Variable)) and not _is_whole_map(each):
            yield each
    if step.body is not None:
        yield step.body


def _connective(step: Step) -> str | None:
    node = step.node
    return node.operator if isinstance(node, ast.Binary) and node.operator in ("&&", "||") else None


def _is_whole_map(step: Step) -> bool:
    return isinstance(step.node, ast.Member) and isinstance(step.outcome, dict)


def _not_evaluated(step: Step) -> Iterator[ast.Expression]:
    node, operator = step.node, _connective(step)
    evaluated = {id(each.node) for each in step.children}
    if isinstance(node, ast.Ternary):
        parts: tuple[ast.Expression, ...] = (node.yes, node.no)
    else:
        parts = (node.right,) if isinstance(node, ast.Binary) and operator else ()
    for each in parts:
        if id(ungrouped(each)) not in evaluated:
            yield each
    for link in step.children:
        if operator and _connective(link) == operator and not link.is_error:
            yield from _not_evaluated(link)


def _absorbed(step: Step) -> Iterator[ast.Expression]:
    """The side whose error a connective did not need."""
    if _connective(step) and not step.is_error:
        yield from (each.node for each in step.children if each.is_error)


def _where(filter_: Filter) -> str:
    return f'.where("{filter_.field}", "{filter_.operator}", {_literal(filter_.value)})'


def _literal(value: Value) -> str:
    """As the client libraries write it; times and paths, which each writes its own way, as rules show them."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else written(value)

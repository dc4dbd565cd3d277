"""Counts for every ruleset what its expressions come to, request by request.

Every request is evaluated once more for it, once: with all documents, as production decides, up to the first thing that
is denied. The official emulator evaluates first without documents and then with them, and repeats what it has counted
with every further allow; none of that is counted here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field

from firewarden.coverage.expression_values import EMPTY, expression_value
from firewarden.coverage.limits import RULESETS_MAX
from firewarden.coverage.page import as_page
from firewarden.coverage.places import Place, places
from firewarden.coverage.report import Expression, Json, Report, Seen
from firewarden.coverage.summary import summary
from firewarden.coverage.tallies import Tally
from firewarden.language import ast, print_ruleset
from firewarden.language.depth import with_room
from firewarden.language.lexer import tokenize
from firewarden.rules.compiled import CompiledRules, compile_rules
from firewarden.rules.deciding import subjects_of
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Read
from firewarden.rules.outcomes import EvalError, RequestCrashed
from firewarden.rules.requests import Request


class Recorder:
    """Coverage of all rules that requests were asked of. Nothing of it is safe against threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[Hashable, str], _Covered] = {}

    def record(self, rules: CompiledRules, request: Request, read: Read, *, scope: Hashable = None) -> None:
        """Count one request. `scope` tells apart who uses rules of the same text, such as projects of a server."""
        self._covered(rules, scope).record(rules, request, read)

    def report(self, rules: CompiledRules, *, scope: Hashable = None, file: str = "firestore.rules") -> Report:
        """What was counted for these rules, or others of the same text."""
        return self._covered(rules, scope).report(file)

    def reports(self, *, file: str = "firestore.rules") -> tuple[Report, ...]:
        """What was counted, in the order in which rules were first asked."""
        return tuple(each.report(file) for each in self._known.values())

    def as_json(self, rules: CompiledRules, *, scope: Hashable, file: str) -> Json:
        """The report in the official JSON."""
        return self.report(rules, scope=scope, file=file).to_json()

    def as_page(self, rules: CompiledRules, *, scope: Hashable, file: str) -> str:
        """The report in HTML."""
        return as_page(summary(self.report(rules, scope=scope, file=file)))

    def _covered(self, rules: CompiledRules, scope: Hashable) -> _Covered:
        text = rules.text if rules.text is not None else print_ruleset(rules.ruleset)
        covered = self._known.get((scope, text))
        if covered is None:
            while len(self._known) >= RULESETS_MAX:
                del self._known[next(iter(self._known))]
            covered = self._known[scope, text] = _Covered(text)
        return covered


@dataclass(slots=True)
class _Covered:
    """The counts of one text. Rules are put again and again: their trees differ, their places do not."""

    text: str
    tallies: list[Tally] = field(default_factory=list)
    _rules: CompiledRules | None = None
    _roots: tuple[Place, ...] = ()
    _by_node: Mapping[int, Tally] = field(default_factory=dict)

    def record(self, rules: CompiledRules, request: Request, read: Read) -> None:
        """Evaluate, and count."""
        if rules is not self._rules:
            self._follow(rules)
        by_node = self._by_node

        def tell(node: ast.Expression, outcome: Value) -> None:
            tally = by_node.get(id(node))
            if tally is not None:
                tally.add(outcome)

        with_room(lambda: _evaluate(rules.exhaustive, request, read, tell))

    def report(self, file: str) -> Report:
        """The counts so far."""
        if self._rules is None:
            self._follow(compile_rules(self.text))
        tallies, errors = iter(self.tallies), _Errors(self.text)
        return Report(file, self.text, with_room(lambda: tuple(_told(each, tallies, errors) for each in self._roots)))

    def _follow(self, rules: CompiledRules) -> None:
        self._rules, self._roots = rules, places(rules.ruleset)
        nodes = [place.node for root in self._roots for place in root.walk()]
        if not self.tallies:
            self.tallies = [Tally() for _ in nodes]
        # A function with `let`s is several places with the same outcome: the first one counts for all of them.
        by_node: dict[int, Tally] = {}
        for index, node in enumerate(nodes):
            self.tallies[index] = by_node.setdefault(id(node), self.tallies[index])
        self._by_node = by_node


def _evaluate(
    rules: CompiledRules, request: Request, read: Read, tell: Callable[[ast.Expression, Value], None]
) -> None:
    try:
        for subject in subjects_of(rules, request, read, tell):
            if not subject.last().allowed:
                break
    except RequestCrashed:
        pass  # what was evaluated up to there is counted


def _told(place: Place, tallies: Iterator[Tally], errors: _Errors, asked: int | None = None) -> Expression:
    """The counts of a place. `asked` is how often what surrounds it was; whoever is asked less was skipped."""
    tally = next(tallies)
    skipped = 0 if asked is None else max(asked - tally.total, 0)
    seen = [Seen(errors.told(value), count) for value, count in tally.values()]
    seen += [Seen({name: EMPTY.get(name, {})}, count, more=True) for name, count in tally.counted()]
    if skipped:
        seen.append(Seen({}, skipped))
    inside = tuple(_told(each, tallies, errors, tally.total + skipped) for each in place.children)
    return Expression(place.line, place.column, place.start, place.end, tuple(seen), inside)


class _Errors:
    """Values and errors of one source as messages: an error is placed at the token where it arose."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[int, int] = {}

    def told(self, value: Value) -> Json:
        """The value, or what is known of the error."""
        if type(value) is not EvalError:
            return expression_value(value)
        if value.text is None:
            return {"undefined": {}}
        told: Json = {"causeMessage": value.text}
        if value.span is not None:
            span = value.span
            place = {"line": span.line, "column": span.column, "currentOffset": span.start}
            told = {"sourcePosition": {**place, "endOffset": self._end(span)}, **told}
        return {"undefined": told}

    def _end(self, span: ast.Span) -> int:
        if not self._ends:
            self._ends = {each.span.start: each.span.end - 1 for each in tokenize(self._text)}
        return self._ends.get(span.start, span.start)

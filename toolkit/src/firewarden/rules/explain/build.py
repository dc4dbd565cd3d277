"""Evaluates with every step recorded, and puts the steps together as they are nested in the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from firewarden.language import ast, print_ruleset
from firewarden.language.depth import with_room
from firewarden.rules.compiled import CompiledRules
from firewarden.rules.compiler.code import EXPRESSIONS_MAX, Evaluation
from firewarden.rules.compiler.methods import LOOKUPS
from firewarden.rules.deciding import decide, subjects_of
from firewarden.rules.explain.alternatives import alternatives
from firewarden.rules.explain.model import AllowTrace, Explanation, Lookup, NearMiss, Part, Step, Usage, ungrouped
from firewarden.rules.explain.suggest import suggestion
from firewarden.rules.judging import Verdict
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import PER_DOCUMENT_MAX, Lookups, Read
from firewarden.rules.matching import Segment
from firewarden.rules.outcomes import RequestCrashed
from firewarden.rules.requests import Request
from firewarden.values import Path

_NEAR_MAX = 3


def explain(rules: CompiledRules, request: Request, read: Read) -> Explanation:
    """Decide, and say why. The decision is that of `decide` for the same request and documents."""
    decision = decide(rules, request, read)
    source = rules.text if rules.text is not None else print_ruleset(rules.ruleset)
    parts = with_room(lambda: _parts(rules, request, read))
    explanation = Explanation(decision, request, source, parts)
    proposed = None if decision.allowed else suggestion(rules, request, read, explanation.denied)
    return Explanation(decision, request, source, parts, proposed)


def _parts(rules: CompiledRules, request: Request, read: Read) -> tuple[Part, ...]:
    recorder = _Recorder(rules)
    named = alternatives(request)
    parts = []
    for number, subject in enumerate(subjects_of(rules, request, read, recorder.record)):
        recorder.clear()
        try:
            verdict = subject.last()
        except RequestCrashed:
            break
        alternative = named[number] if named else ""
        parts.append(_part(rules, subject.path, verdict, recorder, alternative))
        # All that is too weak about a query is told at once.
        if not verdict.allowed and not named:
            break
    return tuple(parts)


def _part(
    rules: CompiledRules, path: tuple[Segment, ...], verdict: Verdict, recorder: _Recorder, alternative: str
) -> Part:
    traces = {id(root.node): root for root in recorder.roots}
    matches = {id(allow.node): block.path for block in rules.blocks for each in block.allows.values() for allow in each}
    allows = []
    for allow, outcome in verdict.outcomes:
        condition = allow.node.condition
        trace = None if condition is None else traces.get(id(ungrouped(condition)))
        allows.append(AllowTrace(matches[id(allow.node)], allow.node, allow.span, outcome, trace))
    return Part(
        verdict.method,
        written(path),
        bool(verdict.allowed),
        tuple(allows),
        _usage(verdict.evaluation),
        () if allows else _near_misses(rules, verdict.method, path),
        tuple(_lookups(recorder.roots)),
        is_query=not all(isinstance(each, str) for each in path),
        alternative=alternative,
    )


def _usage(evaluation: Evaluation) -> Usage:
    lookups = evaluation.lookups
    used, most = lookups.used if isinstance(lookups, Lookups) else (0, PER_DOCUMENT_MAX)
    return Usage(min(evaluation.spent, EXPRESSIONS_MAX), used, most)


def _lookups(roots: Sequence[Step]) -> Iterator[Lookup]:
    """Each document once for each function that asks for it: asking again is free."""
    seen: set[tuple[str, str]] = set()
    for step in (each for root in roots for each in root.walk()):
        node = step.node
        if isinstance(node, ast.Call) and node.function.text in LOOKUPS and len(step.children) == 1:
            path = step.children[0].outcome
            if isinstance(path, Path) and (node.function.text, str(path)) not in seen:
                seen.add((node.function.text, str(path)))
                is_found = not step.is_error and step.outcome not in (False, None)
                yield Lookup(node.function.text, written(path.segments), is_found, step.is_error)


def written(path: Sequence[Segment]) -> str:
    """The path below documents; what a query leaves open is a star."""
    return "/".join(each if isinstance(each, str) else "**" if each.glob else "*" for each in path[3:])


def _near_misses(rules: CompiledRules, method: str, path: tuple[Segment, ...]) -> tuple[NearMiss, ...]:
    """The blocks whose paths agree longest with this one; a block that fits lacks an allow for the method."""
    found = []
    for block in rules.blocks:
        segments = block.path.removeprefix("/").split("/")
        agreed, expected, got = _first_difference(segments, written(path).split("/"))
        line = next(iter(block.allows.values()))[0].node.span.line
        if expected == got == "":
            methods = ", ".join(sorted(block.allows))
            found.append((agreed + 1, NearMiss(block.path, f"allows {methods}, says nothing of {method}", line)))
        elif agreed or get_close_matches(got, [expected]):
            what = f"expects {expected or 'nothing more'} where the path has {got or 'nothing more'}"
            found.append((agreed, NearMiss(block.path, what, line)))
    # A collection that is only spelled alike matters where no block begins as the path does.
    begun = [each for each in found if each[0]] or found
    return tuple(each for _, each in sorted(begun, key=lambda each: -each[0])[:_NEAR_MAX])


def _first_difference(pattern: Sequence[str], path: Sequence[str]) -> tuple[int, str, str]:
    """How many segments agree, and the first two that do not; empty for what has ended, or if all agree."""
    for position, expected in enumerate(pattern):
        if expected.endswith("=**}"):
            return position + 1, "", ""
        got = path[position] if position < len(path) else ""
        if not got or not (expected.startswith("{") or got in (expected, "*")):
            return position, expected, got
    rest = path[len(pattern) :]
    return (len(pattern), "", rest[0]) if rest else (len(pattern), "", "")


class _Recorder:
    """Makes a tree of steps out of what the tracer is told, which is each expression after its parts."""

    def __init__(self, rules: CompiledRules) -> None:
        self._bodies: dict[str, set[int]] = {}
        self._lets: dict[int, str] = {}
        for each in ast.walk(rules.ruleset):
            if isinstance(each, ast.Function):
                parts = (*(let.value for let in each.lets), each.result)
                self._bodies.setdefault(each.name.text, set()).update(id(ungrouped(part)) for part in parts)
                self._lets.update({id(ungrouped(let.value)): let.name.text for let in each.lets})
        self.roots: list[Step] = []

    def clear(self) -> None:
        """Forget what was recorded."""
        self.roots = []

    def record(self, node: ast.Expression, outcome: Value) -> None:
        """Take the steps that belong to this one off the end of those not yet taken."""
        parts = {id(ungrouped(each)) for each in _parts_of(node)}
        bodies = self._bodies.get(node.function.text, set()) if isinstance(node, ast.Call) else set()
        first = len(self.roots)
        while first and (id(self.roots[first - 1].node) in parts or id(self.roots[first - 1].node) in bodies):
            first -= 1
        taken, self.roots[first:] = self.roots[first:], []
        body = taken[-1] if taken and id(taken[-1].node) in bodies else None
        # Operands are evaluated from the last to the first, and told as they are written; then the lets in their order.
        operands = sorted((each for each in taken if id(each.node) in parts), key=lambda each: each.node.span.start)
        rest = (each for each in taken if id(each.node) not in parts and each is not body)
        lets = [replace(each, let=self._lets.get(id(each.node), "")) for each in rest]
        self.roots.append(Step(node, outcome, (*operands, *lets), body))


def _parts_of(node: ast.Expression) -> list[ast.Expression]:
    found: list[ast.Expression] = []
    for child in ast.children(node):
        if isinstance(child, ast.MapEntry):
            found += [child.key, child.value]
        elif isinstance(child, ast.Interpolation):
            found.append(child.expression)
        elif isinstance(child, ast.Expression):
            found.append(child)
    return found

"""A ruleset made ready: every match block with its pattern and the code of its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from firewarden.errors import FirewardenError
from firewarden.language import Diagnostic, ast, parse
from firewarden.rules.compatibility import PRODUCTION, Compatibility
from firewarden.rules.compiler.code import Code, constant
from firewarden.rules.compiler.expressions import Compiler, FunctionTable
from firewarden.rules.compiler.scope import ROOT, Binding, Scope
from firewarden.rules.matching import Pattern, Segment

SERVICE = "cloud.firestore"
_KNOWN_MAX = 4096  # collections whose candidates are remembered
_METHODS = {"read": ("get", "list"), "write": ("create", "update", "delete")}


class RulesetInvalid(FirewardenError):  # noqa: N818 - says what happened, as the whole family does
    """The text is no ruleset; `diagnostics` say why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        found = (f"L{each.span.line}:{each.span.column} {each.message}" for each in diagnostics)
        super().__init__("\n".join(found), hint="Correct the rules; nothing was decided.")
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True, slots=True)
class CompiledAllow:
    """One `allow`: where its condition stands and the code of it."""

    node: ast.Allow
    code: Code
    span: ast.Span


@dataclass(frozen=True, slots=True)
class Block:
    """One match block with the allows written directly in it, by method."""

    pattern: Pattern
    allows: dict[str, tuple[CompiledAllow, ...]]


@dataclass(frozen=True)
class CompiledRules:
    """A ruleset that `decide` can use, from any number of threads."""

    ruleset: ast.Ruleset
    compatibility: Compatibility
    blocks: tuple[Block, ...] = field(repr=False)

    def candidates(self, method: str, path: tuple[Segment, ...]) -> Sequence[Block]:
        """The blocks with an allow for the method whose literal collections could be those of the path."""
        key = (method, len(path), path[3::2])
        found = self._known.get(key)
        if found is None:
            found = tuple(self._candidates(method, path))
            if len(self._known) < _KNOWN_MAX:
                self._known[key] = found
        return found

    def _candidates(self, method: str, path: tuple[Segment, ...]) -> Iterator[Block]:
        names = [each for each in path if isinstance(each, str)]
        for block in self.blocks:
            if method in block.allows and (len(names) < len(path) or block.pattern.may_match(names)):
                yield block

    @cached_property
    def _known(self) -> dict[tuple[str, int, tuple[Segment, ...]], tuple[Block, ...]]:
        return {}

    @cached_property
    def traced(self) -> CompiledRules:
        """The same rules with a tracer called at every expression: slower, for explanations and coverage."""
        return CompiledRules(self.ruleset, self.compatibility, _blocks(self.ruleset, traced=True))


def compile_rules(source: str | ast.Ruleset, *, compatibility: Compatibility = PRODUCTION) -> CompiledRules:
    """Compile a rules file once; what cannot be compiled is `RulesetInvalid`."""
    if isinstance(source, str):
        parsed = parse(source)
        if parsed.ruleset is None:
            raise RulesetInvalid(parsed.diagnostics)
        source = parsed.ruleset
    return CompiledRules(source, compatibility, _blocks(source, traced=False))


def _blocks(ruleset: ast.Ruleset, *, traced: bool) -> tuple[Block, ...]:
    is_version_1 = ruleset.version is None or ruleset.version.value == "1"
    functions: FunctionTable = {}
    blocks: list[Block] = []
    root = _scope(ruleset.functions, Scope(ROOT))
    for service in ruleset.services:
        if service.name.text == SERVICE:
            scope = _scope(service.members, root)
            for member in service.members:
                if isinstance(member, ast.Match):
                    walk = _Walk(functions, is_version_1, traced)
                    blocks += walk.blocks(member, (), scope)
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class _Walk:
    functions: FunctionTable
    is_version_1: bool
    traced: bool

    def blocks(self, match: ast.Match, above: tuple[ast.Literal | ast.Capture, ...], parent: Scope) -> Iterator[Block]:
        """This block and those inside it, in source order."""
        segments = above + match.path.segments
        captures = [each for each in segments if isinstance(each, ast.Capture)]
        first = sum(isinstance(each, ast.Capture) for each in above)
        bindings = {each.name.text: Binding("capture", first + i) for i, each in enumerate(captures[first:])}
        scope = _scope(match.members, Scope(bindings, parent=parent))
        allows = [each for each in match.members if isinstance(each, ast.Allow)]
        if allows:
            compiler = Compiler(scope, self.functions, traced=self.traced)
            pattern = Pattern.of(segments, is_version_1=self.is_version_1)
            yield Block(pattern, _by_method([(each, _compiled(each, compiler)) for each in allows]))
        for member in match.members:
            if isinstance(member, ast.Match):
                yield from self.blocks(member, segments, scope)


def _scope(members: Sequence[object], parent: Scope) -> Scope:
    functions = {each.name.text: each for each in members if isinstance(each, ast.Function)}
    return Scope({}, functions, parent)


def _compiled(allow: ast.Allow, compiler: Compiler) -> CompiledAllow:
    if allow.condition is None:
        return CompiledAllow(allow, constant(value=True, cost=0), allow.span)
    return CompiledAllow(allow, compiler.compile(allow.condition), allow.condition.span)


def _by_method(allows: Sequence[tuple[ast.Allow, CompiledAllow]]) -> dict[str, tuple[CompiledAllow, ...]]:
    table: dict[str, list[CompiledAllow]] = {}
    for node, compiled in allows:
        written = [name.text.lower() for name in node.methods]
        for method in dict.fromkeys(each for name in written for each in _METHODS.get(name, (name,))):
            table.setdefault(method, []).append(compiled)
    return {method: tuple(compiled) for method, compiled in table.items()}

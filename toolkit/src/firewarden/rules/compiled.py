"""A ruleset made ready: every match block with its pattern and the code of its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from firewarden.errors import FirewardenError
from firewarden.language import Diagnostic, Severity, ast, render
from firewarden.language.collector import held_back
from firewarden.language.depth import with_room
from firewarden.language.printer import print_segment
from firewarden.rules.checking import parse_rules
from firewarden.rules.codegen import SURPRISES, Generated, generate
from firewarden.rules.compatibility import PRODUCTION, Compatibility
from firewarden.rules.compiler.ceiling import ceiling
from firewarden.rules.compiler.code import EXPRESSIONS_MAX, Code, Evaluation, Knowledge, constant
from firewarden.rules.compiler.expressions import Compiler, FunctionTable
from firewarden.rules.compiler.scope import ROOT, Binding, Scope
from firewarden.rules.matching import Pattern, Segment

SERVICE = "cloud.firestore"
WARM_UP = 4
"""Evaluations of a condition before a function is generated for it: most tests ask less often than that pays."""

_KNOWN: tuple[Knowledge, bool] = ("full", False)
_KNOWN_MAX = 4096  # collections whose candidates are remembered
_METHODS = {"read": ("get", "list"), "write": ("create", "update", "delete")}


class RulesetInvalid(FirewardenError):  # noqa: N818 - says what happened, as the whole family does
    """The text is no ruleset; `diagnostics` say why, and the message shows each error in its line."""

    def __init__(self, diagnostics: Sequence[Diagnostic], text: str, file: str = "firestore.rules") -> None:
        errors = (each for each in diagnostics if each.severity is Severity.ERROR)
        shown = "\n".join(render(each, text, file) for each in errors)
        super().__init__(shown, hint="Correct the rules; nothing was decided.")
        self.diagnostics = tuple(diagnostics)
        self.text = text


class CompiledAllow:
    """One `allow`: where its condition stands, and the code of it.

    What has been asked a few times gets a function generated for it; see `rules.codegen`.
    """

    __slots__ = ("_asked", "_captures", "_ceiling", "_ceilings", "_code", "_compiler", "_generated", "node", "span")

    def __init__(
        self, node: ast.Allow, compiler: Compiler, captures: Sequence[type | None], ceilings: dict[int, int]
    ) -> None:
        self.node = node
        self.span = node.span if node.condition is None else node.condition.span
        self._compiler = compiler
        self._captures = captures
        self._ceilings = ceilings
        self._code: Code | None = None
        self._ceiling: int | None = None
        self._asked = 0
        self._generated: dict[tuple[Knowledge, bool], Generated | None] = {}

    @property
    def code(self) -> Code:
        """The closures, made when the condition is first asked: of a large file a request needs little."""
        if self._code is None:
            condition = self.node.condition
            if condition is None:
                self._code = constant(value=True, cost=0)
            else:
                self._code = with_room(lambda: self._compiler.compile(condition))
        return self._code

    @property
    def ceiling(self) -> int:
        """The most that the condition can spend of the budget."""
        if self._ceiling is None:
            condition, scope = self.node.condition, self._compiler.scope
            self._ceiling = 0 if condition is None else ceiling(condition, scope, self._ceilings, EXPRESSIONS_MAX)
        return self._ceiling

    def quick(self, evaluation: Evaluation, *, counting: bool, warm_up: int) -> bool | None:
        """The value by generated code, or None if only the closures can tell."""
        if evaluation.knowledge == "partial":
            return None
        variant = (evaluation.knowledge, counting)
        generated = self._generated.get(variant) or self._warmed_up(variant, warm_up)
        if generated is None:
            return None
        try:
            return generated(evaluation)
        except SURPRISES:
            return None

    def ready(self) -> Generated | None:
        """The generated code, if there is any, for a known document and a budget that needs no counting."""
        return self._generated.get(_KNOWN)

    def _warmed_up(self, variant: tuple[Knowledge, bool], warm_up: int) -> Generated | None:
        condition = self.node.condition
        if condition is None or variant in self._generated:
            return None
        if self._asked < warm_up:
            self._asked += 1
            return None
        knowledge, counting = variant
        proving = knowledge == "promises"
        self._generated[variant] = generate(
            condition, self._compiler.scope, self._captures, proving=proving, counting=counting
        )
        return self._generated[variant]


@dataclass(frozen=True, slots=True)
class Block:
    """One match block with the allows written directly in it, by method; `path` is its whole path in the source."""

    path: str
    pattern: Pattern
    allows: dict[str, tuple[CompiledAllow, ...]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may decide about paths of one shape, in source order, and whether their budget needs no counting."""

    blocks: tuple[tuple[Pattern, tuple[CompiledAllow, ...]], ...]
    is_within_budget: bool

    @classmethod
    def of(cls, method: str, blocks: Iterable[Block]) -> Candidates:
        """The allows of one method."""
        found = tuple((each.pattern, each.allows[method]) for each in blocks)
        most = sum(allow.ceiling for _, allows in found for allow in allows)
        return cls(found, most <= EXPRESSIONS_MAX)


@dataclass(frozen=True)
class CompiledRules:
    """A ruleset that `decide` can use, from any number of threads.

    A condition is asked `warm_up` times before a function is generated for it.
    """

    ruleset: ast.Ruleset
    compatibility: Compatibility
    blocks: tuple[Block, ...] = field(repr=False)
    warm_up: int = WARM_UP
    text: str | None = field(default=None, repr=False)
    """The source, if the rules were compiled from one."""
    goes_on: bool = False
    """Whether other blocks are asked after one has allowed, as the official engine does: see `judging.judge`."""

    def candidates(self, method: str, path: tuple[Segment, ...]) -> Candidates:
        """The blocks with an allow for the method whose literal collections could be those of the path."""
        key = (method, len(path), path[3::2])
        found = self._known.get(key)
        if found is None:
            found = Candidates.of(method, self._candidates(method, path))
            if len(self._known) < _KNOWN_MAX:
                self._known[key] = found
        return found

    def _candidates(self, method: str, path: tuple[Segment, ...]) -> Iterator[Block]:
        names = [each for each in path if isinstance(each, str)]
        for block in self.blocks:
            if method in block.allows and (len(names) < len(path) or block.pattern.may_match(names)):
                yield block

    @cached_property
    def _known(self) -> dict[tuple[str, int, tuple[Segment, ...]], Candidates]:
        return {}

    @cached_property
    def traced(self) -> CompiledRules:
        """The same rules with a tracer called at every expression: slower, for explanations."""
        if self.goes_on:
            return self
        blocks = with_room(lambda: _blocks(self.ruleset, traced=True))
        return CompiledRules(self.ruleset, self.compatibility, blocks, self.warm_up, self.text)

    @cached_property
    def exhaustive(self) -> CompiledRules:
        """The same, with every block asked: for coverage."""
        return replace(self.traced, goes_on=True)


@held_back()
def compile_rules(
    source: str | ast.Ruleset, *, compatibility: Compatibility = PRODUCTION, warm_up: int = WARM_UP
) -> CompiledRules:
    """Compile a rules file once; what cannot be compiled is `RulesetInvalid`."""
    text = None
    if isinstance(source, str):
        text, parsed = source, parse_rules(source)
        if parsed.ruleset is None:
            raise RulesetInvalid(parsed.diagnostics, text)
        source = parsed.ruleset
    ruleset = source
    blocks = with_room(lambda: _blocks(ruleset, traced=False))
    return CompiledRules(ruleset, compatibility, blocks, warm_up, text)


def _blocks(ruleset: ast.Ruleset, *, traced: bool) -> tuple[Block, ...]:
    is_version_1 = ruleset.version is None or ruleset.version.value == "1"
    functions: FunctionTable = {}
    ceilings: dict[int, int] = {}
    blocks: list[Block] = []
    root = _scope(ruleset.functions, Scope(ROOT))
    for service in ruleset.services:
        if service.name.text == SERVICE:
            scope = _scope(service.members, root)
            for member in service.members:
                if isinstance(member, ast.Match):
                    walk = _Walk(functions, ceilings, is_version_1, traced)
                    blocks += walk.blocks(member, (), scope)
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class _Walk:
    functions: FunctionTable
    ceilings: dict[int, int]
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
            kinds = tuple(None if each.glob else str for each in captures)
            yield Block(
                written_path(segments),
                pattern,
                _by_method([CompiledAllow(each, compiler, kinds, self.ceilings) for each in allows]),
            )
        for member in match.members:
            if isinstance(member, ast.Match):
                yield from self.blocks(member, segments, scope)


def written_path(segments: Sequence[ast.Literal | ast.Capture]) -> str:
    """A match path as it is written, without what stands above documents."""
    texts = [print_segment(each) for each in segments]
    return "".join(texts[3:] if texts[:1] == ["/databases"] and texts[2:3] == ["/documents"] else texts)


def _scope(members: Sequence[object], parent: Scope) -> Scope:
    functions = {each.name.text: each for each in members if isinstance(each, ast.Function)}
    return Scope({}, functions, parent)


def _by_method(allows: Sequence[CompiledAllow]) -> dict[str, tuple[CompiledAllow, ...]]:
    table: dict[str, list[CompiledAllow]] = {}
    for compiled in allows:
        written = [name.text.lower() for name in compiled.node.methods]
        for method in dict.fromkeys(each for name in written for each in _METHODS.get(name, (name,))):
            table.setdefault(method, []).append(compiled)
    return {method: tuple(compiled) for method, compiled in table.items()}

"""What the official compiler's lexer and parser say about a source, in its words and order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from firewarden.language.diagnostics import OfficialIssue
from firewarden.language.limits import OFFICIAL_NESTING_MAX, OFFICIAL_TOKENS_MAX
from firewarden.language.literals import string_value
from firewarden.language.official.grammar import GRAMMAR
from firewarden.language.official.lookahead import mark_decisions
from firewarden.language.official.network import Network, build
from firewarden.language.official.prediction import Predictor, TooMuchWork
from firewarden.language.official.run import Bail, Machine
from firewarden.language.official.voice import Voice
from firewarden.language.tokens import Kind, Token


@dataclass(frozen=True, slots=True)
class Answer:
    """What the lexer and the parser say, in order, and whether they still made a tree of it."""

    issues: tuple[OfficialIssue, ...]
    complete: bool


def syntax_issues(tokens: Sequence[Token]) -> Answer:
    """Return what the official compiler says about the syntax of a source; nothing about one of absurd size.

    It parses twice when the first, silent pass fails, and forgets what its lexer said during that pass.
    """
    if len(tokens) == 1 and not tokens[0].span.start:
        return Answer((OfficialIssue(0, 0, "Rules content empty. Compilation aborted."),), complete=False)
    if _is_absurd(tokens):
        return Answer((), complete=False)
    try:
        return _answer(tokens)
    except TooMuchWork:
        return Answer((), complete=False)


def _answer(tokens: Sequence[Token]) -> Answer:
    readable = [token for token in tokens if token.kind is not Kind.UNKNOWN]
    predictor = Predictor(_network())
    read_up_to = _silent_pass(predictor, readable)
    voice = Voice(readable)
    Machine(predictor, voice, silent=False).run()
    unreadable = [token for token in tokens if token.kind is Kind.UNKNOWN and token.span.start > read_up_to]
    issues = [*voice.issues, *(_unreadable(token) for token in unreadable)]
    complete = read_up_to < 0
    if complete:
        issues += _imports(readable)
    return Answer(tuple(sorted(issues)), complete=complete)


@cache
def _network() -> Network:
    network = build(GRAMMAR)
    mark_decisions(network)
    return network


def _silent_pass(predictor: Predictor, tokens: Sequence[Token]) -> int:
    """Return the offset up to which the first pass drives the lexer before it gives up, or -1 if it does not."""
    machine = Machine(predictor, Voice(tokens), silent=True)
    try:
        machine.run()
    except Bail:
        return tokens[machine.furthest].span.start
    return -1


def _unreadable(token: Token) -> OfficialIssue:
    # It points to the character that could not be read, not to the start of what led there.
    column = token.span.column + len(token.text) - 1
    return OfficialIssue(token.span.line, column, f"token recognition error at: '{Voice.escaped(token.text)}'")


def _imports(tokens: Sequence[Token]) -> Iterator[OfficialIssue]:
    """Modules are part of the grammar but not of the product."""
    first = True
    for token, module in pairwise(tokens):
        if token.kind is Kind.KEYWORD and token.text == "import" and module.kind is Kind.STRING:
            line, column = token.span.line, token.span.column
            if first:
                yield OfficialIssue(line, column, "Import statements are not allowed.")
            yield OfficialIssue(
                line, column, f'Module "{string_value(module.text)}" is not part of the standard library.'
            )
            first = False


def _is_absurd(tokens: Sequence[Token]) -> bool:
    depth = deepest = 0
    for token in tokens:
        if token.kind is Kind.MARK:
            depth += (token.text in "([{") - (token.text in ")]}")
            deepest = max(deepest, depth)
    return len(tokens) > OFFICIAL_TOKENS_MAX or deepest > OFFICIAL_NESTING_MAX

"""Real sources and expressions to begin with: the repository's own rules and everything that was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from firewarden.language import ast, parse, print_expression

_ROOT = Path(__file__).parents[4]
_VECTORS = _ROOT / "toolkit/tests/vectors"
_SMALL = 1_200  # characters: larger sources are slow to read and seldom say more
_SOURCES = (("compile", "source"), ("program", "source"), ("request", "rules"), ("list", "rules"))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts to change, none of them twice."""

    sources: tuple[str, ...]
    large_sources: tuple[str, ...]
    expressions: tuple[str, ...]


@cache
def corpus() -> Corpus:
    """Read once for each process; sorted, so that equal seeds give equal inputs."""
    own = [(_ROOT / "firestore.rules").read_text()]
    own += [path.read_text() for path in sorted((_ROOT / "rules").glob("*.rules"))]
    sources = [*own, *(text for name, key in _SOURCES for text in _recorded(name, key))]
    expressions = [*_expressions(own[0]), *_recorded("expr", "expr")]
    return Corpus(
        tuple(dict.fromkeys(each for each in sources if len(each) <= _SMALL)),
        tuple(dict.fromkeys(each for each in sources if len(each) > _SMALL)),
        tuple(dict.fromkeys(expressions)),
    )


def _recorded(name: str, key: str) -> Iterator[str]:
    for path in (_VECTORS / f"{name}.jsonl", _VECTORS / "found" / f"{name}.jsonl"):
        if path.exists():
            yield from (json.loads(line)[key] for line in path.read_text().splitlines())


def _expressions(source: str) -> Iterator[str]:
    """The conditions and results of functions of a source."""
    ruleset = parse(source).ruleset
    for node in ast.walk(ruleset) if ruleset else ():
        if isinstance(node, ast.Function):
            yield print_expression(node.result)
        elif isinstance(node, ast.Allow) and node.condition is not None:
            yield print_expression(node.condition)

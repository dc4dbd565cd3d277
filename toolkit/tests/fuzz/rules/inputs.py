"""What is fed to the parser and the engine: noise, words in any order, mutants of real sources, depth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Literal

ROOT = Path(__file__).parents[4]
_VECTORS = ROOT / "toolkit/tests/vectors"
_SOURCE_MAX = 1_200  # characters: larger sources are slow to read and say nothing more

What = Literal["source", "expression"]


@dataclass(frozen=True, slots=True)
class Input:
    """A text, what it is read as, and the way it was made."""

    what: What
    way: str
    text: str


def made(random: Random) -> Input:
    """One input; equal generators make equal inputs."""
    what: What = "source" if random.random() < _SOURCES else "expression"
    (way,) = random.choices(tuple(_WAYS), tuple(weight for weight, _ in _WAYS.values()))
    text = _WAYS[way][1](random, what)
    if what == "source" and random.random() < _FRAMED:
        text = f"{_HEAD}{text}{_TAIL}"
    return Input(what, way, text)


_SOURCES = 0.08
_FRAMED = 0.4
_HEAD = "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n    "
_TAIL = "\n  }\n}\n"
_WORDS = (
    *("rules_version", "service", "match", "allow", "function", "return", "let", "if", "is", "in", "true", "null"),
    *("read", "write", "get", "list", "create", "update", "delete", "import", "for", "deny", "package"),
    *("cloud.firestore", "'2'", "'", '"', "b'x'", "'a'", "'\\u0041'", "'\\", "/a", "/{b}", "/{c=**}", "/$(", "/", "$"),
    *("{", "}", "(", ")", "[", "]", ":", ";", ",", ".", "=", "==", "!=", "<", ">=", "&&", "||", "!", "?", "+", "-"),
    *("*", "/", "%", "&", "|", "1", "0", "1.5", ".5", "1.", "9223372036854775807", "9223372036854775808", "-1"),
    *(
        "x",
        "f",
        "request",
        "resource",
        "request.auth.uid",
        "resource.data.n",
        "request.query.limit",
        "math",
        "duration",
    ),
    *("exists", "getAfter", "string", "int", "path", "hashing", "latlng", "timestamp", "debug", "value", "vector"),
    *(".size()", ".matches('", ".keys()", ".diff(", ".hasAll([", ".bind({", ".segments()", ".toMillis()", ".split('"),
    *("\n", " ", "\t", "\r", "\f", "// c\n", "/*", "*/", "\u2018", "\U0001f600", "\x00", "\ud800", "é", "\u2028"),
)


def _noise(random: Random, _: What) -> str:
    ranges = random.choice(((0, 0x80), (0, 0x100), (0, 0x3000), (0xD700, 0x11000)))
    return "".join(chr(random.randrange(*ranges)) for _ in range(random.randrange(80)))


def _soup(random: Random, _: What) -> str:
    between = random.choice((" ", "", " "))
    return between.join(random.choice(_WORDS) for _ in range(random.randrange(1, 50)))


def _mutant(random: Random, what: What) -> str:
    texts = corpus()[what]
    text = random.choice(texts)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        text = random.choice(_MUTATIONS)(random, text, texts)
    return text


def _deep(random: Random, _: What) -> str:
    opening, middle, closing = random.choice(_NESTINGS)
    count = random.choice((10, 40, 150, 600, 2_500))
    return opening * count + middle + closing * (count if random.random() < 0.8 else count - 1)


_NESTINGS = (
    *(("(", "1", ")"), ("[", "", "]"), ("{'a': ", "1", "}"), ("!", "true", ""), ("-", "1", ""), ("f(", "1", ")")),
    *(("/a/$(", "'b'", ")"), ("a[", "0", "]"), ("a", "", ".b"), ("true && ", "true", ""), ("true ? ", "1", " : 2")),
    *(("1 + ", "1", ""), ("x is int || ", "true", ""), ("match /a { ", "", " }"), ("'a' in ", "[]", "")),
    ("match /{a} { allow read; ", "", " }"),
)

_WORD = re.compile(
    r"(?P<text>'(?:[^'\\\n]|\\.)*')|(?P<number>\d+(?:\.\d*)?)|(?P<call>\b\w+(?=\())|(?P<name>\b\w+\b)"
    r"|(?P<mark>&&|\|\||[=!<>]=|[-+*/%<>!?:])"
)
Mutation = Callable[[Random, str, Sequence[str]], str]


def _span(random: Random, text: str) -> tuple[int, int]:
    start = random.randrange(len(text) + 1)
    return start, min(len(text), start + int(random.expovariate(0.15)))


def _cut(random: Random, text: str, _: Sequence[str]) -> str:
    start, end = _span(random, text)
    return text[:start] + text[end:]


def _double(random: Random, text: str, _: Sequence[str]) -> str:
    start, end = _span(random, text)
    return text[:end] + text[start:]


def _insert(random: Random, text: str, _: Sequence[str]) -> str:
    start = random.randrange(len(text) + 1)
    return text[:start] + random.choice(_WORDS) + text[start:]


def _splice(random: Random, text: str, texts: Sequence[str]) -> str:
    start, end = _span(random, text)
    other = random.choice(texts)
    first, last = _span(random, other)
    return text[:start] + other[first:last] + text[end:]


def _reword(random: Random, text: str, texts: Sequence[str]) -> str:
    """Put a word of another source in the place of one of the same kind: much of that still compiles."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    old = random.choice(words)
    new = [each[0] for each in _WORD.finditer(random.choice(texts)) if each.lastgroup == old.lastgroup]
    return text[: old.start()] + random.choice(new) + text[old.end() :] if new else text


def _flip(random: Random, text: str, _: Sequence[str]) -> str:
    if not text:
        return "\x00"
    start = random.randrange(len(text))
    return text[:start] + chr(random.choice((random.randrange(128), random.randrange(0xFFFF)))) + text[start + 1 :]


_MUTATIONS: tuple[Mutation, ...] = (*(_reword,) * 6, _cut, _double, _insert, _splice, _flip)
_WAYS: Mapping[str, tuple[float, Callable[[Random, What], str]]] = MappingProxyType(
    {"noise": (0.1, _noise), "words": (0.3, _soup), "mutant": (0.58, _mutant), "depth": (0.02, _deep)}
)


@cache
def corpus() -> Mapping[What, Sequence[str]]:
    """Real sources and expressions: the repository's own rules and everything that was recorded."""
    sources = [path.read_text() for path in sorted((ROOT / "rules").glob("*.rules"))]
    for name, key in (("compile", "source"), ("program", "source"), ("request", "rules"), ("list", "rules")):
        sources += _recorded(name, key)
    return {
        "source": [each for each in dict.fromkeys(sources) if len(each) <= _SOURCE_MAX],
        "expression": list(dict.fromkeys(_recorded("expr", "expr"))),
    }


def _recorded(name: str, key: str) -> list[str]:
    return [json.loads(line)[key] for line in (_VECTORS / f"{name}.jsonl").read_text().splitlines()]

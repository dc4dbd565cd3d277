"""Small changes of a text, most of which leave much of it readable."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

WORDS = (
    *("rules_version", "service", "match", "allow", "function", "return", "let", "if", "is", "in", "true", "null"),
    *("read", "write", "get", "list", "create", "update", "delete", "import", "for", "deny", "package"),
    *("cloud.firestore", "'2'", "'", '"', "b'x'", "'a'", "'\\u0041'", "'\\", "/a", "/{b}", "/{c=**}", "/$(", "/", "$"),
    *("{", "}", "(", ")", "[", "]", ":", ";", ",", ".", "=", "==", "!=", "<", ">=", "&&", "||", "!", "?", "+", "-"),
    *("*", "/", "%", "&", "|", "1", "0", "1.5", ".5", "1.", "9223372036854775807", "9223372036854775808", "-1"),
    *("x", "f", "request", "resource", "request.auth.uid", "resource.data.n", "request.query.limit", "math"),
    *("exists", "getAfter", "string", "int", "path", "hashing", "latlng", "timestamp", "debug", "value", "vector"),
    *("duration", ".size()", ".matches('", ".keys()", ".diff(", ".hasAll([", ".bind({", ".segments()", ".toMillis()"),
    *(".split('", "\n", " ", "\t", "\r", "\f", "// c\n", "/*", "*/", "\u2018", "\U0001f600", "\x00", "\ud800", "é"),
    "\u2028",
)
"""The vocabulary of the language, and what is easily taken for it."""
STORED_KEYS = ("n", "s", "f", "b", "t", "l", "m", "p", "r", "v", "low", "high", "nan", "zero", "none", "long", "odd")
"""Fields that the documents of the targets have."""

Mutation = Callable[[Random, str, Sequence[str]], str]


def mutated(random: Random, texts: Sequence[str], others: Sequence[str]) -> str:
    """One of `texts` after a few changes; what they put into it comes from `others`."""
    text = random.choice(texts)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        text = random.choice(_MUTATIONS)(random, text, others)
    return text


def _span(random: Random, text: str) -> tuple[int, int]:
    start = random.randrange(len(text) + 1)
    return start, min(len(text), start + int(random.expovariate(0.15)))


def _cut(random: Random, text: str, _: Sequence[str]) -> str:
    start, end = _span(random, text)
    return text[:start] + text[end:]


def _double(random: Random, text: str, _: Sequence[str]) -> str:
    start, end = _span(random, text)
    return text[:end] + text[start:]


def _swap(random: Random, text: str, _: Sequence[str]) -> str:
    """Exchange two neighbouring pieces."""
    start, middle, end = sorted(random.randrange(len(text) + 1) for _ in range(3))
    return text[:start] + text[middle:end] + text[start:middle] + text[end:]


def _insert(random: Random, text: str, _: Sequence[str]) -> str:
    start = random.randrange(len(text) + 1)
    return text[:start] + random.choice(WORDS) + text[start:]


def _splice(random: Random, text: str, others: Sequence[str]) -> str:
    start, end = _span(random, text)
    other = random.choice(others)
    first, last = _span(random, other)
    return text[:start] + other[first:last] + text[end:]


def _reword(random: Random, text: str, others: Sequence[str]) -> str:
    """Put a word of another text in the place of one of the same kind: much of that still compiles."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    old = random.choice(words)
    new = [each[0] for each in _WORD.finditer(random.choice(others)) if each.lastgroup == old.lastgroup]
    return text[: old.start()] + random.choice(new) + text[old.end() :] if new else text


def _unfold(random: Random, text: str, _: Sequence[str]) -> str:
    """Put a stored value in the place of a literal, which the compiler can then no longer work out."""
    literals = [each for each in _WORD.finditer(text) if each.lastgroup in ("text", "number")]
    if not literals:
        return text
    old = random.choice(literals)
    side = random.choice(("resource.data", "request.resource.data"))
    return f"{text[: old.start()]}{side}.{random.choice(STORED_KEYS)}{text[old.end() :]}"


def _flip(random: Random, text: str, _: Sequence[str]) -> str:
    if not text:
        return "\x00"
    start = random.randrange(len(text))
    return text[:start] + chr(random.choice((random.randrange(128), random.randrange(0xFFFF)))) + text[start + 1 :]


_WORD = re.compile(
    r"(?P<text>'(?:[^'\\\n]|\\.)*')|(?P<number>\d+(?:\.\d*)?)|(?P<call>\b\w+(?=\())|(?P<name>\b\w+\b)"
    r"|(?P<mark>&&|\|\||[=!<>]=|[-+*/%<>!?:])"
)
_MUTATIONS: tuple[Mutation, ...] = (*(_reword,) * 7, *(_unfold,) * 3, _cut, _double, _swap, _insert, _splice, _flip)

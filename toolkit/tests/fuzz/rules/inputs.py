"""What is fed to the parser and the engine: noise, words in any order, mutants of real sources, depth and length."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Literal

from toolkit.tests.fuzz.rules.corpus import corpus
from toolkit.tests.fuzz.rules.mutations import WORDS, mutated

What = Literal["source", "condition", "expression"]
"""A rules file; an expression as the condition of one, which requests are decided by; an expression alone."""


@dataclass(frozen=True, slots=True)
class Input:
    """A text, what it is read as, and the way it was made."""

    what: What
    way: str
    text: str


def made(random: Random) -> Input:
    """One input; equal generators make equal inputs."""
    (what,) = random.choices(tuple(_SHARES), tuple(_SHARES.values()))
    (way,) = random.choices(tuple(_WAYS), tuple(weight for weight, _ in _WAYS.values()))
    text = _WAYS[way][1](random, what)
    if what == "source" and random.random() < _FRAMED:
        text = f"{_HEAD}{text}{_TAIL}"
    return Input(what, way, text)


_SHARES: Mapping[What, float] = MappingProxyType({"source": 0.04, "condition": 0.025, "expression": 0.935})
_FRAMED = 0.4
_LARGE = 0.01
_HEAD = "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n    "
_TAIL = "\n  }\n}\n"


def _noise(random: Random, _: What) -> str:
    ranges = random.choice(((0, 0x80), (0, 0x100), (0, 0x3000), (0xD700, 0x11000)))
    return "".join(chr(random.randrange(*ranges)) for _ in range(random.randrange(80)))


def _soup(random: Random, _: What) -> str:
    between = random.choice((" ", "", " "))
    return between.join(random.choice(WORDS) for _ in range(random.randrange(1, 50)))


def _mutant(random: Random, what: What) -> str:
    known = corpus()
    if what != "source":
        return mutated(random, known.expressions, known.expressions)
    return mutated(random, known.large_sources if random.random() < _LARGE else known.sources, known.sources)


def _deep(random: Random, what: What) -> str:
    opening, middle, closing = random.choice(_NESTINGS[what])
    count = random.choice((10, 40, 90, 150, 600, 2_500))
    return opening * count + middle + closing * (count if random.random() < 0.8 else count - 1)


_EXPRESSION_NESTINGS = (
    *(("(", "1", ")"), ("[", "", "]"), ("{'a': ", "1", "}"), ("!", "true", ""), ("-", "1", ""), ("f(", "1", ")")),
    *(("/a/$(", "'b'", ")"), ("a[", "0", "]"), ("a", "", ".b"), ("true && ", "true", ""), ("true ? ", "1", " : 2")),
    *(("1 + ", "1", ""), ("x is int || ", "true", ""), ("'a' in ", "[]", ""), ("[1, ", "2", "][0]")),
    *(("debug(", "request", ")"), ("resource.data.l.concat(", "[]", ")"), ("exists(/c/$(", "'a'", "))")),
)
_SOURCE_NESTINGS = (
    *(("match /a { ", "", " }"), ("match /{a} { allow read; ", "", " }"), ("function f() { return ", "1", "; }")),
    *(("service cloud.firestore { ", "", " }"), ("allow read: if (", "true", ");"), ("match /a/{b=**} {", "", "}")),
)
_NESTINGS: Mapping[What, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {"source": _SOURCE_NESTINGS, "condition": _EXPRESSION_NESTINGS, "expression": _EXPRESSION_NESTINGS}
)


def _long(random: Random, what: What) -> str:
    piece, before, after = random.choice(_LENGTHS[what])
    most = min(_LENGTH_MAX // max(1, len(piece)), random.choice((12, 25, 120, 1_100, 20_000)))
    return before + "".join(piece.replace("#", str(number)) for number in range(most)) + after


_LENGTH_MAX = 24_000  # characters: a source of 500 lines
_EXPRESSION_LENGTHS = (
    *(("9", "", ""), ("0", "1", ".5"), ("7", "0.", ""), ("a", "", ""), ("a", "'", "'"), ("\\n", "'", "'.size()")),
    *(
        ("/a", "", ""),
        ("/$('a')", "", " == 1"),
        (" ", "1", "== 1"),
        ("\n", "1", "== 1"),
        ("'k#': #, ", "{", "}.size()"),
    ),
    *(("#, ", "[", "].toSet()"), ("#, ", "f(", ")"), ("[#]", "a", ""), (".k#", "request", ""), (" + '#'", "'a'", "")),
    *(("(a|b)*", "'ab'.matches('", "')"), ("(", "'a'.matches('", "')"), ("a{100}", "'a'.split('", "')")),
    *((".concat([#])", "[]", ""), (" * #.5", "1", ""), (" || get(/c/a#) == null", "false", ""), ("!", "", "true")),
    *((" && exists(/c/$('a'))", "true", ""), (" + resource.data.long", "'a'", ""), ("// #\n", "", "1")),
)
_SOURCE_LENGTHS = (
    *(("match /c#/{d} { allow read: if true; } ", "", ""), ("match /a { } ", "", ""), ("allow read; ", "", "")),
    *(("function f#() { return f0(); } ", "", ""), ("function f() { return 1; } ", "", ""), ("/{a#}", "match ", " {}")),
    *(("let a# = 1; ", "function f() { ", "return 1; }"), ("a#, ", "function f(", "a) { return 1; }")),
    *(("}", "", ""), ("{", "", ""), ("service cloud.firestore { } ", "", ""), ("rules_version = '2'; ", "", "")),
    *(
        ("read, ", "match /c/{d} { allow ", "write; }"),
        ("/* # ", "", "*/"),
        ("\r\n", "", "match"),
        ("é", "match /", ""),
    ),
    (
        "function g#(x) { return g#(x) && g0(x); } ",
        "function g(x) { return x + x; } match /c/{d} { ",
        " allow get: if g0(1) == 2; }",
    ),
)
_LENGTHS: Mapping[What, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {"source": _SOURCE_LENGTHS, "condition": _EXPRESSION_LENGTHS, "expression": _EXPRESSION_LENGTHS}
)
_WAYS: Mapping[str, tuple[float, Callable[[Random, What], str]]] = MappingProxyType(
    {
        "noise": (0.1, _noise),
        "words": (0.3, _soup),
        "mutant": (0.586, _mutant),
        "depth": (0.008, _deep),
        "length": (0.006, _long),
    }
)

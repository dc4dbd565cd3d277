"""Random sentences of a grammar that is data: for each kind of expression the forms it may have.

A form is source text with holes, such as `<string>.size()`. What fills a hole is put in parentheses where it needs
them. Nothing here knows the rules language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

ANY = "any"
"""The hole that any kind may fill."""

_HOLE = re.compile(r"<(\w{2,})>")  # one letter may be a named group of a regular expression
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for a sentence of a kind; an exposed one stands beside operators."""

    kind: str
    is_exposed: bool


@dataclass(frozen=True, slots=True)
class Form:
    """Text and holes in turn, and whether the whole can stand beside an operator as it is."""

    parts: tuple[str | Hole, ...]
    is_closed: bool

    @property
    def is_word(self) -> bool:
        """Whether there is nothing to fill."""
        return len(self.parts) == 1 and isinstance(self.parts[0], str)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The forms of each kind; `words` are those without holes."""

    forms: Mapping[str, tuple[Form, ...]]
    words: Mapping[str, tuple[Form, ...]]

    @classmethod
    def of(cls, table: Mapping[str, Iterable[str]]) -> Grammar:
        """The grammar of a table of source texts."""
        forms = {kind: tuple(map(form_of, texts)) for kind, texts in table.items()}
        return cls(forms, {kind: tuple(each for each in found if each.is_word) for kind, found in forms.items()})

    def extended(self, table: Mapping[str, Iterable[str]], *, weight: int = 1) -> Grammar:
        """The same with more forms, each as likely as `weight` others."""
        more = Grammar.of(table)
        return Grammar(_joined(self.forms, more.forms, weight), _joined(self.words, more.words, weight))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says sentences. `slip` is how often a hole is filled by another kind, `bare` how often without parentheses."""

    random: Random
    grammar: Grammar
    slip: float = 0.012
    bare: float = 0.02

    def say(self, kind: str, depth: int) -> str:
        """A sentence of the kind, with holes in holes up to the depth; more than a word where depth allows."""
        kind = self._kind(kind)
        forms = [each for each in self.grammar.forms[kind] if depth < 1 or not each.is_word]
        form = self.random.choice(forms or self.grammar.forms[kind])
        return "".join(self._part(each, depth) for each in form.parts)

    def _say(self, kind: str, depth: int) -> tuple[str, bool]:
        form = self._chosen(self._kind(kind), depth)
        return "".join(self._part(each, depth) for each in form.parts), form.is_closed

    def _part(self, part: str | Hole, depth: int) -> str:
        if isinstance(part, str):
            return part
        text, is_closed = self._say(part.kind, depth - self.random.choice((1, 1, 1, 2)))
        if is_closed or not part.is_exposed or self.random.random() < self.bare:
            return text
        return f"({text})"

    def _kind(self, kind: str) -> str:
        if kind == ANY or self.random.random() < self.slip:
            return self.random.choice(tuple(self.grammar.words))
        return kind

    def _chosen(self, kind: str, depth: int) -> Form:
        words = self.grammar.words[kind]
        if words and (depth <= 0 or self.random.random() < 0.15):
            return self.random.choice(words)
        return self.random.choice(self.grammar.forms[kind])


@cache
def form_of(text: str) -> Form:
    """The form that a text describes."""
    pieces = _HOLE.split(text)
    parts: list[str | Hole] = []
    depth = 0
    for number, piece in enumerate(pieces):
        if number % 2:
            parts.append(Hole(piece, is_exposed=depth == 0))
        elif piece:
            parts.append(piece)
            depth += sum(each in _OPENING for each in piece) - sum(each in _CLOSING for each in piece)
    return Form(tuple(parts), is_closed=_is_closed(text))


def _is_closed(text: str) -> bool:
    """Whether nothing in the text binds more loosely than a method call."""
    depth, quote = 0, ""
    for before, each in zip(" " + text, text, strict=False):
        if quote:
            quote = "" if each == quote and before != "\\" else quote
        elif each in "'\"":
            quote = each
        elif each in _OPENING + _CLOSING:
            depth += 1 if each in _OPENING else -1
        elif depth == 0 and each in " -!/":
            return False
    return True


def _joined(
    one: Mapping[str, tuple[Form, ...]], other: Mapping[str, tuple[Form, ...]], weight: int
) -> dict[str, tuple[Form, ...]]:
    return {kind: one.get(kind, ()) + other.get(kind, ()) * weight for kind in {**one, **other}}

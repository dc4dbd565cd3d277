"""Mistakes that everybody makes once, told from the token that cannot stand where it stands.

Other languages' words and marks, typographic quotes, statements where there are only expressions. What is not
known here keeps the parser's own words.
"""

from __future__ import annotations

from typing import NamedTuple

from firewarden.language.tokens import Token


class Mistake(NamedTuple):
    """What is wrong and what to do; without a message the parser's own stands."""

    message: str
    hint: str


NONE = Mistake("", "")


def recognised(previous: Token | None, found: Token, following: Token | None, wanted: str) -> Mistake:
    """The mistake behind an unexpected token; `wanted` is what the parser says of it."""
    text = found.text.strip()
    before = "" if previous is None else previous.text
    after = "" if following is None else following.text
    if text == "=":
        return _equals(before, after)
    if text in _WORDS:
        return _WORDS[text]
    if text[:1] in _TYPOGRAPHIC:
        return Mistake(f"`{text[:1]}` is a typographic quote", "Write plain quotes: 'text'.")
    if text[:1] in ("'", '"') and (len(text) == 1 or text[-1] != text[0]):
        return Mistake("A text does not end on its line", "Close it with the quote that opened it.")
    return _statement(text, wanted) or next((Mistake("", hint) for words, hint in _HINTS if words in wanted), NONE)


def _statement(text: str, wanted: str) -> Mistake | None:
    if text in _STATEMENTS and "return" in wanted:
        return Mistake("A function is one expression, after any number of `let`", _STATEMENTS[text])
    if text == "if" and "is expected" in wanted:
        return Mistake("A colon is missing before `if`", "Write `allow read: if condition;`.")
    if text in ("let", "var", "const") and "is expected" in wanted:
        return Mistake(f"`{text}` cannot stand here", "Variables stand at the beginning of a function: `let x = …;`.")
    return None


def _equals(before: str, after: str) -> Mistake:
    if before in ("==", "!="):
        return Mistake(f"`{before}=` is no operator", f"Write `{before}`; it compares types as well.")
    if after.startswith(">"):
        return Mistake("There are no functions without a name", "On lists use hasAny(), hasAll() or hasOnly().")
    return Mistake("`=` does not compare", "Write `==`.")


_TYPOGRAPHIC = frozenset("\u2018\u2019\u201c\u201d\u00b4")
_WORDS = {
    "and": Mistake("`and` is no operator", "Write `&&`."),
    "or": Mistake("`or` is no operator", "Write `||`."),
    "not": Mistake("`not` is no operator", "Write `!`."),
    "&": Mistake("`&` is no operator", "Write `&&`."),
    "|": Mistake("`|` is no operator", "Write `||`."),
    "instanceof": Mistake("`instanceof` is no operator", "Write `is`, as in `value is string`."),
    "typeof": Mistake("`typeof` is no operator", "Write `value is string`."),
    "else": Mistake("There is no `else`", "Write `condition ? one : other`."),
}
_STATEMENTS = {
    "if": "Write `return condition ? one : other;`.",
    "var": "Write `let x = …;`.",
    "const": "Write `let x = …;`.",
}
_HINTS = (
    ("`return` is missing", "A function ends with `return expression;`."),
    ("`if` is missing", "Write `allow read: if condition;`."),
    ("A path is missing after `match`", "A path begins with a slash: `match /users/{uid} {`."),
    ("`{` is missing after the path", "A match is `match /users/{uid} { … }`; its wildcards are written {name}."),
    ("is expected in the file", "A file is `rules_version = '2';` and `service cloud.firestore { … }`."),
    ("The name of the service", "Write `service cloud.firestore { … }`."),
)

"""The words of the official parser: its standard messages, its own ones, and how it names tokens in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firewarden.language.checks.signatures import TYPE_NAMES
from firewarden.language.diagnostics import OfficialIssue
from firewarden.language.official.grammar import TOKEN_ORDER
from firewarden.language.tokens import NEVER_SERVICES, Kind, Token

OWN_MESSAGES: Final = {
    "empty_service": "The 'service' body must contain at least one declaration.",
    "empty_match": "The 'match' body must contain at least one declaration.",
    "bare_path": "Missing 'match' keyword before path.",
    "extra_brace": "Extra closing '}' in path.",
    "extra_brace_of_glob": "Exra closing '}' in path.",  # its own spelling
    "lone_slash": "Forward slash '/' found where identifier or binding expected.",
    "extra_parenthesis": "Extra closing ')' at the end of parameter list.",
    "trailing_comma": "Unexpected ','.",
    "no_method": "Expected at least one 'operation' after 'allow'.",
    "no_condition": "Missing conditional expression after 'if'.",
    "no_if": "Missing 'if' before conditional expression.",
    "no_colon": "Missing ':' before 'if' condition.",
    "no_body": "Missing 'function' body",
    "no_signature": "Missing 'function' signature",
    "no_name": "Missing 'function' id",
    "increment": "Increment (++) and decrement (--) operators are not supported.",
    "open_single": "Missing a closing '",
    "open_double": 'Missing a closing "',
}
"""By the names of the actions in the grammar. They point to the token that comes next."""

_NAMES: Final = {
    Kind.NAME: "IDENTIFIER",
    Kind.INT: "NUM_INT",
    Kind.FLOAT: "NUM_FLOAT",
    Kind.STRING: "STRING",
    Kind.BYTES: "BYTES",
    Kind.SEGMENT: "PATH_SEGMENT",
    Kind.SERVICE_NAME: "SERVICE_NAME",
    Kind.END: "EOF",
}
_ORDER: Final = {name: number for number, name in enumerate(TOKEN_ORDER)}


class Voice:
    """Collects what the parser has to say about these tokens."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.kinds = [_name(token) for token in tokens]
        self.issues: list[OfficialIssue] = []

    def say(self, index: int, text: str) -> None:
        """Say something at a token."""
        span = self.tokens[index].span
        self.issues.append(OfficialIssue(span.line, span.column, text))

    def unexpected(self, index: int) -> None:
        """Say that a token is too many, or that nothing can begin with what led to it."""
        self.say(index, f"Unexpected {self._shown(index)}.")

    def mismatched(self, index: int, expected: frozenset[str]) -> None:
        """Say that something else should stand here."""
        self.say(index, f"mismatched input {self._shown(index)} expecting {_listed(expected)}")

    def missing(self, index: int, expected: frozenset[str]) -> None:
        """Say that something is missing before this token."""
        self.say(index, f"missing {_listed(expected)} at {self._shown(index)}")

    def own(self, index: int, action: str) -> None:
        """Say what an action of the grammar stands for."""
        self.say(index, OWN_MESSAGES[action])

    def service_name(self, index: int) -> None:
        """Judge the name of a service."""
        if self.tokens[index].text in NEVER_SERVICES:
            self.say(index, "Cannot use keyword as service name.")

    def alias(self, index: int) -> None:
        """Judge the word before the alias of a module: no keyword, only a name that has to be this one."""
        if self.tokens[index].text != "as":
            self.say(index, "Import statement with alias must use the format 'as <alias>'")

    def type_name(self, index: int, start: int, inserted: str) -> None:
        """Judge the type after `is`, which is everything read or made up since `start`."""
        text = "".join(token.text for token in self.tokens[start:index]) or inserted
        if text not in TYPE_NAMES:
            known = ",".join(TYPE_NAMES)
            self.say(
                index,
                f"An unsupported type identifier was used with the 'is' operator. Received {text}. "
                f"Expected one of {known}",
            )

    def _shown(self, index: int) -> str:
        token = self.tokens[index]
        return "'<EOF>'" if token.kind is Kind.END else f"'{self.escaped(token.text)}'"

    @staticmethod
    def escaped(text: str) -> str:
        """Show line ends and tabs as escapes."""
        return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _name(token: Token) -> str:
    if token.kind in (Kind.MARK, Kind.KEYWORD):
        return f"'{token.text}'"
    if token.kind is Kind.OPEN_STRING:
        return "UNPAIRED_SINGLE_QUOTE" if token.text[0] == "'" else "UNPAIRED_DOUBLE_QUOTE"
    return _NAMES[token.kind]


def _listed(names: frozenset[str]) -> str:
    ordered = ["<EOF>" if name == "EOF" else name for name in sorted(names, key=_ORDER.__getitem__)]
    return ordered[0] if len(ordered) == 1 else "{" + ", ".join(ordered) + "}"

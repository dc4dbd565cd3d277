"""A position in the tokens, and the one way the parsers look at them and give up."""

from __future__ import annotations

from firewarden.language._mistakes import recognised
from firewarden.language.ast import Span
from firewarden.language.tokens import Kind, Token


class SyntaxFault(Exception):  # noqa: N818  # not an error of the program
    """Raised inside the parsers only, to unwind to where parsing can go on; callers of `parse` never see it."""

    def __init__(self, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint


class Cursor:
    """Reads tokens one after the other, never past the last."""

    __slots__ = ("blocks", "faults", "nesting", "position", "token", "tokens")

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.nesting = 0
        self.blocks = 0
        self.faults: list[SyntaxFault] = []
        self.token = tokens[0]

    def advance(self) -> Token:
        """Return the token here and step over it."""
        # INVARIANT: whoever steps over a token has seen that it is not the last.
        token = self.token
        self.position += 1
        self.token = self.tokens[self.position]
        return token

    def at(self, *texts: str) -> bool:
        """Tell whether a mark or keyword of this text stands here."""
        return self.token.text in texts and self.token.kind in _WORDS

    def take(self, text: str) -> Token | None:
        """Step over the mark or keyword `text` if it stands here."""
        token = self.token
        return self.advance() if token.text == text and token.kind in _WORDS else None

    def following(self, text: str) -> bool:
        """Tell whether `text` stands right behind the token here."""
        return self.token.kind is not _END and self.tokens[self.position + 1].text == text

    def at_capture(self) -> bool:
        """Tell whether `/` here begins `/{name}` or `/{name=`, not a division by a map."""
        kinds = [token.kind for token in self.tokens[self.position + 2 : self.position + 3]]
        ends = [token.text for token in self.tokens[self.position + 3 : self.position + 4]]
        return self.following("{") and kinds == [Kind.NAME] and ends != [] and ends[0] in ("}", "=")

    def at_lone_slash(self) -> bool:
        """Tell whether `/` here, after a path, is read as a segment without a name rather than as a division."""
        following = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        return following.kind is Kind.SEGMENT or following.text in ("/", "[", "-")

    def expect(self, text: str, after: str) -> Token:
        """Step over `text`, which must stand here, after what `after` names."""
        if token := self.take(text):
            return token
        raise self.fault(f"`{text}` is missing after {after}")

    def fault(self, message: str, hint: str = "") -> SyntaxFault:
        """Say that the token here is wrong."""
        previous = self.tokens[self.position - 1] if self.position else None
        following = self.tokens[self.position + 1] if self.position + 1 < len(self.tokens) else None
        mistake = recognised(previous, self.token, following, message)
        found = "the file ends" if self.token.kind is _END else f"found `{self.token.text.strip()}`"
        return SyntaxFault(mistake.message or f"{message}: {found}", self.token.span, hint or mistake.hint)

    def note(self, message: str, span: Span, hint: str = "") -> None:
        """Note a mistake after which parsing goes on as if nothing were wrong."""
        self.faults.append(SyntaxFault(message, span, hint))

    def skip_member(self) -> None:
        """Skip to where the next member of a block can begin, over whole nested blocks."""
        self.nesting = 0
        depth = 0
        while self.token.kind is not _END:
            text = self.token.text
            if depth == 0 and (text == "}" or text in _MEMBERS):
                return
            depth += (text == "{") - (text == "}")
            self.advance()
            if depth == 0 and text == ";":
                return

    def skip_block(self) -> None:
        """Skip to behind the brace that closes the block here."""
        depth = 1
        while depth and self.token.kind is not _END:
            depth += (self.token.text == "{") - (self.token.text == "}")
            self.advance()

    def skip_expression(self) -> None:
        """Skip what may belong to an expression, over whole nested brackets and choices."""
        open_: list[str] = []
        while self.token.kind is not _END:
            text = self.token.text if self.token.kind in _WORDS else ""
            if text == ":" and open_ and open_[-1] != "?":
                pass  # of a map entry or a slice
            elif text in _CLOSING:
                if not open_ or open_.pop() != _CLOSING[text]:
                    return
            elif text in _OPENING:
                open_.append(text)
            elif text == ";" or (text == "," and not open_):
                return
            self.advance()

    def span_from(self, start: Span) -> Span:
        """Return the span from `start` to the end of the last token stepped over."""
        first, _, line, column = start
        end = self.tokens[self.position - 1].span.end if self.position else 0
        return _new(Span, (first, end if end > first else first, line, column))


_new = tuple.__new__
"""What makes a named tuple of a tuple, without the way through its own constructor: every node has a span."""
_CLOSING = {")": "(", "]": "[", "}": "{", ":": "?"}
_OPENING = frozenset(_CLOSING.values())
_MEMBERS = frozenset({"match", "allow", "function", "service"})
_WORDS = frozenset({Kind.MARK, Kind.KEYWORD})
_END = Kind.END  # to read a member of an enum takes longer

"""The page on the rules language as data: every example with an arrow, every block of cases. Asks nobody.

eval lines and table cells    7 / 2 → 3
proofs lines                  CONDITION for {QUERY} → allow
declare lines                 CONTENT OF A MATCH → compiles, refused: TEXT or warns: TEXT
a block of cases              is about the block of rules above it
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

PAGE = Path(__file__).parents[3] / "docs/language.md"
_CELL = re.compile(r"`([^`]+)` → `([^`]+)`")
_SIGNATURE = re.compile(r"^\| `([a-z_]+(?:\.\w+)?\([\w, ]*\))` \| (\w+) \|(.*)$")
_HEAD = "service cloud.firestore {\nmatch /databases/{database}/documents {\n"


@dataclass(frozen=True, slots=True)
class Example:
    """What stands on both sides of an arrow, in which line; `flavour` is what follows the block's language."""

    line: int
    asked: str
    told: str
    flavour: str = ""

    def is_told(self, text: str) -> bool:
        """Whether this is the text on the page, where `…` stands for the rest of a long one."""
        return text.startswith(self.told[:-1]) if self.told.endswith("…") else text == self.told


@dataclass(frozen=True, slots=True)
class Signature:
    """A row of a table of functions: the call with its types, the type it gives, and its examples."""

    call: str
    gives: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Rules with the cases that are decided by them."""

    rules: str
    cases: str


def evaluations() -> list[Example]:
    """Every expression with what it comes to."""
    return sorted([*_arrows("eval"), *(each for row in _rows() for each in row[1])], key=lambda each: each.line)


def signatures() -> list[Signature]:
    """Every row about a function or method, in order."""
    rows = ((_SIGNATURE.match(text), examples) for text, examples in _rows())
    return [Signature(found[1], found[2], examples) for found, examples in rows if found]


def declarations() -> list[tuple[Example, str]]:
    """What is said about the content of a match, with the whole file that has it."""
    files = {"": "rules_version = '2';\n", "version 1": ""}
    return [(each, f"{files[each.flavour]}{_HEAD}{each.asked}\n}}}}\n") for each in _arrows("declare")]


def scenes() -> list[Scene]:
    """Every block of cases, and all the proofs as one."""
    found, rules = [], ""
    for _, language, content in _blocks():
        if language == "rules":
            rules = content
        elif language == "cases":
            found.append(Scene(rules, content))
    return [*found, _proofs(list(_arrows("proofs")))]


def _proofs(examples: Sequence[Example]) -> Scene:
    """Each condition guards a collection of its own, and its query asks for that."""
    matches, cases = [], ["describe: Queries must prove themselves", "cases:"]
    for each in examples:
        condition, query = each.asked.rsplit(" for {", 1)
        matches.append(f"match /c{each.line}/{{id}} {{ allow list: if {condition}; }}")
        separator = "" if query == "}" else ", "
        cases.append(
            f"  - {{name: line {each.line}, as: guest, list: {{collection: c{each.line}{separator}{query},"
            f" expect: {each.told}}}"
        )
    rules = f"rules_version = '2';\n{_HEAD}{indent(chr(10).join(matches), '  ')}\n}}}}\n"
    return Scene(rules, "\n".join(cases))


def _arrows(language: str) -> Iterator[Example]:
    for first, header, content in _blocks():
        kind, _, flavour = header.partition(" ")
        if kind == language:
            for number, line in enumerate(content.splitlines(), first):
                asked, arrow, told = line.rpartition(" → ")
                assert arrow, f"line {number} has no arrow: {line}"
                yield Example(number, asked.strip(), told.strip(), flavour)


def _rows() -> Iterator[tuple[str, tuple[Example, ...]]]:
    """Every row of a table with its examples."""
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("|"):
            yield line, tuple(Example(number, *found) for found in _CELL.findall(line))


def _blocks() -> Iterator[tuple[int, str, str]]:
    """Each fenced block: the number of its first line, what stands behind the fence, the content."""
    text = PAGE.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w[\w ]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, found.start(2)) + 1, found[1], found[2]

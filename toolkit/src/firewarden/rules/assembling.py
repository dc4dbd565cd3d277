"""One deployable rules file out of one fragment per domain.

Firebase deploys a single file and the rules language has no include. This joins texts and checks how they
fit together; it does not parse conditions, and whether a rule is right is for a compiler to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from firewarden.errors import Fault
from firewarden.rules.fragments import Item, ScanFault, scan

SHARED = "shared.rules"
_INDENT = " " * 4  # inside `service` and `match /databases/…`, two columns each
_BANNER_WIDTH = 100

_HEAD = (
    "rules_version = '2';",
    "",
    "service cloud.firestore {",
    "  match /databases/{database}/documents {",
)
_TAIL = ("  }", "}")

_MISPLACED = {
    "rules_version": "rules_version belongs to the assembled file; delete this line from the fragment",
    "service": "the service block is added when the file is assembled; keep only what stands inside it",
    "allow": "an allow statement must stand inside a match block",
    "let": "a let statement must stand inside a function",
    "return": "a return statement must stand inside a function",
}


@dataclass(frozen=True, slots=True)
class Fragment:
    """One source file: the path that messages and banners show, and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line of the assembled file was written; lines count from 1."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """The assembled text, or the faults that prevented it: exactly one of the two is empty."""

    text: str
    faults: tuple[Fault, ...]
    origins: tuple[Origin | None, ...]

    def origin(self, line: int) -> Origin | None:
        """Return where the given line of the text (from 1) comes from; None for lines added here."""
        return self.origins[line - 1] if 1 <= line <= len(self.origins) else None


def assemble(fragments: Iterable[Fragment], *, sources: str = "rules/*.rules") -> Assembly:
    """Equal fragments give equal bytes, whatever order they come in: shared.rules first, then by name.

    A fragment may hold functions, matches and comments. All faults are reported at once.
    """
    ordered = sorted(fragments, key=_position)
    faults = _faults(ordered, sources)
    if faults:
        return Assembly(text="", faults=faults, origins=())
    lines: list[tuple[str, Origin | None]] = [(line, None) for line in (_header(sources), *_HEAD)]
    for index, fragment in enumerate(ordered):
        lines += [("", None)] * bool(index)
        lines.append((_banner(fragment.path), None))
        lines += _indented(fragment)
    lines += [(line, None) for line in _TAIL]
    return Assembly(
        text="".join(f"{line}\n" for line, _ in lines),
        faults=(),
        origins=tuple(origin for _, origin in lines),
    )


def _position(fragment: Fragment) -> tuple[bool, str]:
    return PurePosixPath(fragment.path).name != SHARED, fragment.path


def _header(sources: str) -> str:
    return f"// Assembled from {sources} by `firewarden rules build`; edit those, not this file."


def _banner(path: str) -> str:
    return f"{_INDENT}// ---- {path} ".ljust(_BANNER_WIDTH, "-")


def _indented(fragment: Fragment) -> list[tuple[str, Origin | None]]:
    """Return the fragment's lines in place, without blank lines at its ends or blanks at line ends."""
    numbered = [(line.rstrip(), number) for number, line in enumerate(_lines(fragment.text), start=1)]
    while numbered and not numbered[0][0]:
        numbered.pop(0)
    while numbered and not numbered[-1][0]:
        numbered.pop()
    return [(_INDENT + line if line else "", Origin(fragment.path, number)) for line, number in numbered]


def _lines(text: str) -> list[str]:
    # Not splitlines(): it also breaks at characters that are no line ends to the rules compiler.
    return text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")


def _faults(fragments: Sequence[Fragment], sources: str) -> tuple[Fault, ...]:
    if not fragments:
        return (Fault(sources, 0, "no rules fragments found; write at least one file such as shared.rules"),)
    faults: list[Fault] = []
    first_seen: dict[str, Origin] = {}
    for fragment in fragments:
        for part in scan("\n".join(_lines(fragment.text))):
            if isinstance(part, ScanFault):
                faults.append(Fault(fragment.path, part.line, part.message))
            else:
                faults += _item_faults(fragment, part, first_seen)
    return tuple(faults)


def _item_faults(fragment: Fragment, item: Item, first_seen: dict[str, Origin]) -> list[Fault]:
    if item.keyword == "match":
        return []
    if item.keyword != "function":
        problem = _MISPLACED.get(
            item.keyword, f"only functions, matches and comments may stand here, found {item.keyword!r}"
        )
        return [Fault(fragment.path, item.line, problem)]
    earlier = first_seen.setdefault(item.name, Origin(fragment.path, item.line))
    if earlier == Origin(fragment.path, item.line):
        return []
    problem = f"function {item.name} is already defined at {earlier.path}:{earlier.line}; rename or share one"
    return [Fault(fragment.path, item.line, problem)]

"""Why a request was denied: the emulator's answer, with the line of the rules fragment that said no.

The emulator names lines of `firestore.rules`; people edit `rules/*.rules`. Nothing is evaluated here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from firewarden.errors import FirewardenError
from firewarden.rules import Assembly, Fragment, assemble

_STATEMENT_CHARS_MAX = 150
_REFUSAL = re.compile(r"([^,\n]+?) for '(\w+)' @ L(\d+)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One `allow` that did not grant: where it stands, its text, and what it came to."""

    place: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules in force and the fragments they were assembled from."""

    path: Path
    text: str
    assembly: Assembly

    def explain(self, message: str) -> tuple[Refusal, ...]:
        """Every refusal the emulator names, once each; empty when it names none (no `allow` matched at all)."""
        reasons: dict[int, list[str]] = {}
        for reason, _, line in _REFUSAL.findall(message):
            reasons.setdefault(int(line), []).append(reason.strip())
        return tuple(self._refusal(line, _telling(found)) for line, found in reasons.items())

    def _refusal(self, line: int, reason: str) -> Refusal:
        origin = self.assembly.origin(line)
        statement = "\n".join(self.text.split("\n")[line - 1 :]).partition(";")[0]
        text = shorten(statement, _STATEMENT_CHARS_MAX, placeholder=" …")
        place = f"{origin.path}:{origin.line}" if origin else f"{self.path.name}:{line}"
        return Refusal(place, text, reason)


def read_rules(root: Path) -> RuleBook:
    """The deployed file must be what its fragments give, or no line of it could be traced."""
    path = root / "firestore.rules"
    fragments = [Fragment(f"rules/{file.name}", file.read_text("utf-8")) for file in _fragments(root / "rules")]
    assembly = assemble(fragments)
    if not path.is_file() or path.read_text("utf-8") != assembly.text:
        raise FirewardenError(f"{path} is not what rules/*.rules give.", hint="Run: firewarden rules build")
    return RuleBook(path, assembly.text, assembly)


def _telling(reasons: Sequence[str]) -> str:
    """The emulator evaluates a statement twice, first without the document; only the second says something."""
    told = [reason for reason in reasons if not reason.startswith("evaluation error")]
    return (told or list(reasons))[-1]


def _fragments(folder: Path) -> Sequence[Path]:
    return sorted(folder.glob("*.rules"))

"""The cases that a command is about: all of a file, or those that are named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from firewarden.cli.options import needs_extra
from firewarden.errors import FirewardenError

if TYPE_CHECKING:
    from firewarden.testing.cases import Case


def chosen_cases(file: Path, names: Sequence[str] = ()) -> list[Case]:
    """The cases with these names or ids, in the order of the file; without names, all of them."""
    with needs_extra("testing"):
        from firewarden.testing.cases import load_cases  # noqa: PLC0415 - reads YAML, an extra
    cases = load_cases(file).cases
    chosen = [each for each in cases if not names or {each.name, each.id} & set(names)]
    unknown = [name for name in names if not any(name in (each.name, each.id) for each in chosen)]
    if unknown:
        raise FirewardenError(
            f"{file} has no case {unknown[0]!r}.", hint=f"It has {', '.join(repr(each.name) for each in cases)}."
        )
    return chosen

"""The cases that a command is about: all of a file, or those that are named; and where case files are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from firewarden.cli.options import needs_extra
from firewarden.errors import FirewardenError

if TYPE_CHECKING:
    from firewarden.testing.cases import Case

_NOT_ENTERED = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}", "__pycache__")
"""Folders that pytest leaves out (its default `norecursedirs`)."""


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


def found_case_files(folder: Path) -> list[Path]:
    """The `*.cases.yaml` files below a folder, relative to it, where pytest would find them by default."""
    found = []
    for root, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if _is_entered(Path(root, each))]
        found += [Path(root, each).relative_to(folder) for each in files if each.endswith(".cases.yaml")]
    return sorted(found)


def _is_entered(folder: Path) -> bool:
    is_environment = (folder / "pyvenv.cfg").is_file()
    return not is_environment and not any(fnmatch(folder.name, each) for each in _NOT_ENTERED)

"""The rules file that a command is about, found or named, and its diagnostics on a terminal."""

from __future__ import annotations

import argparse
from pathlib import Path

from firewarden.cli.project import find_project
from firewarden.errors import FirewardenError
from firewarden.rules import PRESETS, Compatibility


def rules_file(named: Path | None) -> Path:
    """The named file, else the one of firebase.json, else firestore.rules here."""
    if named is not None:
        return named
    project = find_project(Path.cwd())
    return project.firestore_rules or project.root / "firestore.rules"


def read_rules(file: Path) -> str:
    """The text of a rules file."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = "Name your rules file, or run this where firebase.json or firestore.rules is."
        raise FirewardenError(f"There is no rules file {file}.", hint=hint) from None
    except (OSError, UnicodeDecodeError) as error:
        raise FirewardenError(f"{file} cannot be read: {error}.", hint="A rules file is UTF-8 text.") from error


def add_compatibility(command: argparse.ArgumentParser, *, default: str) -> None:
    """Declare `--compat`."""
    command.add_argument(
        "--compat",
        choices=tuple(PRESETS),
        default=default,
        help=f"whose behaviour is followed where production and emulator differ (default: {default})",
    )


def compatibility(args: argparse.Namespace) -> Compatibility:
    """What `--compat` names."""
    return PRESETS[args.compat]

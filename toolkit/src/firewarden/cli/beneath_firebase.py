"""Commands of the Firebase CLI, which starts Firestore itself: what `exec` leaves to it, and what ours is told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

_PROGRAMS = {"firebase", "firebase.js", "firebase-tools"}
_STARTING = {"emulators:start", "emulators:exec"}
_PROGRAM_WORDS = 4
"""Among the first words is the program: `firebase`, or `npx --yes -- firebase-tools@15` and the like."""
_FOR_OTHER_COMMANDS = {"project", "port", "websocket_port", "hub", "bill", "bill_json", "location", "prices"}
_OWN = {"help", "as_java", *_FOR_OTHER_COMMANDS}


def starts_its_own(command: Sequence[str]) -> bool:
    """Whether the command starts a Firestore itself, by way of `java`."""
    programs = {Path(each).name.partition("@")[0] for each in command[:_PROGRAM_WORDS]}
    return bool(programs & _PROGRAMS) and bool(_STARTING & set(command))


def passed_on(args: argparse.Namespace) -> list[str]:
    """The options that were given and say how a Firestore behaves; where it listens, the Firebase CLI says."""
    found: list[str] = []
    for action in args.options._actions:  # noqa: SLF001 - argparse tells of no other way to its options
        value = getattr(args, action.dest, None)
        if not action.option_strings or value == action.default:
            continue
        option = action.option_strings[0]
        if action.dest in _FOR_OTHER_COMMANDS:
            print(f"{option} has no effect: the command starts the Firestore, by way of java", file=sys.stderr)
        elif action.dest not in _OWN:
            found += [option, *_told(value)]
    return found


def _told(value: object) -> list[str]:
    """A value as it is written on a command line."""
    if value is True:
        return []
    if isinstance(value, tuple):
        return [":".join(map(str, value))]
    return [str(value.absolute() if isinstance(value, Path) else value)]

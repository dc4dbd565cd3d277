"""Arguments that several commands share, read from text and refused with a reason."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from firewarden.errors import FirewardenError

PORT_MAX = 65_535

# add_subparsers() returns a type that argparse does not publish.
Commands = Any


def add_command(commands: Commands, name: str, *, summary: str, about: str, examples: str) -> argparse.ArgumentParser:
    """Return a parser whose help ends with examples, laid out as they are written."""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=about,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return command


def address(text: str) -> tuple[str, int]:
    """`HOST:PORT`, with an IPv6 host in brackets."""
    host, colon, number = text.rpartition(":")
    if not colon or not host:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:8080")
    return host.strip("[]"), port(number)


def port(text: str) -> int:
    """A TCP port; 0 is any free one."""
    if not text.isdecimal() or int(text) > PORT_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to {PORT_MAX}")
    return int(text)


def seconds(text: str) -> float:
    """A duration in seconds, not negative."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def moment(text: str) -> datetime:
    """A time with its timezone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time with a timezone, such as 2026-05-01T12:00:00Z")
    return found


def backoff(text: str) -> tuple[float, float]:
    """`FIRST:LONGEST`, both in seconds."""
    first, colon, longest = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"{text!r} is not FIRST:LONGEST in seconds, such as 0.2:5")
    if seconds(first) > seconds(longest):
        raise argparse.ArgumentTypeError(f"{text!r}: the first wait is longer than the longest")
    return seconds(first), seconds(longest)


def percentage(text: str) -> float:
    """A number from 0 to 100."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100")
    return value


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """For imports: a missing package is answered with what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise FirewardenError(
            f"This command needs the package {error.name}, which is not installed.",
            hint=f'pip install "firewarden[{extra}]"',
        ) from error

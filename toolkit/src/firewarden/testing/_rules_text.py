"""Rules as an argument: the path of a file, or the text itself."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from firewarden.errors import FirewardenError


def rules_text(source: str | PathLike[str]) -> tuple[str, str]:
    """The text, and what to call it in messages. A string without braces and line breaks is a path."""
    if isinstance(source, str) and ("\n" in source or "{" in source):
        return source, "the rules"
    try:
        return Path(source).read_text(encoding="utf-8"), str(source)
    except FileNotFoundError:
        raise FirewardenError(
            f"There is no rules file {source}.", hint="Give its path, or the rules as text."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise FirewardenError(f"{source} cannot be read: {error}.", hint="A rules file is UTF-8 text.") from error

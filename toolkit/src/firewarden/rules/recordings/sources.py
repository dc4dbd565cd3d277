"""Recordings of the official compiler: acceptance, errors and warnings of a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from firewarden.language import OfficialIssue, Parsed
from firewarden.rules.checking import parse_rules
from firewarden.rules.recordings.discrepancy import Discrepancy, Record

_TITLE = "Error compiling rules:\n"


def replay_source(record: Record) -> Discrepancy | None:
    """Compile the `source` again."""
    parsed = parse_rules(record["source"])
    accepted = parsed.ruleset is not None
    if accepted != record["accepted"]:
        return Discrepancy("outcome", _acceptance(record["accepted"]), _acceptance(accepted))
    if not accepted:
        error = error_of(parsed)
        return None if error == record["error"] else Discrepancy("message", record["error"], error)
    return compared_issues(parsed, record.get("issues") or (), lines_above={None: 0})


def error_of(parsed: Parsed) -> str:
    """The answer of the official emulator to a source that is refused."""
    return _TITLE + "\n".join(map(str, parsed.official))


def compared_issues(
    parsed: Parsed, recorded: Iterable[Mapping[str, Any] | str], *, lines_above: Mapping[str | None, int]
) -> Discrepancy | None:
    """Compare warnings: recorded are objects with their positions, or bare descriptions.

    A recorded warning counts lines from the start of a part of the source; `lines_above` tells for each part, by
    the name under `in`, how many lines of the source are above it.
    """
    descriptions = [each for each in recorded if isinstance(each, str)]
    issues = [_issue(each, lines_above) for each in recorded if not isinstance(each, str)]
    if descriptions:
        expected, got = sorted(descriptions), sorted(each.description for each in parsed.official)
    else:
        expected, got = sorted(map(str, issues)), sorted(map(str, parsed.official))
    return None if expected == got else Discrepancy("message", expected, got)


def _issue(recorded: Mapping[str, Any], lines_above: Mapping[str | None, int]) -> OfficialIssue:
    line = recorded["line"] + lines_above[recorded.get("in")]
    return OfficialIssue(line, recorded["column"], recorded["description"])


def _acceptance(accepted: bool) -> str:  # noqa: FBT001 - it is the value that is put in words
    return "accepted" if accepted else "refused"

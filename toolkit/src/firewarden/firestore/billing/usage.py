"""How much was used: counts that can be added and subtracted, and sent as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Usage(NamedTuple):
    """`reads`, `writes`, `deletes` and `ttl_deletes` are billed operations, `egress` is billed in bytes.

    `lookups` are those of the reads that security rules asked for. `index_entries` were read; whether they are billed
    is in `reads` already.
    """

    reads: int = 0
    writes: int = 0
    deletes: int = 0
    index_entries: int = 0
    lookups: int = 0
    ttl_deletes: int = 0
    egress: int = 0

    def __add__(self, other: Usage) -> Usage:  # type: ignore[override]  # counts are added, not put in a row
        return Usage(*map(int.__add__, self, other))

    def __sub__(self, other: Usage) -> Usage:
        return Usage(*map(int.__sub__, self, other))

    def __bool__(self) -> bool:
        return any(self)

    def as_json(self) -> dict[str, int]:
        """By name."""
        return self._asdict()

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Usage:
        """The reverse of `as_json`; what is not named is 0."""
        return cls(**{name: int(content.get(name, 0)) for name in NAMES})


NAMES: tuple[str, ...] = Usage._fields
"""What is counted."""

NOTHING = Usage()

"""A recorded answer that was not given again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """In what an answer differs from the recorded one, and both of them.

    An outcome is allowed, denied, accepted, refused, a value or an error; only where it agrees, values or messages
    are compared.
    """

    kind: Literal["outcome", "value", "message"]
    expected: Any
    got: Any

"""People who are signed in."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Person:
    """A member, as the functions know them once their token is verified."""

    uid: str
    role: Literal["member", "admin"] | None = "member"

"""Who asked when the recordings were made, and what was stored."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from firewarden.rules.requests import auth_of
from firewarden.values import Timestamp

NOW: Final = Timestamp(1_800_000_000_123_000_000)
CLAIMS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "sub": "alice",
        "user_id": "alice",
        "iss": "https://securetoken.google.com/demo-x",
        "aud": "demo-x",
        "iat": 1700000000,
        "auth_time": 1700000000,
        "exp": 4000000000,
        "firebase": {"sign_in_provider": "custom", "identities": {}},
    }
)
CALLER: Final = auth_of(CLAIMS)


def nothing_stored(_: object) -> None:
    """No document anywhere."""

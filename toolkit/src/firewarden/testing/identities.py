"""Clients of one database for any identity, wherever the database is: behind an address or in this process."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from firewarden.testing.tokens import OWNER, unsigned_id_token

if TYPE_CHECKING:
    # Whoever only asks for an address does without the client library, which takes long to import.
    from firewarden.testing.clients import ActingAsyncClient, ActingClient


class Identities(ABC):
    """The same identity gets the same client; `close` closes them all."""

    def __init__(self, project: str) -> None:
        self.project = project
        self._clients: dict[str, ActingClient] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def as_user(self, uid: str, **claims: Any) -> ActingClient:
        """Acts as this signed-in user; the claims are what rules see in ``request.auth.token``."""
        return self.as_identity(uid, claims)

    def as_identity(self, uid: str, claims: Mapping[str, Any] | None = None) -> ActingClient:
        """`as_user` with the claims as a mapping, for names that are no Python identifiers."""
        key = f"user {uid} {json.dumps(claims or {}, sort_keys=True)}"
        return self._opened(key, lambda: unsigned_id_token(uid, claims, project=self.project))

    def as_guest(self) -> ActingClient:
        """Acts as somebody who is not signed in."""
        return self._opened("guest", lambda: None)

    def as_owner(self) -> ActingClient:
        """Acts as the owner of the database: no rules apply."""
        return self._opened("owner", lambda: OWNER)

    def as_user_async(self, uid: str, **claims: Any) -> ActingAsyncClient:
        """`as_user` for asyncio. An async client belongs to one event loop, so each call opens a new one."""
        return self.as_identity_async(uid, claims)

    def as_identity_async(self, uid: str, claims: Mapping[str, Any] | None = None) -> ActingAsyncClient:
        """`as_identity` for asyncio."""
        return self._async_client(unsigned_id_token(uid, claims, project=self.project))

    def as_guest_async(self) -> ActingAsyncClient:
        """`as_guest` for asyncio."""
        return self._async_client(None)

    def as_owner_async(self) -> ActingAsyncClient:
        """`as_owner` for asyncio."""
        return self._async_client(OWNER)

    def close(self) -> None:
        """Closes every client opened so far; async ones end with their event loop."""
        while self._clients:
            _, client = self._clients.popitem()
            client.close()

    @abstractmethod
    def clear(self) -> None:
        """Removes every document."""

    @abstractmethod
    def _client(self, token: str | None) -> ActingClient:
        """A new client that sends this token, or none."""

    @abstractmethod
    def _async_client(self, token: str | None) -> ActingAsyncClient:
        """The same for asyncio."""

    def _opened(self, key: str, token: Callable[[], str | None]) -> ActingClient:
        if key not in self._clients:
            self._clients[key] = self._client(token())
        return self._clients[key]

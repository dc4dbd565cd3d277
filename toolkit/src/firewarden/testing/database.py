"""One project's database on a running server, and the clients of one test on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Self

from google.cloud.firestore import AsyncClient, Client

from firewarden.testing import clients
from firewarden.testing.control import EmulatorControl


class Database:
    """A database that clients of any identity can be opened on; the same identity gets the same client.

    `close` closes the clients and leaves `control` to whoever gave it.
    """

    def __init__(self, *, host: str, project: str, control: EmulatorControl) -> None:
        self.host = host
        self.project = project
        self.control = control
        self._clients: dict[str, Client] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def clear(self) -> None:
        """Removes every document."""
        self.control.clear(self.project)

    def as_user(self, uid: str, **claims: Any) -> Client:
        """Acts as this signed-in user; the claims are what rules see in ``request.auth.token``."""
        return self.as_identity(uid, claims)

    def as_identity(self, uid: str, claims: Mapping[str, Any] | None = None) -> Client:
        """`as_user` with the claims as a mapping, for names that are no Python identifiers."""
        key = f"user {uid} {json.dumps(claims or {}, sort_keys=True)}"
        return self._opened(key, lambda: clients.firestore_as(uid, claims, **self._place()))

    def as_guest(self) -> Client:
        """Acts as somebody who is not signed in."""
        return self._opened("guest", lambda: clients.firestore_as_guest(**self._place()))

    def as_owner(self) -> Client:
        """Acts as the owner of the database: no rules apply."""
        return self._opened("owner", lambda: clients.firestore_as_owner(**self._place()))

    def as_user_async(self, uid: str, **claims: Any) -> AsyncClient:
        """`as_user` for asyncio. An async client belongs to one event loop, so each call opens a new one."""
        return clients.firestore_as_async(uid, claims, **self._place())

    def as_identity_async(self, uid: str, claims: Mapping[str, Any] | None = None) -> AsyncClient:
        """`as_identity` for asyncio."""
        return clients.firestore_as_async(uid, claims, **self._place())

    def as_guest_async(self) -> AsyncClient:
        """`as_guest` for asyncio."""
        return clients.firestore_as_guest_async(**self._place())

    def as_owner_async(self) -> AsyncClient:
        """`as_owner` for asyncio."""
        return clients.firestore_as_owner_async(**self._place())

    def close(self) -> None:
        """Closes every client opened so far; async ones end with their event loop."""
        while self._clients:
            _, client = self._clients.popitem()
            client.close()  # type: ignore[no-untyped-call]  # the client library leaves it untyped

    def _place(self) -> dict[str, str]:
        return {"project": self.project, "host": self.host}

    def _opened(self, key: str, opens: Callable[[], Client]) -> Client:
        if key not in self._clients:
            self._clients[key] = opens()
        return self._clients[key]

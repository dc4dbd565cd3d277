"""One project's database on a running server, and the clients of one test on it."""

from __future__ import annotations

from firewarden.testing.clients import ActingAsyncClient, ActingClient
from firewarden.testing.control import EmulatorControl
from firewarden.testing.identities import Identities

_DATABASE = "(default)"


class Database(Identities):
    """A database that clients of any identity can be opened on; the same identity gets the same client.

    `close` closes the clients and leaves `control` to whoever gave it.
    """

    def __init__(self, *, host: str, project: str, control: EmulatorControl) -> None:
        super().__init__(project)
        self.host = host
        self.control = control

    def clear(self) -> None:
        """Removes every document."""
        self.control.clear(self.project)

    def _client(self, token: str | None) -> ActingClient:
        return ActingClient(token, self.project, self.host, _DATABASE)

    def _async_client(self, token: str | None) -> ActingAsyncClient:
        return ActingAsyncClient(token, self.project, self.host, _DATABASE)

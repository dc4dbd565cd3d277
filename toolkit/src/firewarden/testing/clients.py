"""google-cloud-firestore clients that act as a user, as a guest, or as the owner of the database.

The stock client always sends ``Bearer owner`` to an emulator and so can never be refused; these send the
token of who they act as on every call: reads, writes, transactions, queries and listeners. They take the
server's address and the project as arguments and ignore the environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient, Client

from firewarden.testing._action import ACTION_HEADER, current_action
from firewarden.testing.tokens import OWNER, unsigned_id_token

_CONNECT_S = 10.0
_CHANNEL_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # gRPC obeys http_proxy even for this machine's own addresses unless no_proxy lists them.
    ("grpc.enable_http_proxy", 0),
)


def firestore_as(
    uid: str,
    claims: Mapping[str, Any] | None = None,
    *,
    project: str,
    host: str,
    database: str = "(default)",
) -> ActingClient:
    """A client whose every call is made by the signed-in user `uid` with these token claims."""
    return ActingClient(unsigned_id_token(uid, claims, project=project), project, host, database)


def firestore_as_guest(*, project: str, host: str, database: str = "(default)") -> ActingClient:
    """A client that is not signed in: ``request.auth`` is null."""
    return ActingClient(None, project, host, database)


def firestore_as_owner(*, project: str, host: str, database: str = "(default)") -> ActingClient:
    """A client that no rule applies to, like the server SDKs in production."""
    return ActingClient(OWNER, project, host, database)


def firestore_as_async(
    uid: str,
    claims: Mapping[str, Any] | None = None,
    *,
    project: str,
    host: str,
    database: str = "(default)",
) -> ActingAsyncClient:
    """`firestore_as` for asyncio."""
    return ActingAsyncClient(unsigned_id_token(uid, claims, project=project), project, host, database)


def firestore_as_guest_async(*, project: str, host: str, database: str = "(default)") -> ActingAsyncClient:
    """`firestore_as_guest` for asyncio."""
    return ActingAsyncClient(None, project, host, database)


def firestore_as_owner_async(*, project: str, host: str, database: str = "(default)") -> ActingAsyncClient:
    """`firestore_as_owner` for asyncio."""
    return ActingAsyncClient(OWNER, project, host, database)


@contextmanager
def kept_connection(host: str) -> Iterator[None]:
    """While this lasts, clients of a server share one connection: channels with the same options do.

    Each keeps a channel of its own, whose calls and listeners end with it; what is saved is to connect again.
    """
    with grpc.insecure_channel(host, options=_CHANNEL_OPTIONS) as channel:
        with suppress(grpc.RpcError):  # whatever is answered: it is connected
            channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=_CONNECT_S)
        yield


class _Acting:
    """What both clients change in the stock one: where it connects and which token it sends."""

    _emulator_host: str
    _rpc_metadata_internal: list[tuple[str, str]] | None
    _database_string: str

    def _act(self, token: str | None, host: str) -> None:
        # The stock constructor takes the host from the environment; the argument decides here.
        self._emulator_host = host
        self._rpc_metadata_internal = [("google-cloud-resource-prefix", self._database_string)]
        if token is not None:
            self._rpc_metadata_internal.append(("authorization", f"Bearer {token}"))

    @property
    def _rpc_metadata(self) -> list[tuple[str, str]]:
        # INVARIANT: the client library takes the metadata of every call from here, listeners included.
        metadata = list(self._rpc_metadata_internal or ())
        if name := current_action():
            metadata.append((ACTION_HEADER, name))
        return metadata


class ActingClient(_Acting, Client):  # type: ignore[misc]  # the client library publishes no types
    """A google-cloud-firestore Client with a token of our choice."""

    def __init__(self, token: str | None, project: str, host: str, database: str) -> None:
        Client.__init__(self, project=project, credentials=_no_credentials(), database=database)
        self._act(token, host)

    def _emulator_channel(self, transport: Any) -> grpc.Channel:  # noqa: ARG002 - the stock signature
        return grpc.insecure_channel(self._emulator_host, options=_CHANNEL_OPTIONS)

    def close(self) -> None:
        """Ends the connection; the client is of no use afterwards."""
        if self._firestore_api_internal is not None:
            self._firestore_api_internal.transport.close()
        Client.close(self)  # type: ignore[no-untyped-call]  # publishes no types

    def __enter__(self) -> ActingClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ActingAsyncClient(_Acting, AsyncClient):  # type: ignore[misc]  # the client library publishes no types
    """A google-cloud-firestore AsyncClient with a token of our choice."""

    def __init__(self, token: str | None, project: str, host: str, database: str) -> None:
        AsyncClient.__init__(self, project=project, credentials=_no_credentials(), database=database)
        self._act(token, host)

    def _emulator_channel(self, transport: Any) -> grpc.aio.Channel:  # noqa: ARG002 - the stock signature
        return grpc.aio.insecure_channel(self._emulator_host, options=_CHANNEL_OPTIONS)

    async def aclose(self) -> None:
        """Ends the connection; the client is of no use afterwards."""
        if self._firestore_api_internal is not None:
            await self._firestore_api_internal.transport.close()

    async def __aenter__(self) -> ActingAsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _no_credentials() -> AnonymousCredentials:
    return AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it untyped

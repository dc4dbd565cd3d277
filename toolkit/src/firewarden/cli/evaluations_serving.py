"""The requests page's WebSocket beside a local Firestore, where it was asked for."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from firewarden.server.serving import Server

if TYPE_CHECKING:
    from firewarden.server.evaluations import History
    from firewarden.server.evaluations_server import EvaluationsServer


@contextmanager
def evaluations_beside(args: argparse.Namespace, server: Server, *, host: str) -> Iterator[EvaluationsServer | None]:
    """Tells what the server's rules are asked; None if nobody wants to hear it."""
    if args.websocket_port is None:
        yield None
        return
    from firewarden.server.evaluations_server import EvaluationsServer  # noqa: PLC0415 - most do without

    history = cast("History", server.engine.options.evaluations)  # as `firestore_serving` has made it
    with EvaluationsServer(history, host=host, port=args.websocket_port) as serving:
        yield serving

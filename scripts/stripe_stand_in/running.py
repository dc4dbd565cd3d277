"""Serves a stand-in on a port, in threads of this process, and delivers its events if asked to."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from stripe_stand_in.outbox import Webhook
from stripe_stand_in.server import create_app
from stripe_stand_in.stand_in import StandIn
from stripe_stand_in.worker import Worker

_JOIN_S = 10.0
_BACKLOG = 1024


class _Quiet(WSGIRequestHandler):
    """Requests are no news; what goes wrong still is."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


class RunningStandIn(StandIn):
    """A stand-in that listens: `base_url` is what the SDK's `base_addresses={"api": ...}` wants."""

    base_url: str = ""


@contextmanager
def running_stand_in(
    *,
    webhooks: Sequence[Webhook] = (),
    delivers: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
    workers: int = 1,
    **options: Any,
) -> Iterator[RunningStandIn]:
    """A stand-in that answers over HTTP inside the block. Port 0 is any free one.

    With `delivers` events go out by themselves when they are due; without, `deliver()` sends them. Other options are
    those of `StandIn`. Raises OSError where it cannot listen.
    """
    stand_in = RunningStandIn(webhooks=webhooks, **options)
    # A socket of our own: werkzeug ends the process where the port is in use.
    with socket.create_server((host, port), backlog=_BACKLOG) as listener:
        port = listener.getsockname()[1]
        server = make_server(
            host, port, create_app(stand_in), threaded=True, request_handler=_Quiet, fd=listener.fileno()
        )
    stand_in.base_url = f"http://{host}:{port}"
    stand_in.show_pages_at(stand_in.base_url)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="stripe-stand-in")
    serving.start()
    worker = Worker(stand_in, workers) if delivers else None
    try:
        if worker is not None:
            worker.start()
        yield stand_in
    finally:
        if worker is not None:
            worker.stop()
        server.shutdown()
        serving.join(_JOIN_S)
        server.server_close()

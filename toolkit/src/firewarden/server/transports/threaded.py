"""HTTP with a thread for each connection: for what is asked seldom, beside the port for everything else."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from firewarden.errors import PortInUse


class ThreadedHttp(ThreadingHTTPServer):
    """Listens at a name or an address of either family. Raises `PortInUse`, with a hint at what to do."""

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler], *, hint: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), handler)
        except OSError as error:
            raise PortInUse(f"{host}:{port}: {error.strerror or error}", hint=hint) from error

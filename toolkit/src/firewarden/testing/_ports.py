"""TCP ports of this machine: a free one, and whether one is taken. Not a reservation."""

from __future__ import annotations

import socket

from firewarden.errors import PortInUse


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at the moment of asking."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(host: str, port: int) -> None:
    """A server may only be started on a port nobody listens on; raises PortInUse otherwise."""
    with socket.socket() as probe:
        # As servers do: a port in TIME_WAIT after an earlier run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(
                f"Port {port} on {host} is not free: {error.strerror}.",
                hint=f"`lsof -i :{port}` or `ss -ltnp` names its owner; or ask for port 0: any free one.",
            ) from error

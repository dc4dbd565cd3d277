"""The socket and the server behind the host: threads, one per request, and nothing printed."""

import errno
import socket
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from firewarden.errors import FirewardenError, PortInUse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_BACKLOG = 256  # connections that may wait while threads are busy


def listen(host: str, port: int) -> socket.socket:
    """The port is taken from here on, so that it can be told to an emulator before functions are loaded.

    Port 0 is any free one. Raises PortInUse.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A port left in TIME_WAIT by an earlier run is free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise FirewardenError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
        raise PortInUse(
            f"Port {port} on {host} is in use: the functions cannot be served there.",
            hint=f"End the other process (`lsof -i :{port}` names it), or choose another port with --port.",
        ) from error
    return listener


def wsgi_server(listener: socket.socket, app: "WSGIApplication") -> BaseWSGIServer:
    """Return a server on the given socket; it takes a copy, so that closing the listener is the caller's."""
    host, port = listener.getsockname()[:2]
    # Through the descriptor, because werkzeug ends the process itself when it cannot bind.
    return make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno())


class _Quiet(WSGIRequestHandler):
    """Requests are reported by the host's router, which knows the function and the time it took."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""

"""The stand-in over HTTP: the API below `/v1`, the pages of customers, and the controls of whoever runs it."""

import socket
from collections.abc import Iterable

from flask import Flask, Response, request

from stripe_stand_in.api import ApiRequest
from stripe_stand_in.controls import controls_of
from stripe_stand_in.forms import pairs_of
from stripe_stand_in.pages import pages_of
from stripe_stand_in.stand_in import StandIn

_LARGEST_BODY = 1_000_000


def create_app(stand_in: StandIn) -> Flask:
    """The WSGI application of this stand-in."""
    app = Flask("stripe_stand_in", root_path=str(__file__).rpartition("/")[0])
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.register_blueprint(pages_of(stand_in))
    app.register_blueprint(controls_of(stand_in))

    @app.route("/v1/<path:_path>", methods=["GET", "POST", "DELETE"])
    def api(_path: str) -> Response:
        answer = stand_in.answer(
            ApiRequest(
                method=request.method,
                path=request.path,
                pairs=[*pairs_of(request.query_string.decode()), *pairs_of(request.get_data(as_text=True))],
                headers={name.lower(): value for name, value in request.headers.items()},
            )
        )
        if answer.status is None:
            return Response(_cut(request.environ.get("werkzeug.socket")))
        return Response(answer.body, answer.status, dict(answer.headers))

    return app


def _cut(connection: socket.socket | None) -> Iterable[bytes]:
    """The caller's connection ends without an answer."""
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("a fault was switched on")

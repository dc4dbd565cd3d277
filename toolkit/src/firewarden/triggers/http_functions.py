"""One HTTP function as a WSGI application: it is called with the Flask request that production gives it."""

from collections.abc import Callable
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

ERROR = "firewarden.error"  # where in the WSGI environment the exception of a failed call is left


def http_app(name: str, handler: Callable[[Any], Any]) -> flask.Flask:
    """Any path and method reaches the handler; an exception becomes a 500 without its text.

    The exception is left in the environment for the log: a client must not learn what went wrong inside.
    """
    app = flask.Flask(name, static_folder=None)

    def run(path: str) -> ResponseReturnValue:  # noqa: ARG001 - handlers read request.path
        # The request itself rather than the proxy: a handler may hand it to another thread.
        request = flask.request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            return handler(request)  # type: ignore[no-any-return]
        except SystemExit as error:
            # Flask lets it through, which would close the connection without an answer.
            raise RuntimeError(f"the function called sys.exit({error.code!r})") from error

    # Only a rule added without methods takes every method, OPTIONS included.
    app.url_map.add(Rule("/", defaults={"path": ""}, endpoint="run"))
    app.url_map.add(Rule("/<path:path>", endpoint="run"))
    app.view_functions["run"] = run
    app.register_error_handler(Exception, _answer_error)
    return app


def _answer_error(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException):
        return error  # raised on purpose, by flask.abort() for one
    flask.request.environ[ERROR] = error
    return flask.Response("Internal Server Error\n", status=500, mimetype="text/plain")

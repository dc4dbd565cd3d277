"""The deployed HTTP function: hands each request of the functions runtime to the Flask application."""

from functools import lru_cache
from threading import Lock

from firebase_functions import https_fn
from flask import Flask, Request, Response

from gather.http.app import create_app
from gather.runtime import Runtime, runtime
from gather.settings import REGION

# The first requests come at once. One of them builds the application: werkzeug compiles its routes through Python's
# parser, which in Python 3.11 fails with a SystemError now and then when several threads do so.
_BUILDING = Lock()


@https_fn.on_request(region=REGION)
def api(request: Request) -> Response:
    """Serve every route of the application."""
    app = _app_of(runtime())
    with app.request_context(request.environ):
        return app.full_dispatch_request()


def _app_of(found: Runtime) -> Flask:
    with _BUILDING:
        return _built(found)


@lru_cache(maxsize=2)
def _built(found: Runtime) -> Flask:
    return create_app(found)

"""The HTTP application around a test's runtime. Building one takes longer than most tests, so they are used again."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient

from gather.http.app import create_app
from gather.http.context import EXTENSION
from gather.runtime import Runtime

_free: list[Flask] = []
"""Nobody uses them now. Who serves two runtimes at the same time has two."""


@contextmanager
def application(runtime: Runtime) -> Iterator[Flask]:
    """The application, of that runtime inside the block."""
    app = _free.pop() if _free else create_app(runtime)
    app.extensions[EXTENSION] = runtime
    try:
        yield app
    finally:
        app.extensions[EXTENSION] = None
        _free.append(app)


@contextmanager
def http_of(runtime: Runtime) -> Iterator[FlaskClient]:
    """A client of the application."""
    with application(runtime) as app, app.test_client() as client:
        yield client

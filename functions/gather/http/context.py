"""The request's surroundings: the runtime that the Flask app was created with."""

from typing import cast

from flask import current_app

from gather.runtime import Runtime

EXTENSION = "gather"


def current_runtime() -> Runtime:
    """Return the runtime of the application that is serving this request."""
    return cast("Runtime", current_app.extensions[EXTENSION])

"""Fixtures of tickets: a Firestore that its owner sees whole, and requests by whom a test names."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import SignIn


@pytest.fixture
def call(client: Any, http: FlaskClient, signed_in: SignIn) -> Callable[..., Any]:
    """``call("GET", path, by="olga")``: ana buys, cleo has made the event, olga organizes, root is an admin."""

    def send(method: str, path: str, body: Any = None, *, by: str | None = "cleo", **options: Any) -> Any:
        headers = options.pop("headers", {})
        if by is not None:
            headers = headers | signed_in(by, role="admin" if by == "root" else "member")
        return http.open(path, method=method, json=body, headers=headers, **options)

    return send

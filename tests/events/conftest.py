"""Fixtures of events: requests by whom a test names, and events as clients write them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import SignIn
from tests.support.events import event_document


@pytest.fixture
def send(http: FlaskClient, signed_in: SignIn) -> Callable[..., Any]:
    """``send("GET", path, by="ana", role="member")``: cleo has made the event."""

    def call(method: str, path: str, *, by: str | None = "cleo", role: str | None = "member", **options: Any) -> Any:
        headers = {} if by is None else signed_in(by, **({"role": role} if role else {}))
        return http.open(path, method=method, headers=headers, **options)

    return call


@pytest.fixture
def write(client: Any) -> Callable[..., None]:
    """Write an event as a client does: without any field of the functions."""

    def put(**fields: Any) -> None:
        written = ("title", "startAt", "visibility", "createdBy", "createdAt", "updatedAt")
        sound = {name: value for name, value in event_document().items() if name in written}
        client.document("events/e").set(sound | fields)

    return put

"""The fake behind a port."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import pytest

from toolkit.tests.server.transports.rest.fake import PATIENCE_S, Fake, Rest


@pytest.fixture
def rest(serve: Any) -> Iterator[Rest]:
    fake = Fake(b"")
    with serve(fake.services()) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
        yield Rest(fake, connection)
        connection.close()

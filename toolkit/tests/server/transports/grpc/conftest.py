"""A channel to the echo service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest


@pytest.fixture
def channel(served: Any) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(served.target, options=[("grpc.max_receive_message_length", -1)]) as opened:
        yield opened

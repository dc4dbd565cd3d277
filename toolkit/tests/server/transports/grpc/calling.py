"""Calls of the echo service by grpcio, none of which waits for ever."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

SERVICE = "/test.Echo/"
PATIENCE_S = 10.0
MIB = 1 << 20


def ask(channel: grpc.Channel, method: str, request: bytes, **options: Any) -> bytes:
    return bytes(channel.unary_unary(SERVICE + method)(request, **{"timeout": PATIENCE_S, **options}))


def stream(channel: grpc.Channel, method: str, request: bytes, **options: Any) -> Any:
    return channel.unary_stream(SERVICE + method)(request, **{"timeout": PATIENCE_S, **options})


def chat(channel: grpc.Channel, requests: Any, **options: Any) -> Any:
    return channel.stream_stream(SERVICE + "Chat")(requests, **{"timeout": PATIENCE_S, **options})


def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value.code(), caught.value.details()

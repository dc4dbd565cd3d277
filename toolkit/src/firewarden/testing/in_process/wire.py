"""Callables of a channel to a port that is opened when one of them is called: client libraries ask for all at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import grpc


class _OverWire:
    """Whatever is done with it is done with what `opens` returns."""

    def __init__(self, opens: Callable[[], Any]) -> None:
        self._opens = opens

    @cached_property
    def _callable(self) -> Any:
        return self._opens()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._callable(*arguments, **named)

    def with_call(self, *arguments: Any, **named: Any) -> Any:
        return self._callable.with_call(*arguments, **named)

    def future(self, *arguments: Any, **named: Any) -> Any:
        return self._callable.future(*arguments, **named)


class UnaryUnary(_OverWire, grpc.UnaryUnaryMultiCallable):  # type: ignore[misc]  # grpc ships no types
    """One request, one answer."""


class UnaryStream(_OverWire, grpc.UnaryStreamMultiCallable):  # type: ignore[misc]  # grpc ships no types
    """One request, several answers."""


class StreamUnary(_OverWire, grpc.StreamUnaryMultiCallable):  # type: ignore[misc]  # grpc ships no types
    """Several requests, one answer."""


class StreamStream(_OverWire, grpc.StreamStreamMultiCallable):  # type: ignore[misc]  # grpc ships no types
    """Several requests, several answers."""


class AioUnaryUnary(_OverWire, grpc.aio.UnaryUnaryMultiCallable):  # type: ignore[misc]  # grpc ships no types
    """One request, one answer, for asyncio."""


class AioUnaryStream(_OverWire, grpc.aio.UnaryStreamMultiCallable):  # type: ignore[misc]  # grpc ships no types
    """One request, several answers, for asyncio."""


class AioStreamUnary(_OverWire, grpc.aio.StreamUnaryMultiCallable):  # type: ignore[misc]  # grpc ships no types
    """Several requests, one answer, for asyncio."""


class AioStreamStream(_OverWire, grpc.aio.StreamStreamMultiCallable):  # type: ignore[misc]  # grpc ships no types
    """Several requests, several answers, for asyncio."""

"""Methods whose requests are charged: every answer's bytes, and the account entered before the client has all of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

from firewarden.server.transports.interface import Context, Kind
from firewarden.server.waiting import WouldBlock

Handler = Callable[[Any, Context], Any]

AT_ONCE_BYTES = 32 << 10
"""A stream that is no longer, and made already, is sent as one answer."""


def metered(method: str, kind: Kind, handler: Handler) -> Handler:
    """The same method, charged. A stream of requests is told what it is charged by its own handler."""
    if kind == "unary":
        return _unary(method, handler)
    return _stream(method, handler) if kind == "server_stream" else handler


def _unary(method: str, handler: Handler) -> Handler:
    def asked(request: Any, context: Context) -> Any:
        try:
            answer = handler(request, context)
        except WouldBlock:  # it is asked again, and goes on with the account
            raise
        except Exception:
            _post(context, method)
            raise
        account = context.account
        if account is not None:
            account.egress = _size(answer)
            account.close(method)
        return answer

    return asked


def _stream(method: str, handler: Handler) -> Handler:
    def asked(request: Any, context: Context) -> Any:
        try:
            answers = handler(request, context)
        except WouldBlock:
            raise
        except Exception:
            _post(context, method)
            raise
        if type(answers) is list:
            size = sum(map(_size, answers))
            if size <= AT_ONCE_BYTES:
                account = context.account
                if account is not None:
                    account.egress += size
                    account.close(method)
                return answers
        return _counted(iter(answers), context, method)

    return asked


def _counted(answers: Iterator[Any], context: Context, method: str) -> Iterator[Any]:
    """What a client does not take is not charged as bytes."""
    account = context.account
    try:
        for each in answers:
            if account is not None:
                account.egress += _size(each)
            yield each
    finally:
        if isinstance(answers, Generator):
            answers.close()  # it says what has been read, also if nobody takes the rest
        _post(context, method)


def _post(context: Context, method: str) -> None:
    if context.account is not None:
        context.account.close(method)


def _size(answer: Any) -> int:
    """As a serialised message: "Network bandwidth" of the pricing page."""
    return len(answer) if isinstance(answer, bytes) else int(answer.ByteSize())

"""Write streams: commits one after the other, each answered before the next is done.

The first request names the database and nothing else, and is answered with the ids of stream and token; a token is the
count of answers, and what a client sends back as one is not looked at. Streams cannot be resumed. So it is in Google's
emulator, whose words these are. A commit that fails ends the stream with the status that Commit would have.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

from firewarden.firestore.names import parse_database_name
from firewarden.firestore.status import invalid
from firewarden.firestore.wire.values import encode_value
from firewarden.firestore.wire.writes import read_writes
from firewarden.server import answers
from firewarden.server.committing import commit
from firewarden.server.engine import Engine
from firewarden.server.rpc.calls import Call, call
from firewarden.server.transports.blocked import worth_asking
from firewarden.server.transports.interface import Context, Receive, Send
from firewarden.server.waiting import Patience, WouldBlock

_NO_RESUMING = "Resuming streams is not supported, "


async def write(engine: Engine, receive: Receive, send: Send, context: Context) -> None:
    """Write."""
    stream_id = next(engine.write_streams)
    first = await receive()
    if first is None:
        return
    _check_first(first)
    this = call(engine, context, parse_database_name(first.database))
    await send(answers.began_write_stream(str(stream_id).encode(), _token(0)))
    for number in count(1):
        request = await receive()
        if request is None:
            return
        _check_later(request, first.database)
        await send(await _charged(this, request, _token(number)))
        if not request.writes:  # which says that it was the last one
            return
        await asyncio.sleep(0)  # others have their turn before the next request that is here already


def _token(number: int) -> bytes:
    return str(number).encode()


def _check_first(request: Any) -> None:
    _check_not_resumed(request)
    if not request.database:
        raise invalid("'database' must be set on an initial write request.")
    if request.stream_token:
        raise invalid(_NO_RESUMING + "'stream_token' must not be set on an initial write request.")
    if request.writes:
        raise invalid("'writes' must not be set on an initial write request.")


def _check_later(request: Any, database: str) -> None:
    _check_not_resumed(request)
    if request.database not in ("", database):
        raise invalid(
            f"Request specified a database ({request.database}) that did not match the expected database ({database})"
        )


def _check_not_resumed(request: Any) -> None:
    if request.stream_id:
        raise invalid(_NO_RESUMING + "do not set stream ID.")


async def _charged(this: Call, request: Any, token: bytes) -> bytes:
    """The answer to one request, which costs what a commit does."""
    account = this.account
    try:
        answer = await _committed(this, request, token)
        account.egress = len(answer)
    finally:
        account.post("Write")
    return answer


async def _committed(this: Call, request: Any, token: bytes) -> bytes:
    """Do the writes of one request and tell of them; rules are asked for each request as they are then."""
    if not request.writes:
        return answers.wrote(token)
    writes = read_writes(request.writes, this.database.name, this.database.options.limits)
    this = this._replace(patience=Patience())
    while True:
        try:
            with this.engine.guard:
                results, time = commit(
                    this.database,
                    this.caller,
                    writes,
                    seconds=this.engine.seconds(),
                    patience=this.patience,
                    account=this.account,
                )
            break
        except WouldBlock as blocked:
            await worth_asking(blocked)
    encoded = [answers.write_result(each.update_time, map(encode_value, each.transform_results)) for each in results]
    return answers.wrote(token, encoded, time)

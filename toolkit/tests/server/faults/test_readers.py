"""Clients that vanish, stay silent or do not read: others are answered, and the process does not grow."""

from __future__ import annotations

import contextlib
import socket
from itertools import repeat
from typing import Any

import grpc
import httpx
import pytest

from firewarden.firestore.wire import protos
from firewarden.server.services import SERVICE
from firewarden.server.transports.http2.frames import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PREFACE,
    frame,
    settings,
)
from toolkit.tests.server.faults.floods import EVERYTHING, GROWTH_MAX, QUERY, flooded
from toolkit.tests.server.faults.process import DATABASE, OWNER, ROOT, TIMEOUT_S, Process, message


@pytest.mark.parametrize("pipelined", ["large/0", "large?pageSize=30"])
def test_requests_over_http1_whose_answers_nobody_reads(process: Process, large: int, pipelined: str) -> None:
    """The server stops to read from a client that does not listen."""
    before = process.rss
    request = f"GET /v1/{ROOT}/{pipelined} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer owner\r\n\r\n".encode()
    with process.connect() as sock:
        flooded(sock, repeat(request * 100))
        assert process.answers()
        assert process.rss - before < GROWTH_MAX
    assert process.answers()


def test_a_client_that_reads_slowly_holds_up_nobody(process: Process, large: int) -> None:
    """A long answer waits in bounded memory, others are served meanwhile, and in the end it is whole."""
    with grpc.insecure_channel(process.address) as channel:
        call = channel.unary_stream(f"/{SERVICE}/RunQuery")
        answers = call(EVERYTHING.SerializeToString(), metadata=tuple(OWNER.items()), timeout=TIMEOUT_S)
        sizes = [len(next(answers))]
        for _ in range(3):
            assert process.answers()
        sizes += map(len, answers)
    assert sum(sizes) > large


def test_answers_that_nobody_reads_stay_in_the_store(process: Process, large: int) -> None:
    """And are what they were when somebody reads them at last, whatever has changed meanwhile."""
    before = process.rss
    with contextlib.ExitStack() as stack:
        whole = frame(HEADERS, END_HEADERS, 1, QUERY) + frame(DATA, END_STREAM, 1, message(EVERYTHING))
        for _ in range(20):
            sock = stack.enter_context(process.connect())
            sock.sendall(PREFACE + settings({}) + whole)
            assert sock.recv(100)
        channel = stack.enter_context(grpc.insecure_channel(process.address))
        call = channel.unary_stream(f"/{SERVICE}/RunQuery")
        late = call(EVERYTHING.SerializeToString(), metadata=tuple(OWNER.items()), timeout=TIMEOUT_S)
        sizes = [len(next(late))]
        assert process.answers()
        assert process.rss - before < 20 * large / 3
        with httpx.Client(base_url=f"http://{process.address}/v1/", headers=OWNER, trust_env=False) as rest:
            for number in range(1, 60):
                assert rest.delete(f"{ROOT}/large/{number}", timeout=TIMEOUT_S).status_code == 200
        sizes += map(len, late)
        assert len(sizes) >= 60
        assert sum(sizes) > large


@pytest.mark.parametrize("asked", [b"", b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HT", b"\x16\x03\x01"])
def test_connections_that_stay_silent(process: Process, asked: bytes) -> None:
    """Hundreds of half-open connections cost next to nothing."""
    before = process.rss
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(process.connect()).sendall(asked)
        assert process.answers()
        assert process.rss - before < GROWTH_MAX


def test_clients_that_vanish_amid_an_answer(process: Process, large: int) -> None:
    for _ in range(20):
        with process.connect() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            whole = frame(HEADERS, END_HEADERS, 1, QUERY) + frame(DATA, END_STREAM, 1, message(EVERYTHING))
            sock.sendall(PREFACE + settings({}) + whole)
            assert sock.recv(100)
    assert process.answers()


def test_a_client_that_vanishes_while_it_waits_frees_its_place(process: Process) -> None:
    """A commit whose client went away while it waited for a lock is not done later."""
    with grpc.insecure_channel(process.address) as channel:

        def ask(method: str, request: Any, **options: Any) -> Any:
            call = channel.unary_unary(f"/{SERVICE}/{method}")
            return call(request.SerializeToString(), metadata=tuple(OWNER.items()), **{"timeout": TIMEOUT_S, **options})

        began = ask("BeginTransaction", protos.BeginTransactionRequest(database=DATABASE))
        transaction = protos.BeginTransactionResponse.FromString(began).transaction
        ask("GetDocument", protos.GetDocumentRequest(name=f"{ROOT}/large/0", transaction=transaction))
        commit = protos.CommitRequest(database=DATABASE)
        commit.writes.add().delete = f"{ROOT}/large/0"
        with pytest.raises(grpc.RpcError) as caught:
            ask("Commit", commit, timeout=0.2)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        ask("Rollback", protos.RollbackRequest(database=DATABASE, transaction=transaction))
        assert ask("GetDocument", protos.GetDocumentRequest(name=f"{ROOT}/large/0"))

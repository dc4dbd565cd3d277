"""Requests that nobody should send, over REST and gRPC: the emulator's answers to them, recorded, are ours.

Where a case has `ours`, we answer otherwise on purpose, and `why` says so.

python -m toolkit.tests.server.faults.test_recorded 127.0.0.1:8080 asks an emulator anew and writes its answers down.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest

from firewarden.limits import EMULATOR
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store

FILE = Path(__file__).with_name("recorded.jsonl")
PROJECT = "demo-faults00"
_TIMEOUT_S = 5.0
CRASHED = (None, "", "Application error processing RPC")
"""What the emulator says of a failure of its own; some requests it never answers (`http` is null then)."""
_ADMIN = {"authorization": "Bearer owner"}
Json = dict[str, Any]


def cases() -> list[Json]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").split("\n") if line]


def asked(host: str, case: Json, project: str) -> Json:
    """The status and the text of an answer."""
    answer = _over_grpc(host, case, project) if "rpc" in case else _over_rest(host, case, project)
    found: Json = json.loads(json.dumps(answer, ensure_ascii=False).replace(project, PROJECT))
    return found


def _over_rest(host: str, case: Json, project: str) -> Json:
    body = case.get("body")
    content = body if isinstance(body, str) else None if body is None else json.dumps(body)
    encoded = None if content is None else content.replace(PROJECT, project).encode("utf-8", "surrogatepass")
    if "raw" in case:
        encoded = b64decode(case["raw"])
    headers = {**_ADMIN, "content-type": case.get("type", "application/json")}
    url = f"http://{host}{case['path'].replace(PROJECT, project)}"
    with httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
        try:
            answer = client.request(case["verb"], url, content=encoded, headers=headers)
        except httpx.TimeoutException:
            return {"http": None}
    try:
        content = answer.json()
    except ValueError:
        return {"http": answer.status_code}
    content = content[0] if isinstance(content, list) and content else content
    error = content.get("error") if isinstance(content, dict) else None
    if error is None:
        return {"http": answer.status_code}
    return {"http": answer.status_code, "status": error.get("status"), "message": error.get("message")}


def _over_grpc(host: str, case: Json, project: str) -> Json:
    request = b64decode(case["raw"]).replace(PROJECT.encode(), project.encode())
    with grpc.insecure_channel(host) as channel:
        call = channel.unary_stream(f"/google.firestore.v1.Firestore/{case['rpc']}")
        try:
            list(call(request, metadata=tuple(_ADMIN.items()), timeout=_TIMEOUT_S))
        except grpc.RpcError as error:
            return {"grpc": error.code().name, "message": error.details()}
    return {"grpc": "OK"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    engine = Engine(Store(), options=Options(compatibility=OFFICIAL_1_19_9, limits=EMULATOR))
    with Server(engine) as server:
        yield server
    engine.close()


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_the_answer_is_the_emulators(case: Json, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Where the emulator fails, without a word, we say what is wrong with the request. The log stays empty."""
    server.engine.reset()
    expected, got = case["answer"], asked(server.address, case, PROJECT)
    if "ours" in case:
        expected = case["ours"]
    elif expected.get("http", 0) is None:
        assert 400 <= got["http"] < 500
        return
    elif expected.get("message") in CRASHED and "UNKNOWN" in (expected.get("status"), expected.get("grpc")):
        assert got.get("status", got.get("grpc")) in ("INVALID_ARGUMENT", "UNKNOWN")
        assert got["message"]
        return
    assert got == expected
    assert not caplog.records


def main(host: str) -> None:
    """Record."""
    lines = []
    for case in cases():
        project = f"demo-{uuid4().hex[: len(PROJECT) - len('demo-')]}"
        lines.append(json.dumps({**case, "answer": asked(host, case, project)}, ensure_ascii=False))
    FILE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

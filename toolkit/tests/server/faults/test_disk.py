"""A disk that is full, a process that is killed, a file that is damaged meanwhile: what was acknowledged is there."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.wire import protos
from firewarden.server.services import SERVICE
from firewarden.store import DATA_FILE, Store, faults
from toolkit.tests.cli.conftest import COMMAND

PROJECT = "demo-disk"
ROOT = f"projects/{PROJECT}/databases/(default)/documents"
OWNER = {"authorization": "Bearer owner"}
TIMEOUT_S = 30.0
FILLING = "x" * 100_000


class Served:
    """A server with a folder of data, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "data" / DATA_FILE
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("FIRE", "GCLOUD"))}
        command = [str(COMMAND), "serve", "--port", "0", "--data", "data"]
        self.process = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip().partition("=")[2]

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://{self.address}/v1/{ROOT}/", headers=OWNER, trust_env=False, timeout=TIMEOUT_S
        )

    def limit_files(self, size: int) -> None:
        """No file of the process may grow beyond this."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.communicate(timeout=TIMEOUT_S)


Serve = Callable[[], Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    started: list[Served] = []

    def begin() -> Served:
        started.append(Served(tmp_path))
        return started[-1]

    yield begin
    for each in started:
        if each.process.poll() is None:
            each.end(signal.SIGTERM)


def put(client: httpx.Client, path: str, text: str = FILLING) -> httpx.Response:
    return client.patch(path, json={"fields": {"text": {"stringValue": text}}})


def stored(file: Path) -> set[str]:
    """The documents in a file that nobody has open, which must be consistent."""
    with Store(file) as store:
        assert faults(store) == []
        return {"/".join(each.path) for each in store.database(DatabaseName(PROJECT)).snapshot().documents_below(())}


def test_a_full_disk_refuses_writes_and_loses_nothing(serve: Serve) -> None:
    served = serve()
    kept: set[str] = set()
    with served.client() as client:
        for number in range(5):
            assert put(client, f"c/{number}").status_code == 200
            kept.add(f"c/{number}")
        largest = max(each.stat().st_size for each in served.file.parent.iterdir())
        served.limit_files(largest + len(FILLING) // 2)
        refused = [put(client, f"c/full{number}") for number in range(3)]
        assert {each.status_code for each in refused} <= {429, 503}
        assert all("Nothing of this request was stored." in each.json()["error"]["message"] for each in refused)
        assert over_grpc(served, "c/full") in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
        assert client.get("c/0").status_code == 200
        assert client.get("c/full0").status_code == 404
        served.limit_files(resource.RLIM_INFINITY)
        assert put(client, "c/after").status_code == 200
        assert over_grpc(served, "c/grpc") is grpc.StatusCode.OK
        kept |= {"c/after", "c/grpc"}
    served.end(signal.SIGKILL)
    assert stored(served.file) == kept


def over_grpc(served: Served, path: str) -> grpc.StatusCode:
    request = protos.CommitRequest(database=ROOT.removesuffix("/documents"))
    write = request.writes.add()
    write.update.name = f"{ROOT}/{path}"
    write.update.fields["text"].string_value = FILLING
    with grpc.insecure_channel(served.address) as channel:
        call = channel.unary_unary(f"/{SERVICE}/Commit")
        try:
            call(request.SerializeToString(), metadata=tuple(OWNER.items()), timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            code: grpc.StatusCode = error.code()
            return code
    return grpc.StatusCode.OK


@pytest.mark.parametrize("round_", range(3))
def test_what_a_killed_server_has_acknowledged_is_there(serve: Serve, round_: int) -> None:
    """Clients write until the process is gone; every answer that came is kept, and it starts again at once."""
    served = serve()
    acknowledged: set[str] = set()
    enough = threading.Event()

    def write(writer: int) -> None:
        with served.client() as client:
            for number in range(100_000):
                path = f"c{writer}/{number}"
                try:
                    answer = put(client, path, "x" * 1_000)
                except httpx.HTTPError:
                    return
                assert answer.status_code == 200
                acknowledged.add(path)
                if len(acknowledged) > 30 * (round_ + 1):
                    enough.set()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for each in writers:
        each.start()
    assert enough.wait(TIMEOUT_S)
    served.end(signal.SIGKILL)
    for each in writers:
        each.join(TIMEOUT_S)
    again = serve()
    with again.client() as client:
        assert {path for path in acknowledged if client.get(path).status_code != 200} == set()
        assert put(client, "c/after").status_code == 200
    again.end(signal.SIGTERM)
    assert stored(served.file) >= acknowledged | {"c/after"}


def test_a_file_that_is_damaged_meanwhile_gives_no_wrong_answer(serve: Serve) -> None:
    """Requests that need the damaged pages fail, also for the client; the process stays."""
    served = serve()
    with served.client() as client:
        for number in range(150):
            assert put(client, f"c/{number}", "x" * 20_000).status_code == 200
    served.end(signal.SIGTERM)
    content = bytearray(served.file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 64 * 4096] = b"\xee" * (64 * 4096)
    served.file.write_bytes(content)
    damaged = serve()
    with damaged.client() as client:
        answers = [client.get(f"c/{number}") for number in range(150)]
        assert {each.status_code for each in answers} == {200, 500}
        texts = {json_error(each)["status"] for each in answers if each.status_code == 500}
        assert texts == {"DATA_LOSS"}
        right = [each for each in answers if each.status_code == 200]
        assert all(each.json()["fields"]["text"]["stringValue"] == "x" * 20_000 for each in right)
    assert damaged.process.poll() is None


def json_error(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found

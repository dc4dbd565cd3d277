"""A server in a process of its own, whose memory can be looked at, and bytes as clients send them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import grpc
import httpx

from firewarden.firestore.wire import protos
from firewarden.server.services import SERVICE
from firewarden.server.transports.http2.headers import literal
from toolkit.tests.cli.conftest import COMMAND

DATABASE = "projects/demo-floods/databases/(default)"
ROOT = f"{DATABASE}/documents"
OWNER = {"authorization": "Bearer owner"}
TIMEOUT_S = 30.0
LARGE = 200_000


class Process:
    """A server of its own, whose memory can be looked at."""

    def __init__(self, folder: Path) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("FIRE", "GCLOUD"))}
        command = [str(COMMAND), "serve", "--port", "0"]
        self._process = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip().partition("=")[2]
        host, _, port = self.address.partition(":")
        self.place = host, int(port)

    @property
    def rss(self) -> int:
        """How much memory it has, in bytes."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def connect(self) -> socket.socket:
        return socket.create_connection(self.place, timeout=TIMEOUT_S)

    def answers(self) -> bool:
        """Over both transports."""
        rest = httpx.get(f"http://{self.address}/v1/{ROOT}/c/none", headers=OWNER, trust_env=False, timeout=TIMEOUT_S)
        with grpc.insecure_channel(self.address) as channel:
            call = channel.unary_unary(f"/{SERVICE}/BeginTransaction")
            call(protos.BeginTransactionRequest(database=DATABASE).SerializeToString(), timeout=TIMEOUT_S)
        return rest.status_code == 404 and self.is_alive

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=TIMEOUT_S)


def head(method: str) -> bytes:
    return literal(
        [
            *((":method", "POST"), (":scheme", "http"), (":path", f"/{SERVICE}/{method}"), (":authority", "x")),
            *(("content-type", "application/grpc"), ("te", "trailers"), ("authorization", "Bearer owner")),
        ]
    )


def message(request: Any) -> bytes:
    data: bytes = request.SerializeToString()
    return b"\0" + len(data).to_bytes(4, "big") + data

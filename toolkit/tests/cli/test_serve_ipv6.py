"""`serve` on an address of the newer kind: what it prints is what clients take."""

import re
import socket

import httpx
import pytest

from firewarden.testing import firestore_as_owner
from toolkit.tests.cli.conftest import Start


@pytest.fixture
def loopback() -> str:
    """That of IPv6. Where there is none the test is skipped."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        pytest.skip(f"needs IPv6: {error}")
    return "::1"


def test_clients_and_the_hub_find_it_there(start: Start, loopback: str) -> None:
    process = start("serve", "--host", loopback, "--port", "0", "--hub", "0", "--websocket-port", "0")
    assert process.stdout is not None
    address, hub = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
    assert re.fullmatch(r"\[::1\]:\d+", address), process.communicate()[1]
    client = firestore_as_owner(project="demo-x", host=address)
    client.document("notes/a").set({"n": 1})
    assert client.document("notes/a").get().to_dict() == {"n": 1}
    client.close()
    told = httpx.get(f"http://{hub}/emulators", trust_env=False, timeout=30).json()["firestore"]
    assert (told["host"], told["webSocketHost"], told["listen"][0]["family"]) == ("::1", "::1", "IPv6")
    assert f"[{told['host']}]:{told['port']}" == address
    with socket.create_connection((told["webSocketHost"], told["webSocketPort"]), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 404 ")

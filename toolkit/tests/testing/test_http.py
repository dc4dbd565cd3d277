"""The connection that stays open: answers as they are, and a server that has closed it meanwhile."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from firewarden.testing._http import Answer, Connection


class Echo(BaseHTTPRequestHandler):
    """Says what it was asked, and hangs up after every answer without having said so."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        answer = json.dumps({"path": self.path, "body": body, "type": self.headers["content-type"]}).encode()
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.close_connection = True

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def connection() -> Iterator[Connection]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        made = Connection(f"127.0.0.1:{server.server_port}", timeout_s=30.0)
        yield made
        made.close()
        server.shutdown()
        thread.join()


def test_a_request_and_its_answer(connection: Connection) -> None:
    answer = connection.request("POST", "/a b/(default)", params={"q": "x/y"}, body={"n": 1})
    assert (answer.status, answer.is_error) == (200, False)
    assert answer.content() == {"path": "/a%20b/(default)?q=x%2Fy", "body": '{"n": 1}', "type": "application/json"}


def test_it_connects_again_where_the_server_has_hung_up(connection: Connection) -> None:
    answers = [connection.request("POST", "/missing") for _ in range(3)]
    assert [each.is_error for each in answers] == [True, True, True]


def test_nobody_there_and_no_answer_are_errors_of_the_system() -> None:
    with pytest.raises(ConnectionError):
        Connection("127.0.0.1:1", timeout_s=30.0).request("GET", "/")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        waiting = Connection(f"127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.05)
        with pytest.raises(TimeoutError):
            waiting.request("GET", "/")


def test_an_empty_answer_is_an_empty_object() -> None:
    assert Answer(200, " \n").content() == {}

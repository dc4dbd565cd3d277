"""The deployed function: whoever comes first, and however many at once, one application is built."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import flask
import pytest

import gather.http.function as module
from gather.http.app import create_app
from gather.runtime import Runtime, installed
from tests.conftest import settings_for
from tests.support.runtimes import runtime_for

CALLERS = 8


def test_the_first_requests_come_at_once_and_one_application_answers_them(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[flask.Flask] = []

    def building(runtime: Runtime) -> flask.Flask:
        built.append(create_app(runtime))
        return built[-1]

    monkeypatch.setattr(module, "create_app", building)
    starting = Barrier(CALLERS)
    server = flask.Flask("server")

    def ask(_: int) -> int:
        starting.wait()
        with server.test_request_context("/health"):
            return module.api(flask.request._get_current_object()).status_code  # type: ignore[attr-defined]

    runtime = runtime_for(settings_for("demo-function"), object())
    with installed(runtime), ThreadPoolExecutor(CALLERS) as pool:
        statuses = list(pool.map(ask, range(CALLERS)))
    assert statuses == [200] * CALLERS
    assert len(built) == 1

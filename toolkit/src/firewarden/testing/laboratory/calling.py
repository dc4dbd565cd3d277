"""Calling functions as their platform does: with a CloudEvent, or with the request that Cloud Scheduler sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from http import HTTPStatus

import firebase_admin
import flask
from cloudevents.http import CloudEvent
from werkzeug.test import EnvironBuilder

from firewarden.triggers import Delivery, FirestoreEvent, Function, Outcome
from firewarden.triggers.scheduled import scheduler_headers


class ScheduledRunError(Exception):
    """A scheduled function has answered with a failure; the message is its answer."""


def deliver(function: Function, event: FirestoreEvent) -> None:
    """Hand over an event."""
    with _app(function.name).app_context():
        function.handler(CloudEvent(dict(event.attributes), event.data))


def run_scheduled(function: Function, due: datetime) -> None:
    """Run a scheduled function for the time at which it was due. Raises `ScheduledRunError` if it answers so."""
    request = EnvironBuilder(method="POST", path="/", headers=list(scheduler_headers(function, due).items()))
    with _app(function.name).request_context(request.get_environ()):
        answer = function.handler(flask.request)
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        raise ScheduledRunError(answer.get_data(as_text=True))


def scheduled_delivery(
    function: Function, error: BaseException | None, faults: tuple[str, ...], started: float, now: float
) -> Delivery:
    """What became of a scheduled run, for the log; one that fails does not come again."""
    is_ok = error is None and not faults
    return Delivery(
        function=function.name,
        event_id="",
        event_type="schedule",
        document="",
        copy=1,
        attempt=1,
        outcome=Outcome.OK if is_ok else Outcome.DROPPED,
        elapsed_s=now - started,
        error=error,
        faults=faults,
        at=now,
    )


@cache
def _app(name: str) -> flask.Flask:
    """A function's application, which takes milliseconds to make."""
    return flask.Flask(name)


@contextmanager
def default_app() -> Iterator[None]:
    """Inside there is firebase_admin's app, which functions would else make themselves at the first event."""
    try:
        firebase_admin.get_app()
    except ValueError:
        app = firebase_admin.initialize_app()
    else:
        app = None
    try:
        yield
    finally:
        if app is not None:
            firebase_admin.delete_app(app)

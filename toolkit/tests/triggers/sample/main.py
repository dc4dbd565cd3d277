"""A stranger's functions: one of every kind, none of them knows the toolkit."""

import os
from collections.abc import Callable
from typing import Any

from firebase_functions import firestore_fn, https_fn, pubsub_fn, scheduler_fn, storage_fn, tasks_fn
from flask import Request, Response, jsonify
from google.cloud import firestore
from greetings import greeting  # type: ignore[import-not-found]  # found in this folder when it is run

_attempts: dict[str, int] = {}


def retried(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declare what firebase-functions 0.6 has no argument for; `firebase deploy` reads it from here."""
    function.__firebase_endpoint__.eventTrigger["retry"] = True  # type: ignore[attr-defined]  # the SDK put it there
    return function


def note(event: Any, text: str) -> None:
    """Leave a trace in Firestore that a test can read."""
    client = firestore.Client(project=event.project)
    client.document(f"notes/{event.id}-{text}").set({"text": text, **event.params})


@https_fn.on_request()
def hello(request: Request) -> Response:
    return jsonify(
        greeting=greeting(request.args.get("name", "you")),
        method=request.method,
        path=request.path,
        root=request.root_path,
        setting=os.environ.get("SAMPLE_SETTING"),
        body=request.get_data(as_text=True),
    )


@https_fn.on_request(region=["europe-west1", "us-east1"])
def broken(request: Request) -> Response:
    raise LookupError("a secret detail")


@https_fn.on_request()
def leaving(request: Request) -> Response:
    raise SystemExit(3)


@https_fn.on_call()
def add(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:
    return {"sum": sum(request.data["numbers"]), "uid": request.auth.uid if request.auth else None}


@tasks_fn.on_task_dispatched()
def work(request: https_fn.CallableRequest[Any]) -> str:
    return f"did {request.data}"


@scheduler_fn.on_schedule(schedule="every day 03:00")
def nightly(event: scheduler_fn.ScheduledEvent) -> None:
    if "fail" in (event.job_name or ""):
        raise RuntimeError("the night was short")


@firestore_fn.on_document_written(document="users/{uid}")
def written(event: Any) -> None:
    note(event, f"written {event.data.before is not None} {event.data.after is not None}")


@firestore_fn.on_document_created(document="users/{uid}")
def created(event: Any) -> None:
    note(event, f"created {event.data.to_dict()}")


@firestore_fn.on_document_updated(document="users/{uid}")
def updated(event: Any) -> None:
    note(event, f"updated {event.data.before.get('n')} to {event.data.after.get('n')}")


@firestore_fn.on_document_deleted(document="users/{uid}")
def deleted(event: Any) -> None:
    note(event, f"deleted {event.data.to_dict()}")


@firestore_fn.on_document_written_with_auth_context(document="users/{uid}")
def audited(event: Any) -> None:
    note(event, f"by {event.auth_type}")


@retried
@firestore_fn.on_document_created(document="flaky/{id}")
def flaky(event: Any) -> None:
    attempt = _attempts[event.id] = _attempts.get(event.id, 0) + 1
    if attempt <= event.data.get("failures"):
        raise ConnectionError(f"attempt {attempt} fails")


@firestore_fn.on_document_created(document="fragile/{id}")
def fragile(event: Any) -> None:
    raise ConnectionError("once is enough")


@firestore_fn.on_document_created(document="chains/{n}")
def chain(event: Any) -> None:
    n = int(event.params["n"])
    if n < 5:
        firestore.Client(project=event.project).document(f"chains/{n + 1}").set({})


@pubsub_fn.on_message_published(topic="news")
def subscribed(event: Any) -> None:
    """Not served locally."""


@storage_fn.on_object_finalized()
def stored(event: Any) -> None:
    """Not served locally; needs the default bucket to be declared at all."""

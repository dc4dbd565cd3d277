"""What is read from decorated functions."""

import types
from pathlib import Path
from typing import Any

import pytest
from firebase_functions import firestore_fn, https_fn, params, scheduler_fn
from flask import Request, Response

from firewarden.errors import FunctionsLoadError
from firewarden.triggers import FirestoreTrigger, Function, Kind, Manifest, PathPattern, read_manifest

SOURCE = Path("functions")


def read(**names: object) -> Manifest:
    module = types.ModuleType("main")
    vars(module).update(names)
    return read_manifest(module, source=SOURCE)


def only(**names: object) -> Function:
    (function,) = read(**names).functions
    return function


def test_the_sample_has_one_of_every_kind(manifest: Manifest) -> None:
    kinds = {function.name: function.kind for function in manifest.functions}
    assert kinds == {
        "hello": Kind.HTTP,
        "broken": Kind.HTTP,
        "leaving": Kind.HTTP,
        "add": Kind.CALLABLE,
        "work": Kind.TASK,
        "nightly": Kind.SCHEDULE,
        **dict.fromkeys(
            ("written", "created", "updated", "deleted", "audited", "flaky", "fragile", "chain"), Kind.FIRESTORE
        ),
    }
    assert manifest.unserved == {
        "subscribed": "google.cloud.pubsub.topic.v1.messagePublished",
        "stored": "google.cloud.storage.object.v1.finalized",
    }


def test_a_firestore_function_names_type_document_and_database() -> None:
    @firestore_fn.on_document_updated_with_auth_context(document="/a/{x}/", database="other", region="europe-west1")
    def f(event: object) -> None: ...

    function = only(f=f)
    assert function.trigger == FirestoreTrigger(
        event_type="google.cloud.firestore.document.v1.updated.withAuthContext",
        document=PathPattern.parse("a/{x}"),
        database="other",
        retry=False,
    )
    assert function.key == "europe-west1-f-0"


def test_a_path_without_wildcards_is_a_trigger_too() -> None:
    @firestore_fn.on_document_written(document="settings/site")
    def f(event: object) -> None: ...

    trigger = only(f=f).trigger
    assert trigger is not None
    assert trigger.document == PathPattern.parse("settings/site")


def test_retry_is_read_from_what_is_deployed(manifest: Manifest) -> None:
    """The Firebase CLI deploys the endpoint's `retry`, so the host goes by it as well."""
    from firebase_functions.private import serving  # noqa: PLC0415 - the SDK's own view, for comparison

    deployed = serving.functions_as_yaml({f.name: f.handler for f in manifest.functions})
    declared = {f.name for f in manifest.functions if f.trigger is not None and f.trigger.retry}
    assert declared == {"flaky"}
    assert deployed.count("retry: true") == 1


def test_regions_may_be_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGION_OF_TEST", "europe-west9")

    regions: Any = [params.StringParam("REGION_OF_TEST"), "us-east1"]

    @https_fn.on_request(region=regions)
    def f(request: Request) -> Response:
        return Response()

    assert only(f=f).regions == ("europe-west9", "us-east1")


def test_a_schedule_is_shown() -> None:
    @scheduler_fn.on_schedule(schedule="every 5 minutes")
    def f(event: object) -> None: ...

    assert only(f=f).schedule == "every 5 minutes"


def test_undecorated_names_are_not_functions() -> None:
    assert read(helper=lambda: None, number=3, module=types).functions == ()


def test_a_function_under_another_name_is_refused() -> None:
    """Production looks a function up by its own name, and would not find it."""

    @https_fn.on_request()
    def original(request: Request) -> Response:
        return Response()

    with pytest.raises(FunctionsLoadError, match="the function original is known there as alias"):
        read(alias=original)

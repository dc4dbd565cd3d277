"""The sample project, served; and events for it, made by hand."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.events.cloud.firestore import Document, DocumentEventData, Value

from firewarden.triggers import FirestoreEvent, FunctionsHost, Manifest, event, load_manifest, local_environment

PROJECT = "demo-sample"
NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """What a host sets for functions, taken back after the module's tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SAMPLE_SETTING", "FIREBASE_CONFIG", "FIREBASE_AUTH_EMULATOR_HOST"):
            patch.delenv(name, raising=False)
        # Nothing listens there: these functions are not meant to reach Firestore.
        for name, value in local_environment({}, project=PROJECT, firestore="127.0.0.1:9").items():
            patch.setenv(name, value)
        yield patch


@pytest.fixture(scope="module")
def manifest(environment: pytest.MonkeyPatch) -> Manifest:
    """The sample folder's functions."""
    values = dict(os.environ)
    loaded = load_manifest(Path(__file__).parent / "sample", project=PROJECT, environ=values)
    environment.setenv("SAMPLE_SETTING", values["SAMPLE_SETTING"])
    return loaded


@pytest.fixture(scope="module")
def host(manifest: Manifest) -> Iterator[FunctionsHost]:
    """The sample without any Firestore."""
    with FunctionsHost(manifest, project=PROJECT, http_root="hello") as running:
        yield running


@pytest.fixture(scope="session")
def make_event() -> Callable[..., FirestoreEvent]:
    """``make_event("created", "users/ana", after={"n": 1})``: values are integers."""

    def make(change: str, document: str, *, id: str = "e1", **sides: dict[str, int]) -> FirestoreEvent:  # noqa: A002
        names = {"after": "value", "before": "old_value"}
        message = DocumentEventData(**{names[side]: _document(document, fields) for side, fields in sides.items()})
        return event(
            id=id,
            type=change,
            project=PROJECT,
            document=document,
            data=DocumentEventData.serialize(message),
            time=NOON,
            auth=("unknown", "someone") if change.endswith("withAuthContext") else None,
        )

    return make


def _document(path: str, fields: dict[str, int]) -> Any:
    name = f"projects/{PROJECT}/databases/(default)/documents/{path}"
    return Document(name=name, fields={key: Value(integer_value=value) for key, value in fields.items()})

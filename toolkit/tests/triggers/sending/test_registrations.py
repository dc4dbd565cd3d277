"""Registering functions by both of the emulator's endpoints: what is wrong is refused."""

from __future__ import annotations

from typing import Any

import pytest

from toolkit.tests.triggers.sending.engines import DOCUMENTS, PREFIX, PROJECT, V1_PREFIX, Firestore

WRONG_REGISTRATIONS = [
    {"eventType": None},
    {"eventType": "nope"},
    {"eventType": f"{PREFIX}nope"},
    {"namespace": "other"},
    {"database": "a/b"},
    {"document": None},
    {"document": {"value": "users/{id}"}},
    {"document": {"value": "users/{id}", "matchType": "NOPE"}},
    {"document": {"value": "{a=users/*}", "matchType": "PATH_PATTERN"}},
    {"extra": 1},
]


@pytest.mark.parametrize("change", WRONG_REGISTRATIONS, ids=str)
def test_wrong_registrations_are_refused(ours: Firestore, change: dict[str, Any]) -> None:
    good = {
        "eventType": f"{PREFIX}written",
        "database": "(default)",
        "document": {"value": "users/{id}", "matchType": "PATH_PATTERN"},
    }
    body = {name: value for name, value in {**good, **change}.items() if value is not None}
    answer = ours._http.post(f"/emulator/v1/projects/{PROJECT}/eventarcTrigger?eventarcTriggerId=wrong", json=body)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "change",
    [
        {"eventType": "document.write"},
        {"service": "pubsub.googleapis.com"},
        {"resource": "users/{id}"},
        {"resource": "projects/other/databases/(default)/documents/users/{id}"},
        {"extra": 1},
    ],
    ids=str,
)
def test_wrong_registrations_of_the_first_generation_are_refused(ours: Firestore, change: dict[str, Any]) -> None:
    good = {
        "eventType": f"{V1_PREFIX}write",
        "resource": f"{DOCUMENTS}/users/{{id}}",
        "service": "firestore.googleapis.com",
    }
    trigger = {"eventTrigger": {**good, **change}}
    answer = ours._http.put(f"/emulator/v1/projects/{PROJECT}/triggers/wrong", json=trigger)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")

"""A Firestore of either kind as functions register at it: requests, and the events that it sends."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import httpx

from toolkit.tests.triggers.sending.receiving import Received, Receiver

PROJECT = "demo-engines"
DOCUMENTS = f"projects/{PROJECT}/databases/(default)/documents"
OWNER = {"authorization": "Bearer owner"}
GUEST: dict[str, str] = {}
PREFIX = "google.cloud.firestore.document.v1."
V1_PREFIX = "providers/cloud.firestore/eventTypes/document."


def user(uid: str) -> dict[str, str]:
    parts = [{"alg": "none"}, {"sub": uid}]
    token = ".".join(urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts)
    return {"authorization": f"Bearer {token}."}


def update(path: str, **numbers: int) -> dict[str, Any]:
    fields = {name: {"integerValue": str(value)} for name, value in numbers.items()}
    return {"update": {"name": f"{DOCUMENTS}/{path}", "fields": fields}}


def delete(path: str) -> dict[str, Any]:
    return {"delete": f"{DOCUMENTS}/{path}"}


def increment(path: str, amount: int) -> dict[str, Any]:
    transform = {"fieldPath": "n", "increment": {"integerValue": str(amount)}}
    return {"transform": {"document": f"{DOCUMENTS}/{path}", "fieldTransforms": [transform]}}


class Firestore:
    """One engine: what it is asked, and the receiver that its events come to."""

    def __init__(self, host: str, receiver: Receiver) -> None:
        self._http = httpx.Client(base_url=f"http://{host}", trust_env=False, timeout=60)
        self._receiver = receiver
        self._markers = 0
        self.put_trigger("end", f"{PREFIX}created", "ends/{id}")

    def put_trigger(self, key: str, event_type: str, document: str, *, match_type: str = "PATH_PATTERN") -> None:
        body = {
            "eventType": event_type,
            "database": "(default)",
            "namespace": "(default)",
            "document": {"value": document, "matchType": match_type},
        }
        answer = self._http.post(f"/emulator/v1/projects/{PROJECT}/eventarcTrigger?eventarcTriggerId={key}", json=body)
        assert answer.json() == body

    def put_v1_trigger(self, key: str, event_type: str, document: str) -> None:
        resource = f"{DOCUMENTS}/{document}"
        trigger = {"eventType": event_type, "resource": resource, "service": "firestore.googleapis.com"}
        answer = self._http.put(f"/emulator/v1/projects/{PROJECT}/triggers/{key}", json={"eventTrigger": trigger})
        assert (answer.status_code, answer.json()) == (200, {})

    def put_rules(self, text: str) -> None:
        files = [{"name": "firestore.rules", "content": text}]
        self._http.put(
            f"/emulator/v1/projects/{PROJECT}:securityRules", json={"rules": {"files": files}}
        ).raise_for_status()

    def commit(
        self, *writes: Mapping[str, Any], who: Mapping[str, str] = OWNER, method: str = "commit", **more: Any
    ) -> int:
        body = {"writes": writes, **more}
        return self._http.post(f"/v1/{DOCUMENTS}:{method}", json=body, headers=who).status_code

    def begin(self) -> str:
        answer = self._http.post(f"/v1/{DOCUMENTS}:beginTransaction", json={}, headers=OWNER)
        return str(answer.json()["transaction"])

    def events(self) -> list[Received]:
        """What has come up to now: a marker of our own comes behind all that was sent before."""
        self._markers += 1
        marker = f"ends/e{self._markers}"
        self.commit(update(marker))
        received = self._receiver.wait_for(lambda all_: any(_is_marker(each, marker) for each in all_), timeout_s=60)
        assert any(_is_marker(each, marker) for each in received), "the marker has not come"
        start = next((n + 1 for n, each in enumerate(received) if _is_marker(each, f"ends/e{self._markers - 1}")), 0)
        return [each for each in received[start:] if each.key != "end"]

    def close(self) -> None:
        self._http.close()


def _is_marker(received: Received, marker: str) -> bool:
    return received.key == "end" and received.attributes["document"] == marker

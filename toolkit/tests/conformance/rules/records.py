"""Questions and answers in the formats of recordings, so that whatever is found can be replayed.

A question is a record without its answer. Nothing here asks anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toolkit.tests.conformance.rules.official import Answer

Json = Mapping[str, Any]
Record = dict[str, Any]
STATUS_NAMES = {200: "OK", 404: "NOT_FOUND", 409: "ALREADY_EXISTS", 500: "UNKNOWN"}
ALICE: Json = {
    "sub": "alice",
    "user_id": "alice",
    "iss": "https://securetoken.google.com/demo-x",
    "aud": "demo-x",
    "iat": 1700000000,
    "auth_time": 1700000000,
    "exp": 4000000000,
    "firebase": {"sign_in_provider": "custom", "identities": {}},
}
"""The claims of whoever asks for expressions."""


def answered(question: Json, answer: Answer) -> Record:
    """The record of a request: allowed, denied, or an error that is not the rules' own."""
    status = answer.error.get("status") or STATUS_NAMES.get(answer.http_status, "UNKNOWN")
    outcome = "allow" if answer.is_ok else "deny" if status == "PERMISSION_DENIED" else "error"
    message = None if answer.is_ok else answer.message or None
    told = {"outcome": outcome, "http_status": answer.http_status, "grpc_status": status, "message": message}
    return {**question, **told}


def refused(source: str, answer: Answer) -> Record:
    """The record of a ruleset that the compiler does not take."""
    return {"source": source, "accepted": False, "error": answer.message}


def is_invalid(record: Json) -> bool:
    """Whether the request was refused before rules were asked."""
    return record["grpc_status"] in ("INVALID_ARGUMENT", "UNIMPLEMENTED")


def has_crashed(record: Json) -> bool:
    """Whether the emulator failed on the request as a whole."""
    return record["grpc_status"] in ("UNKNOWN", "INTERNAL")

"""The request that tells one function of one change, as Google's emulator sends it and production means it.

What the emulator is known to get wrong is right here: see `docs/differences.md`.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from firewarden.triggers.cloudevents import AUTH_CONTEXT, encode, event
from firewarden.triggers.registered import DocumentChange, Registration

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A POST request to a functions host."""

    path: str
    headers: dict[str, str]
    body: bytes


def outgoing(key: str, asked: Registration, change: DocumentChange, event_id: str, *, as_base64: bool) -> Outgoing:
    """The request for the function under a key; `as_base64` is how firebase-tools expects protocol buffers."""
    path = f"/functions/projects/{change.project}/triggers/{quote(key, safe='')}"
    if asked.is_v1:
        return Outgoing(path, {"content-type": "application/json"}, _v1_body(asked, change, event_id))
    headers, body = encode(
        event(
            id=event_id,
            type=asked.event_type,
            project=change.project,
            database=change.database,
            document=change.path,
            data=change.data(),
            time=change.time,
            auth=change.auth if asked.event_type.endswith(AUTH_CONTEXT) else None,
        )
    )
    headers["ce-datacontenttype"] = headers["content-type"]  # which CloudEvents does without, and Google sends
    # Ids of documents may hold what no header may; CloudEvents has it escaped like this.
    headers = {name: _CONTROL.sub(lambda found: quote(found[0]), value) for name, value in headers.items()}
    return Outgoing(path, headers, base64.b64encode(body) if as_base64 else body)


def _v1_body(asked: Registration, change: DocumentChange, event_id: str) -> bytes:
    name = f"projects/{change.project}/databases/{change.database}/documents/{change.path}"
    context = {
        "eventId": event_id,
        "timestamp": _timestamp(change.time),
        "eventType": asked.event_type,
        "resource": {"name": name, "service": "firestore.googleapis.com"},
    }
    text = json.dumps(context, ensure_ascii=False, separators=(",", ":"))
    return f'{{"data":{change.v1_data()},"context":{text}}}'.encode()


def _timestamp(moment: datetime) -> str:
    """As protocol buffers are written in JSON: no more digits than are needed, by threes."""
    digits = "microseconds" if moment.microsecond % 1_000 else "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=digits).replace("+00:00", "Z")

"""Firestore CloudEvents as they travel over HTTP: headers and a protobuf body in, headers and body out.

The body stays bytes here: the functions SDK is the one who parses it. Only binary content mode is spoken,
which is what Eventarc and the emulators send.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from firewarden.errors import EventMalformed

PREFIX = "google.cloud.firestore.document.v1."
AUTH_CONTEXT = ".withAuthContext"
DATA_SCHEMA = (
    "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto"
)
_PROTOBUF = "application/protobuf"

# firebase-functions reads each of these without asking whether it is there.
REQUIRED = ("id", "source", "type", "specversion", "subject")
REQUIRED_OF_FIRESTORE = ("project", "database", "namespace", "document", "location", "datacontenttype")
REQUIRED_WITH_AUTH_CONTEXT = ("authtype", "authid")

# DocumentEventData has the fields 1 to 3, all length-delimited: the first byte of a body is one of their
# tags. None of them is a character of base64, so one byte tells the two encodings apart.
_FIRST_BYTES = frozenset(b"\x0a\x12\x1a")


@dataclass(frozen=True, slots=True)
class FirestoreEvent:
    """One change of one document, as one function is told about it."""

    attributes: Mapping[str, str]
    data: bytes

    @property
    def id(self) -> str:
        """The id of the change; copies of a delivery share it."""
        return self.attributes["id"]

    @property
    def type(self) -> str:
        """The full event type, with `.withAuthContext` where it applies."""
        return self.attributes["type"]

    @property
    def document(self) -> str:
        """The path of the document below the database root."""
        return self.attributes["document"]

    @property
    def database(self) -> str:
        """The database id, `(default)` for most."""
        return self.attributes["database"]


def decode(headers: Mapping[str, str], body: bytes) -> FirestoreEvent:
    """A binary-mode request is an event when no attribute the SDK relies on is missing.

    Takes raw protobuf as production sends it and base64 text as the emulator does, and mends what the
    emulator gets wrong: the source's doubled `projects/`, and UTF-8 in headers read as Latin-1.
    """
    attributes = {
        name.lower().removeprefix("ce-"): _utf8(value)
        for name, value in headers.items()
        if name.lower().startswith("ce-")
    }
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if content_type:
        attributes.setdefault("datacontenttype", content_type)
    _require_attributes(attributes)
    attributes["source"] = attributes["source"].replace("/projects/projects/", "/projects/")
    return FirestoreEvent(attributes, _raw(body))


def encode(event: FirestoreEvent) -> tuple[dict[str, str], bytes]:
    """Return the binary-mode headers and raw protobuf body that `decode` gives back unchanged."""
    headers = {
        f"ce-{name}": value.encode().decode("latin-1")  # as bytes on the wire: what `decode` undoes
        for name, value in event.attributes.items()
        if name != "datacontenttype"
    }
    return {**headers, "content-type": event.attributes["datacontenttype"]}, event.data


def event(  # noqa: PLR0913 - the attributes of an event, by name
    *,
    id: str,  # noqa: A002 - the CloudEvents name
    type: str,  # noqa: A002 - the CloudEvents name
    project: str,
    document: str,
    data: bytes,
    time: datetime,
    database: str = "(default)",
    location: str = "us-central1",
    auth: tuple[str, str] | None = None,
) -> FirestoreEvent:
    """Make an event as production would send it; `type` may be short: created, written.withAuthContext.

    `data` is a serialized google.events.cloud.firestore.v1.DocumentEventData, `auth` the type and id of
    who made the change.
    """
    attributes = {
        "specversion": "1.0",
        "id": id,
        "type": type if type.startswith(PREFIX) else PREFIX + type,
        "source": f"//firestore.googleapis.com/projects/{project}/databases/{database}",
        "subject": f"documents/{document}",
        "time": time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "datacontenttype": _PROTOBUF,
        "dataschema": DATA_SCHEMA,
        "location": location,
        "project": project,
        "database": database,
        "namespace": "(default)",
        "document": document,
    }
    if auth is not None:
        attributes |= {"authtype": auth[0], "authid": auth[1]}
    _require_attributes(attributes)
    return FirestoreEvent(attributes, data)


def _utf8(value: str) -> str:
    """Header values arrive as Latin-1 text by HTTP's rule; document ids in them are UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _require_attributes(attributes: Mapping[str, str]) -> None:
    required: tuple[str, ...] = REQUIRED + REQUIRED_OF_FIRESTORE
    if attributes.get("type", "").endswith(AUTH_CONTEXT):
        required += REQUIRED_WITH_AUTH_CONTEXT
    missing = [name for name in required if name not in attributes]
    if missing:
        raise EventMalformed(
            f"the event lacks {', '.join(missing)}",
            hint="Send a Firestore CloudEvent in binary mode: ce-* headers and content-type.",
        )
    if not attributes["type"].startswith(PREFIX):
        raise EventMalformed(
            f"the event type {attributes['type']!r} is not one of Firestore",
            hint=f"Only types that start with {PREFIX} are delivered here.",
        )
    if not attributes["datacontenttype"].startswith(_PROTOBUF):
        raise EventMalformed(
            f"the event's content type is {attributes['datacontenttype']!r}",
            hint=f"firebase-functions reads Firestore events only as {_PROTOBUF}.",
        )


def _raw(body: bytes) -> bytes:
    if body[:1] and body[0] in _FIRST_BYTES:
        return body
    try:
        decoded = base64.b64decode(body, validate=True)
    except binascii.Error:
        decoded = b""
    if decoded[:1] and decoded[0] in _FIRST_BYTES:
        return decoded
    raise EventMalformed(
        f"the event's body ({len(body)} bytes) is neither a DocumentEventData nor base64 of one",
        hint="Send the serialized protobuf message as the request body.",
    )

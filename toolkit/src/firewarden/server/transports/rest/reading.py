"""Requests from JSON, from a query string and from a path, as messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from firewarden.firestore.status import StatusError, invalid
from firewarden.firestore.wire import protos
from firewarden.server.transports.rest.bindings import Called

_TIMESTAMP = "google.protobuf.Timestamp"
_BYTES = ("bytesValue", "transaction", "retryTransaction")
_BYTES_IN_JSON = tuple(f'"{name}"'.encode() for name in _BYTES)
_FAULTS = (json_format.ParseError, ValueError, TypeError, RecursionError, SystemError)
"""The last one is what protobuf raises for half a surrogate pair in a name."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")


def malformed() -> StatusError:
    """The emulator's words for whatever cannot be read."""
    return invalid("Payload isn't valid for request.")


def read_message(message: Any, body: bytes) -> Any:
    """Fill `message` from its JSON."""
    try:
        return json_format.ParseDict(_object(body), message, descriptor_pool=protos.pool())
    except _FAULTS as fault:
        raise malformed() from fault


def read_request(message: Any, called: Called, query: Iterable[tuple[str, str]], body: bytes) -> Any:
    """Fill `message` from a request. What the path says wins over the query string and the body."""
    binding = called.binding
    try:
        if binding.body != "*":
            json_format.ParseDict(_parameters(message.DESCRIPTOR, query), message, descriptor_pool=protos.pool())
        if binding.body is not None and body:
            target = message if binding.body == "*" else getattr(message, binding.body)
            json_format.ParseDict(_object(body), target, descriptor_pool=protos.pool())
        for name, value in called.fields.items():
            _assign(message, name, value)
    except _FAULTS as fault:
        raise malformed() from fault
    return message


def _object(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise malformed()
    if any(name in body for name in _BYTES_IN_JSON):
        _check_bytes(found)
    return found


def _check_bytes(value: Any) -> None:
    """The parser takes whatever looks like base64 out of a text; what else is in it must not be there."""
    if isinstance(value, dict):
        texts = map(value.get, _BYTES)
        if any(isinstance(text, str) and not _BASE64.fullmatch(text) for text in texts):
            raise malformed()
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            _check_bytes(each)


def _assign(message: Any, name: str, value: str) -> None:
    *outer, last = name.split(".")
    for each in outer:
        message = getattr(message, each)
    setattr(message, last, value)


def _parameters(descriptor: Descriptor, query: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The JSON that a query string stands for. Names may be dotted; what the message does not know is ignored."""
    found: dict[str, Any] = {}
    for name, text in query:
        _add_parameter(found, descriptor, name.split("."), text)
    return found


def _add_parameter(found: dict[str, Any], descriptor: Descriptor, names: list[str], text: str) -> None:
    field = _field(descriptor, names[0])
    if field is None:
        return
    if len(names) > 1:
        if field.message_type is not None and not field.is_repeated:
            _add_parameter(found.setdefault(field.json_name, {}), field.message_type, names[1:], text)
        return
    if field.message_type is not None and field.message_type.full_name != _TIMESTAMP:
        return
    value = text.lower() == "true" if field.type == FieldDescriptor.TYPE_BOOL else text
    if field.is_repeated:
        found.setdefault(field.json_name, []).append(value)
    elif found.setdefault(field.json_name, value) is not value:
        raise malformed()


def _field(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    found = descriptor.fields_by_name.get(name)
    return descriptor.fields_by_camelcase_name.get(name) if found is None else found

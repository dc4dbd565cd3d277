"""Events as HTTP carries them."""

import base64
from collections.abc import Callable

import pytest

from firewarden.errors import EventMalformed
from firewarden.triggers import FirestoreEvent, decode, encode

MakeEvent = Callable[..., FirestoreEvent]


@pytest.mark.parametrize("document", ["users/ana", "users/Zoë b", "users/日本"])
@pytest.mark.parametrize("change", ["created", "written.withAuthContext"])
def test_decoding_undoes_encoding(make_event: MakeEvent, document: str, change: str) -> None:
    event = make_event(change, document, after={"n": 1})
    assert decode(*encode(event)) == event


def test_the_emulators_base64_is_taken_as_well(make_event: MakeEvent) -> None:
    event = make_event("created", "users/ana", after={"n": 1})
    headers, body = encode(event)
    assert decode(headers, base64.b64encode(body)).data == event.data


def test_a_deletion_is_told_from_base64_too(make_event: MakeEvent) -> None:
    """A body without a new value starts with another field, hence another first byte."""
    event = make_event("deleted", "users/ana", before={})
    headers, body = encode(event)
    assert decode(headers, body).data == decode(headers, base64.b64encode(body)).data == event.data


def test_the_emulators_doubled_projects_in_the_source_is_mended(make_event: MakeEvent) -> None:
    headers, body = encode(make_event("created", "users/ana", after={}))
    headers["ce-source"] = "//firestore.googleapis.com/projects/projects/demo-sample/databases/(default)"
    expected = "//firestore.googleapis.com/projects/demo-sample/databases/(default)"
    assert decode(headers, body).attributes["source"] == expected


@pytest.mark.parametrize(
    "name",
    [
        *("ce-id", "ce-source", "ce-type", "ce-specversion", "ce-subject", "ce-project", "ce-database"),
        *("ce-namespace", "ce-document", "ce-location", "content-type", "ce-authtype", "ce-authid"),
    ],
)
def test_an_attribute_that_the_sdk_relies_on_must_be_there(make_event: MakeEvent, name: str) -> None:
    headers, body = encode(make_event("written.withAuthContext", "users/ana", after={}))
    del headers[name]
    expected = "datacontenttype" if name == "content-type" else name.removeprefix("ce-")
    with pytest.raises(EventMalformed, match=rf"lacks {expected}\n") as caught:
        decode(headers, body)
    assert caught.value.hint


def test_an_event_without_auth_context_needs_no_auth(make_event: MakeEvent) -> None:
    assert "authid" not in decode(*encode(make_event("written", "users/ana", after={}))).attributes


@pytest.mark.parametrize("body", [b"", b"{}", b"not base64!", base64.b64encode(b"plain words")])
def test_a_body_that_is_no_event_is_refused(make_event: MakeEvent, body: bytes) -> None:
    headers, _ = encode(make_event("created", "users/ana", after={}))
    with pytest.raises(EventMalformed, match="neither a DocumentEventData nor base64"):
        decode(headers, body)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ce-type", "google.cloud.pubsub.topic.v1.messagePublished", "is not one of Firestore"),
        ("content-type", "application/json", "content type is 'application/json'"),
    ],
)
def test_events_of_other_kinds_are_refused(make_event: MakeEvent, name: str, value: str, message: str) -> None:
    headers, body = encode(make_event("created", "users/ana", after={}))
    with pytest.raises(EventMalformed, match=message):
        decode(headers | {name: value}, body)

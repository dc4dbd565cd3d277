"""Reflection and health, as their own clients ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2

from firewarden.server.transports.grpc.schemas import messages
from firewarden.server.transports.interface import Method

PATIENCE_S = 10.0
FIRESTORE = "google.firestore.v1.Firestore"
VERSIONS = ["grpc.reflection.v1", "grpc.reflection.v1alpha"]


@pytest.fixture
def channel(serve: Any) -> Iterator[grpc.Channel]:
    services = {f"/{FIRESTORE}/GetDocument": Method("unary", lambda request, context: b"")}
    with serve(services) as served, grpc.insecure_channel(served.target) as opened:
        yield opened


def reflect(channel: grpc.Channel, version: str, **question: Any) -> Any:
    known = messages(version)
    call = channel.stream_stream(
        f"/{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=known["ServerReflectionResponse"].FromString,
    )
    (answer,) = call(iter([known["ServerReflectionRequest"](**question)]), timeout=PATIENCE_S)
    return answer


@pytest.mark.parametrize("version", VERSIONS)
def test_services_are_listed(channel: grpc.Channel, version: str) -> None:
    answer = reflect(channel, version, list_services="")
    assert [each.name for each in answer.list_services_response.service] == [
        FIRESTORE,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("question", "first"),
    [
        ({"file_containing_symbol": FIRESTORE}, "google/firestore/v1/firestore.proto"),
        ({"file_containing_symbol": "google.firestore.v1.Document"}, "google/firestore/v1/document.proto"),
        ({"file_by_filename": "google/type/latlng.proto"}, "google/type/latlng.proto"),
    ],
)
def test_files_come_with_all_that_they_import(
    channel: grpc.Channel, version: str, question: dict[str, str], first: str
) -> None:
    answer = reflect(channel, version, **question)
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(data)
        for data in answer.file_descriptor_response.file_descriptor_proto
    ]
    names = [file.name for file in files]
    assert names[0] == first
    assert len(names) == len(set(names))
    assert {name for file in files for name in file.dependency} <= set(names)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ({"file_containing_symbol": "abc"}, "Symbol not found."),
        ({"file_by_filename": "a.proto"}, "File not found."),
        ({"all_extension_numbers_of_type": "x"}, "Type not found."),
        ({}, "Symbol not found."),
    ],
)
def test_what_is_not_there(channel: grpc.Channel, question: dict[str, str], text: str) -> None:
    """Code and text are those of the official emulator, which knows no answer to no question."""
    answer = reflect(channel, VERSIONS[1], **question)
    assert (answer.error_response.error_code, answer.error_response.error_message) == (5, text)
    assert answer.original_request == messages(VERSIONS[1])["ServerReflectionRequest"](**question)


@pytest.mark.parametrize("service", ["", FIRESTORE])
def test_the_server_is_well(channel: grpc.Channel, service: str) -> None:
    known = messages("grpc.health.v1")
    request = known["HealthCheckRequest"](service=service).SerializeToString()
    answer = channel.unary_unary("/grpc.health.v1.Health/Check")(request, timeout=PATIENCE_S)
    assert known["HealthCheckResponse"].FromString(answer).status == 1
    watching = channel.unary_stream("/grpc.health.v1.Health/Watch")(request, timeout=PATIENCE_S)
    assert known["HealthCheckResponse"].FromString(next(watching)).status == 1
    watching.cancel()


def test_a_service_that_is_not_served(channel: grpc.Channel) -> None:
    known = messages("grpc.health.v1")
    request = known["HealthCheckRequest"](service="abc").SerializeToString()
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/grpc.health.v1.Health/Check")(request, timeout=PATIENCE_S)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    watching = channel.unary_stream("/grpc.health.v1.Health/Watch")(request, timeout=PATIENCE_S)
    assert known["HealthCheckResponse"].FromString(next(watching)).status == 3
    watching.cancel()

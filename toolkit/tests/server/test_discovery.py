"""How tools find out what a server is: reflection, against Google's emulator, and health, which that has not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2

from firewarden.server.serving import Server
from firewarden.server.transports.grpc.schemas import messages
from firewarden.testing.session import Server as Found

FIRESTORE = "google.firestore.v1.Firestore"
VERSION = "grpc.reflection.v1alpha"  # the emulator knows no other
PATIENCE_S = 30.0
UNSERVED = {"ExecutePipeline"}
"""Described, and answered with UNIMPLEMENTED."""


@pytest.fixture
def channel(server: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(server.address) as opened:
        yield opened


def reflected(channel: grpc.Channel, **question: str) -> Any:
    known = messages(VERSION)
    call = channel.stream_stream(
        f"/{VERSION}.ServerReflection/ServerReflectionInfo",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=known["ServerReflectionResponse"].FromString,
    )
    return next(iter(call(iter([known["ServerReflectionRequest"](**question)]), timeout=PATIENCE_S)))


def methods(channel: grpc.Channel) -> dict[str, tuple[str, str, bool, bool]]:
    """The methods of Firestore's service: types of requests and answers, and which of them are streams."""
    files = reflected(channel, file_containing_symbol=FIRESTORE).file_descriptor_response.file_descriptor_proto
    (service,) = (
        service
        for each in map(descriptor_pb2.FileDescriptorProto.FromString, files)
        for service in each.service
        if f"{each.package}.{service.name}" == FIRESTORE
    )
    return {
        each.name: (each.input_type, each.output_type, each.client_streaming, each.server_streaming)
        for each in service.method
    }


@pytest.mark.emulator
def test_the_service_is_the_emulators(channel: grpc.Channel, official_firestore_server: Found) -> None:
    with grpc.insecure_channel(official_firestore_server.host) as official:
        expected = methods(official)
    del expected["GetOrListDocuments"]  # of the emulator's REST interface to itself; in no published version
    found = methods(channel)
    assert {name: found.get(name) for name in expected} == expected


def test_every_method_is_served_or_says_that_it_is_not(channel: grpc.Channel) -> None:
    for name, (_, _, asks_more, answers_more) in methods(channel).items():
        many = channel.stream_stream if asks_more else channel.unary_stream if answers_more else channel.unary_unary
        call = many(f"/{FIRESTORE}/{name}")
        with pytest.raises(grpc.RpcError) as caught:
            list(call(iter([b""]) if asks_more else b"", timeout=PATIENCE_S))
        expected = grpc.StatusCode.UNIMPLEMENTED if name in UNSERVED else grpc.StatusCode.INVALID_ARGUMENT
        assert caught.value.code() is expected, name


@pytest.mark.parametrize("service", ["", FIRESTORE])
def test_whoever_asks_for_its_health_finds_it_serving(channel: grpc.Channel, service: str) -> None:
    known = messages("grpc.health.v1")
    request = known["HealthCheckRequest"](service=service).SerializeToString()
    answer = channel.unary_unary("/grpc.health.v1.Health/Check")(request, timeout=PATIENCE_S)
    assert known["HealthCheckResponse"].FromString(answer).status == 1

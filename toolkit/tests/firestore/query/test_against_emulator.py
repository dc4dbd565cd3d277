"""Random queries on random documents: Google's emulator finds the same, in the same order, as plans do here."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import grpc
import pytest

from firewarden.firestore.query.available import AUTOMATIC
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.model import Query
from firewarden.firestore.query.planner import plan
from firewarden.firestore.query.validate import check_key
from firewarden.firestore.status import StatusError
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.query_writing import query_message
from firewarden.firestore.wire.values import encode_fields
from firewarden.testing.session import Server
from toolkit.tests.firestore.query import worlds
from toolkit.tests.firestore.query.memory import MemorySnapshot
from toolkit.tests.firestore.record import Official

pytestmark = pytest.mark.emulator

SEEDS = range(500, 508)
QUERIES_EACH = 25
_ADMIN = (("authorization", "Bearer owner"),)


@pytest.fixture(scope="module")
def channel(official_firestore_server: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(official_firestore_server.host) as channel:
        yield channel


@pytest.mark.parametrize("seed", SEEDS)
def test_the_emulator_finds_the_same(seed: int, channel: grpc.Channel) -> None:
    random = Random(seed)
    official = Official(channel)
    documents = worlds.documents(random, project=official.project)
    for path, fields in documents.items():
        write = protos.Write()
        write.update.MergeFromString(encode_fields(fields))
        write.update.name = f"{official.database}/documents/{path}"
        official.commit(write)
    snapshot = MemorySnapshot(documents)
    for _ in range(QUERIES_EACH):
        query = worlds.query(random, project=official.project)
        assert found(official, channel, query) == ours(query, snapshot), query


def ours(query: Query, snapshot: MemorySnapshot) -> list[str] | str:
    """The paths that we answer, or why none."""
    try:
        check_key(query)
        return ["/".join(each.path) for each in run(plan(query, AUTOMATIC), snapshot)]
    except StatusError as refused:
        return refused.message


def found(official: Official, channel: grpc.Channel, query: Query) -> list[str] | str:
    """The paths that the emulator answers, or why none."""
    call = channel.unary_stream(
        "/google.firestore.v1.Firestore/RunQuery",
        request_serializer=lambda each: each.SerializeToString(),
        response_deserializer=protos.RunQueryResponse.FromString,
    )
    parent = "/".join((f"{official.database}/documents", *query.parent))
    request = protos.RunQueryRequest(parent=parent, structured_query=query_message(query))
    try:
        answers = list(call(request, metadata=_ADMIN, timeout=30))
    except grpc.RpcError as refused:
        return str(refused.details())
    return [each.document.name.split("/documents/", 1)[1] for each in answers if each.HasField("document")]

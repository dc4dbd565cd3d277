"""The messages of the protocol, in a pool of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from firewarden.firestore.wire import protos


def test_messages_are_looked_up_by_their_short_names() -> None:
    assert protos.Document.DESCRIPTOR.full_name == "google.firestore.v1.Document"
    assert protos.Status.DESCRIPTOR.full_name == "google.rpc.Status"
    assert protos.message("google.firestore.v1.StructuredQuery") is protos.StructuredQuery


def test_a_message_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"google\.firestore\.v1\.Nothing"):
        _ = protos.Nothing


def test_every_method_of_the_service_is_described() -> None:
    service = protos.pool().FindServiceByName("google.firestore.v1.Firestore")
    methods = {each.name for each in service.methods}
    assert {"Commit", "RunQuery", "Listen", "Write", "PartitionQuery", "BatchWrite", "ExecutePipeline"} < methods


def test_a_write_may_verify() -> None:
    """The public files leave this field out; Google's servers and the web SDK have it as number 5."""
    assert protos.Write.FromString(b"\x2a\x01x").WhichOneof("operation") == "verify"


@pytest.mark.parametrize("first", ["google.cloud.firestore_v1", "firewarden.firestore.wire.protos"])
def test_both_pools_live_in_one_process(first: str) -> None:
    """google-cloud-firestore has the same messages in the default pool, whoever is imported first."""
    source = f"""
import {first}
from google.cloud.firestore_v1.types import Document
from firewarden.firestore.wire import protos
theirs = Document(name="n", fields={{"a": {{"integer_value": 1}}}})
assert protos.Document.FromString(Document.serialize(theirs)).fields["a"].integer_value == 1
"""
    subprocess.run([sys.executable, "-c", source], check=True)  # noqa: S603 - our own source

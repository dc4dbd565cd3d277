"""The messages of `google.firestore.v1`, from a pool of their own.

A process may hold google-cloud-firestore's messages as well: in the default pool the two would clash. Messages are
looked up by their short name when they are first used: `protos.Document`, `protos.StructuredQuery`. Until then
google.protobuf is not imported: testing rules in process needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.descriptor_pool import DescriptorPool

PACKAGE = "google.firestore.v1"
_ELSEWHERE = {
    "Status": "google.rpc.Status",
    "Timestamp": "google.protobuf.Timestamp",
    "LatLng": "google.type.LatLng",
    "Empty": "google.protobuf.Empty",
    "Duration": "google.protobuf.Duration",
    "Struct": "google.protobuf.Struct",
}


@cache
def pool() -> DescriptorPool:
    """The pool; made when it is first needed."""
    from google.protobuf import descriptor_pool  # noqa: PLC0415 - when it is needed

    made = descriptor_pool.DescriptorPool()
    for file in _files(Path(__file__).with_name("firestore.desc").read_bytes()):
        made.AddSerializedFile(file)
    return made


def _files(descriptor_set: bytes) -> Iterator[bytes]:
    """The files of a `FileDescriptorSet`: all there is in one. Its own class costs more than all the others here."""
    position = 0
    while position < len(descriptor_set):
        position, length, shift = position + 1, 0, 0  # INVARIANT: the tag of field 1, which is all that a set has
        while descriptor_set[position] & 0x80:
            length |= (descriptor_set[position] & 0x7F) << shift
            position, shift = position + 1, shift + 7
        length |= descriptor_set[position] << shift
        yield descriptor_set[position + 1 : position + 1 + length]
        position += 1 + length


@cache
def message(full_name: str) -> Any:
    """The class of a message, such as `google.firestore.v1.Document`."""
    from google.protobuf import message_factory  # noqa: PLC0415 - when it is needed

    return message_factory.GetMessageClass(pool().FindMessageTypeByName(full_name))


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    found = message(_ELSEWHERE.get(name, f"{PACKAGE}.{name}"))
    globals()[name] = found
    return found

"""Which method an HTTP request calls, and what its path says: the bindings of Firestore's service, as data.

Source: the `google.api.http` options of google/firestore/v1/firestore.proto
(https://github.com/googleapis/googleapis). Paths are decoded before they are taken apart, as the emulator does, so
that an escaped slash is a slash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SERVICE = "google.firestore.v1.Firestore"
_VERSIONS = ("v1", "v1beta1")
_DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Binding:
    """`name_field` takes the resource's name. `body` is the field that takes the body; `*` is the whole message."""

    rpc: str
    name_field: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """A binding, and the fields that the path sets, by their dotted names."""

    binding: Binding
    fields: Mapping[str, str]


_OF_DATABASE = {
    "batchGet": Binding("BatchGetDocuments", "database", "*"),
    "batchWrite": Binding("BatchWrite", "database", "*"),
    "beginTransaction": Binding("BeginTransaction", "database", "*"),
    "commit": Binding("Commit", "database", "*"),
    "executePipeline": Binding("ExecutePipeline", "database", "*"),
    "rollback": Binding("Rollback", "database", "*"),
}
"""`POST …/documents:verb`"""
_OF_PARENT = {
    "listCollectionIds": Binding("ListCollectionIds", "parent", "*"),
    "partitionQuery": Binding("PartitionQuery", "parent", "*"),
    "runAggregationQuery": Binding("RunAggregationQuery", "parent", "*"),
    "runQuery": Binding("RunQuery", "parent", "*"),
}
"""`POST …/documents:verb` and `POST …/documents/<document>:verb`"""
_OF_DOCUMENT = {
    "GET": Binding("GetDocument", "name"),
    "PATCH": Binding("UpdateDocument", "document.name", "document"),
    "DELETE": Binding("DeleteDocument", "name"),
}
_OF_COLLECTION = {
    "GET": Binding("ListDocuments", "parent"),
    "POST": Binding("CreateDocument", "parent", "document"),
}


def called(method: str, path: str) -> Called | None:
    """The method that `path` (decoded) names, or None."""
    version, _, name = path.removeprefix("/").partition("/")
    segments = name.split("/")
    if version not in _VERSIONS or len(segments) < 5 or (segments[0], segments[2]) != ("projects", "databases"):
        return None
    if segments[4] == _DOCUMENTS:
        inside = segments[5:]
        return _by_verb(method, name) or _by_path(method, segments, inside)
    documents, _, verb = segments[4].partition(":")
    if method != "POST" or documents != _DOCUMENTS or len(segments) > 5:
        return None
    database = "/".join(segments[:4])
    if verb in _OF_DATABASE:
        return Called(_OF_DATABASE[verb], {"database": database})
    if verb in _OF_PARENT:
        return Called(_OF_PARENT[verb], {"parent": f"{database}/{_DOCUMENTS}"})
    return None


def _by_verb(method: str, name: str) -> Called | None:
    document, _, verb = name.rpartition(":")
    if method != "POST" or verb not in _OF_PARENT:  # a collection is no parent, which is told by who reads the name
        return None
    return Called(_OF_PARENT[verb], {"parent": document})


def _by_path(method: str, segments: list[str], inside: list[str]) -> Called | None:
    """A read may be of either, told by the path; what else does not suit its path is refused by its method."""
    if not inside:
        return None
    binding = _OF_DOCUMENT.get(method)
    is_collection = len(inside) % 2 == 1 and all(inside[:-1])
    if binding is not None and not (method == "GET" and is_collection):
        return Called(binding, {binding.name_field: "/".join(segments)})
    binding = _OF_COLLECTION.get(method)
    if binding is None:
        return None
    return Called(binding, {"parent": "/".join(segments[:-1]), "collection_id": segments[-1]})

"""Which method a path calls."""

from __future__ import annotations

import pytest

from firewarden.firestore.wire import protos
from firewarden.server.transports.rest.bindings import SERVICE, called

DATABASE = "projects/p/databases/(default)"
ROOT = f"{DATABASE}/documents"


@pytest.mark.parametrize(
    ("method", "path", "rpc", "fields"),
    [
        ("GET", f"{ROOT}/c/d", "GetDocument", {"name": f"{ROOT}/c/d"}),
        ("GET", f"{ROOT}/c/d/e/f", "GetDocument", {"name": f"{ROOT}/c/d/e/f"}),
        ("GET", f"{ROOT}/c/a:runQuery", "GetDocument", {"name": f"{ROOT}/c/a:runQuery"}),
        ("PATCH", f"{ROOT}/c/d", "UpdateDocument", {"document.name": f"{ROOT}/c/d"}),
        ("DELETE", f"{ROOT}/c/d", "DeleteDocument", {"name": f"{ROOT}/c/d"}),
        ("GET", f"{ROOT}/c", "ListDocuments", {"parent": ROOT, "collection_id": "c"}),
        ("GET", f"{ROOT}/c/d/e", "ListDocuments", {"parent": f"{ROOT}/c/d", "collection_id": "e"}),
        ("GET", f"{ROOT}/c/d/", "ListDocuments", {"parent": f"{ROOT}/c/d", "collection_id": ""}),
        ("GET", f"{ROOT}/c/", "GetDocument", {"name": f"{ROOT}/c/"}),
        ("GET", f"{ROOT}/c//d", "GetDocument", {"name": f"{ROOT}/c//d"}),
        ("DELETE", f"{ROOT}/c", "DeleteDocument", {"name": f"{ROOT}/c"}),
        ("PATCH", f"{ROOT}/c", "UpdateDocument", {"document.name": f"{ROOT}/c"}),
        ("POST", f"{ROOT}/c/d", "CreateDocument", {"parent": f"{ROOT}/c", "collection_id": "d"}),
        ("POST", f"{ROOT}/c/d:commit", "CreateDocument", {"parent": f"{ROOT}/c", "collection_id": "d:commit"}),
        ("POST", f"{ROOT}/c", "CreateDocument", {"parent": ROOT, "collection_id": "c"}),
        ("POST", f"{ROOT}/c/d/e", "CreateDocument", {"parent": f"{ROOT}/c/d", "collection_id": "e"}),
        ("POST", f"{ROOT}:batchGet", "BatchGetDocuments", {"database": DATABASE}),
        ("POST", f"{ROOT}:batchWrite", "BatchWrite", {"database": DATABASE}),
        ("POST", f"{ROOT}:beginTransaction", "BeginTransaction", {"database": DATABASE}),
        ("POST", f"{ROOT}:commit", "Commit", {"database": DATABASE}),
        ("POST", f"{ROOT}:executePipeline", "ExecutePipeline", {"database": DATABASE}),
        ("POST", f"{ROOT}:rollback", "Rollback", {"database": DATABASE}),
        ("POST", f"{ROOT}:runQuery", "RunQuery", {"parent": ROOT}),
        ("POST", f"{ROOT}/c/d:runQuery", "RunQuery", {"parent": f"{ROOT}/c/d"}),
        ("POST", f"{ROOT}:runAggregationQuery", "RunAggregationQuery", {"parent": ROOT}),
        ("POST", f"{ROOT}/c/d:runAggregationQuery", "RunAggregationQuery", {"parent": f"{ROOT}/c/d"}),
        ("POST", f"{ROOT}:partitionQuery", "PartitionQuery", {"parent": ROOT}),
        ("POST", f"{ROOT}:listCollectionIds", "ListCollectionIds", {"parent": ROOT}),
        ("POST", f"{ROOT}/c/d:listCollectionIds", "ListCollectionIds", {"parent": f"{ROOT}/c/d"}),
    ],
)
def test_every_method_has_its_paths(method: str, path: str, rpc: str, fields: dict[str, str]) -> None:
    for version in ("v1", "v1beta1"):
        found = called(method, f"/{version}/{path}")
        assert found is not None
        assert (found.binding.rpc, found.fields) == (rpc, fields)
    assert rpc in protos.pool().FindServiceByName(SERVICE).methods_by_name


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1/"),
        ("GET", f"/v1/{DATABASE}"),
        ("GET", f"/v1/{ROOT}"),
        ("GET", f"//v1/{ROOT}/c/d"),
        ("GET", f"/v2/{ROOT}/c/d"),
        ("GET", "/v1/projects/p/q/databases/d/documents/a/b"),
        ("PUT", f"/v1/{ROOT}/c/d"),
        ("HEAD", f"/v1/{ROOT}/c/d"),
        ("GET", f"/v1/{ROOT}:runQuery"),
        ("POST", f"/v1/{ROOT}:bogus"),
        ("POST", f"/v1/{ROOT}:listen"),
        ("POST", f"/v1/{ROOT}:write"),
    ],
)
def test_other_paths_call_nothing(method: str, path: str) -> None:
    assert called(method, path) is None

"""What REST clients ask, method by method; `test_rest` asks it of both engines. What is odd is in `odd_scenes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from toolkit.tests.sdk.rest import OWNER, Step

TEXT = {**OWNER, "Content-Type": "text/plain"}
BROWSER = {**OWNER, "Origin": "http://localhost:3000"}
DONE = "the emulator marks the last answer of an aggregation with `done`, which the published interface has not"
MASK = "the emulator returns all fields where missing documents are shown"
SORTED = "the emulator fails on the page token of a sorted list"
LAST = "the emulator gives a page token although these were all"
ZERO = "the emulator takes any update time in a URL for 0"
SKIPPED = "the emulator tells the number of skipped results with every document, and not at all without one"
N = "$D/documents/"


def value(number: int) -> dict[str, str]:
    return {"integerValue": str(number)}


def fields(**numbers: int) -> dict[str, Any]:
    return {"fields": {name: value(number) for name, number in numbers.items()}}


def update(path: str, **numbers: int) -> dict[str, Any]:
    return {"update": {"name": N + path, **fields(**numbers)}}


def commit(*writes: dict[str, Any], **more: Any) -> Step:
    return Step("POST", ":commit", {"writes": list(writes), **more})


def query(**parts: Any) -> Step:
    return Step("POST", ":runQuery", {"structuredQuery": {"from": [{"collectionId": "c"}], **parts}})


def count(**parts: Any) -> Step:
    structured = {"structuredQuery": {"from": [{"collectionId": "c"}]}, "aggregations": [{"count": {}, "alias": "n"}]}
    return Step("POST", ":runAggregationQuery", {"structuredAggregationQuery": structured, **parts}, differs=DONE)


def where(name: str, operator: str, number: int) -> dict[str, Any]:
    return {"fieldFilter": {"field": {"fieldPath": name}, "op": operator, "value": value(number)}}


def by(name: str, direction: str = "ASCENDING") -> dict[str, Any]:
    return {"field": {"fieldPath": name}, "direction": direction}


FIVE = commit(*(update(f"c/d{number}", n=number, m=number % 2) for number in range(5)))
EVERY_TYPE = {
    "fields": {
        "null": {"nullValue": None},
        "bool": {"booleanValue": True},
        "int": {"integerValue": "-9223372036854775808"},
        "int as number": {"integerValue": 7},
        "double": {"doubleValue": 1.5},
        "whole": {"doubleValue": 3},
        "large": {"doubleValue": 1e300},
        "small": {"doubleValue": 1e-300},
        "nan": {"doubleValue": "NaN"},
        "infinity": {"doubleValue": "-Infinity"},
        "minus zero": {"doubleValue": -0.0},
        "time": {"timestampValue": "2026-05-01T10:30:15.123456Z"},
        "whole time": {"timestampValue": "2026-05-01T10:30:15Z"},
        "zone": {"timestampValue": "2026-05-01T10:30:15+02:00"},
        "text": {"stringValue": 'ü " \\ \n 😀 </script> \u2028'},
        "bytes": {"bytesValue": "AAH+/w=="},
        "url bytes": {"bytesValue": "AAH-_w=="},
        "reference": {"referenceValue": N + "a/b"},
        "geopoint": {"geoPointValue": {"latitude": 52.5, "longitude": -13.25}},
        "nowhere": {"geoPointValue": {}},
        "list": {
            "arrayValue": {"values": [{"integerValue": "1"}, {"mapValue": {"fields": {"a": {"nullValue": None}}}}]}
        },
        "empty list": {"arrayValue": {}},
        "map": {"mapValue": {"fields": {"a.b": {"stringValue": ""}, "c`d": {"booleanValue": False}}}},
        "empty map": {"mapValue": {}},
    }
}
TRANSFORMS = {
    **update("c/a", x=1),
    "updateMask": {"fieldPaths": ["x"]},
    "updateTransforms": [
        {"fieldPath": "n", "increment": value(5)},
        {"fieldPath": "high", "maximum": value(3)},
        {"fieldPath": "low", "minimum": {"doubleValue": 0.5}},
        {"fieldPath": "all", "appendMissingElements": {"values": [value(1), value(2)]}},
        {"fieldPath": "few", "removeAllFromArray": {"values": [value(1)]}},
    ],
}

SCENES: Mapping[str, list[Step]] = {
    "a document's life": [
        Step("GET", "c/a"),
        Step("POST", "c?documentId=a", fields(x=1, y=2)),
        Step("POST", "c?documentId=a", fields(x=1)),
        Step("GET", "c/a"),
        Step("PATCH", "c/a", fields(x=3)),
        Step("PATCH", "c/a?updateMask.fieldPaths=z&updateMask.fieldPaths=y", fields(z=4)),
        Step("GET", "c/a"),
        Step("PATCH", "c/a?updateMask.fieldPaths=x&mask.fieldPaths=z", fields(x=5)),
        Step("DELETE", "c/a"),
        Step("DELETE", "c/a"),
        Step("GET", "c/a"),
        Step("POST", "c", fields(x=1)),
        Step("POST", "c?mask.fieldPaths=y", fields(x=1, y=2)),
        Step("POST", "c/a/s?documentId=b", {}),
        Step("GET", "c/a/s/b"),
    ],
    "every type": [
        Step("PATCH", "c/a", EVERY_TYPE),
        Step("GET", "c/a"),
        Step("GET", "c/a?mask.fieldPaths=map&mask.fieldPaths=%60int%20as%20number%60"),
        Step("GET", "c/a?mask.fieldPaths=map.%60a.b%60"),
        Step("GET", "c/a?mask.fieldPaths=none"),
        Step("GET", "c/a?mask.field_paths=text"),
    ],
    "masks and conditions": [
        Step("PATCH", "c/a?currentDocument.exists=true", fields(x=1)),
        Step("PATCH", "c/a?currentDocument.exists=false", fields(x=1)),
        Step("PATCH", "c/a?currentDocument.exists=false", fields(x=1)),
        commit(update("c/a", x=2)),
        Step("PATCH", "c/a?currentDocument.updateTime=$TIME", fields(x=3), differs=ZERO),
        Step("PATCH", "c/a?currentDocument.updateTime=1999-01-01T00:00:00Z", fields(x=4), differs=ZERO),
        Step("DELETE", "c/a?currentDocument.exists=false"),
        Step("DELETE", "c/none?currentDocument.exists=true"),
        Step("DELETE", "c/a?currentDocument.exists=true"),
        Step("PATCH", "c/b?updateMask.fieldPaths=a.b", {"fields": {"a": {"mapValue": fields(b=1, c=2)}}}),
        Step("PATCH", "c/b?updateMask.fieldPaths=a..b", fields(a=1)),
        Step("PATCH", "c/b?updateMask.fieldPaths=", fields(a=1)),
        Step("GET", "c/b"),
    ],
    "lists": [
        FIVE,
        commit(update("c/z/s/1", n=1)),
        Step("GET", "c"),
        Step("GET", "c?pageSize=2"),
        Step("GET", "c?pageSize=2&pageToken=$TOKEN"),
        Step("GET", "c?pageSize=2&pageToken=$TOKEN"),
        Step("GET", "c?showMissing=true&mask.fieldPaths=m", differs=MASK),
        Step("GET", "c?showMissing=true"),
        Step("GET", "c?orderBy=m%20desc,n"),
        Step("GET", "c?orderBy=n%20desc&pageSize=3"),
        Step("GET", "c?orderBy=n%20desc&pageSize=3&pageToken=$TOKEN", differs=SORTED),
        Step("GET", "c?orderBy=__name__%20desc"),
        Step("GET", "c?orderBy=none"),
        Step("GET", "c?showMissing=true&orderBy=n"),
        Step("GET", "none"),
        Step("GET", "c?pageSize=-1"),
        Step("GET", "c/z/s?mask.fieldPaths=__name__"),
        Step("POST", ":listCollectionIds", {}),
        Step("POST", "c/z:listCollectionIds", {}),
        Step("POST", "c/d0:listCollectionIds"),
        Step("POST", ":listCollectionIds", {"pageSize": 1}, differs=LAST),
        Step("GET", "c?pageSize=5", differs=LAST),
    ],
    "commits": [
        commit(),
        commit(update("c/a", x=1), update("c/b", x=2)),
        commit(TRANSFORMS),
        Step("GET", "c/a"),
        commit({"delete": N + "c/b"}, {"delete": N + "c/none"}),
        commit({**update("c/n", x=1), "currentDocument": {"exists": True}}),
        commit({"verify": N + "c/a", "currentDocument": {"exists": True}}),
        commit({"transform": {"document": N + "c/a", "fieldTransforms": [{"fieldPath": "n", "increment": value(1)}]}}),
        commit(update("c", x=1)),
        commit({}),
        commit(update("c/b", x=1), {**update("c/b", x=2), "currentDocument": {"exists": False}}),
        Step("POST", ":commit", '{"writes": [', TEXT),
        Step("POST", ":commit", {"unknown": 1}),
        Step("POST", ":commit", [1]),
        Step("POST", ":commit", {"writes": [update("c/t", x=1)]}, TEXT),
        Step("GET", "c/t"),
    ],
    "batches": [
        FIVE,
        Step("POST", ":batchGet", {"documents": [N + "c/d1", N + "c/none", N + "c/d1", N + "c/d0"]}),
        Step("POST", ":batchGet", {"documents": [N + "c/d1"], "mask": {"fieldPaths": ["m"]}}),
        Step("POST", ":batchGet", {"documents": []}),
        Step("POST", ":batchGet", {}),
        Step("POST", ":batchGet", {"documents": ["c/d1"]}),
        Step("POST", ":batchGet", {"documents": [N + "c/d2"], "newTransaction": {"readOnly": {}}}),
        Step("POST", ":batchWrite", {"writes": [update("c/new", n=1), {"delete": N + "c/d0"}]}),
        Step(
            "POST",
            ":batchWrite",
            {"writes": [{**update("c/d1", n=9), "currentDocument": {"exists": False}}, update("c/d2", n=9)]},
        ),
        Step("POST", ":batchWrite", {"writes": [update("c/e", n=1), update("c/e", n=2)]}),
        Step("POST", ":batchWrite", {}),
        Step("GET", "c"),
    ],
    "transactions": [
        FIVE,
        Step("POST", ":beginTransaction", {}),
        Step("POST", ":batchGet", {"documents": [N + "c/d1"], "transaction": "$TXN"}),
        commit(update("c/d1", n=7), transaction="$TXN"),
        commit(update("c/d1", n=8), transaction="$TXN"),
        Step("POST", ":beginTransaction", {"options": {"readWrite": {}}}),
        Step("POST", ":rollback", {"transaction": "$TXN"}),
        Step("POST", ":rollback", {"transaction": "$TXN"}),
        Step("POST", ":beginTransaction", {"options": {"readOnly": {}}}),
        Step(
            "POST",
            ":runQuery",
            {"structuredQuery": {"from": [{"collectionId": "c"}], "limit": 1}, "transaction": "$TXN"},
        ),
        commit(update("c/d1", n=9), transaction="$TXN"),
        commit(transaction="$TXN"),
        Step("POST", ":rollback", {"transaction": "AAAA"}),
        Step("POST", ":rollback", {}),
        Step("GET", "c/d1"),
    ],
    "queries": [
        FIVE,
        query(),
        query(where=where("n", "GREATER_THAN", 2)),
        query(where={"compositeFilter": {"op": "OR", "filters": [where("n", "EQUAL", 0), where("n", "EQUAL", 4)]}}),
        query(where={"unaryFilter": {"op": "IS_NULL", "field": {"fieldPath": "n"}}}),
        query(orderBy=[by("m", "DESCENDING"), by("n")], limit=3),
        replace(query(orderBy=[by("m", "DESCENDING"), by("n")], limit=3, offset=1), differs=SKIPPED),
        query(orderBy=[by("n")], startAt={"values": [value(1)], "before": False}, endAt={"values": [value(3)]}),
        query(select={"fields": [{"fieldPath": "m"}]}, limit=1),
        query(select={"fields": [{"fieldPath": "__name__"}]}, limit=1),
        query(limit={"value": 2}),
        query(limit=0),
        replace(query(offset=9), differs=SKIPPED),
        query(where=where("n", "LIKE", 2)),
        query(limit=-1),
        query(orderBy=[by("n", "SIDEWAYS")]),
        query(where={"fieldFilter": {"field": {"fieldPath": "n"}, "op": "IN", "value": value(1)}}),
        Step("POST", ":runQuery", {"structuredQuery": {"from": [{"collectionId": "c", "allDescendants": True}]}}),
        Step("POST", "c/d1:runQuery", {"structuredQuery": {"from": [{"collectionId": "s"}]}}),
        Step("POST", ":runQuery", {"structuredQuery": {}}),
        Step("POST", ":runQuery", {}),
        Step("POST", ":runQuery", "{", TEXT),
        count(),
        Step("POST", ":runAggregationQuery", {}),
        Step(
            "POST", ":runAggregationQuery", {"structuredAggregationQuery": {"structuredQuery": {}, "aggregations": []}}
        ),
    ],
    "browsers": [
        FIVE,
        Step("GET", "c/d1", None, BROWSER),
        Step("GET", "c/none", None, BROWSER),
        Step(
            "POST", ":runQuery", {"structuredQuery": {"from": [{"collectionId": "c"}], "limit": 1}}, {**BROWSER, **TEXT}
        ),
        Step(
            "OPTIONS",
            ":commit",
            None,
            {
                "Origin": "http://localhost:3000",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,google-cloud-resource-prefix,x-goog-api-client",
            },
        ),
        Step(
            "OPTIONS",
            "c/a",
            None,
            {
                "Origin": "https://example.com",
                "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Private-Network": "true",
            },
        ),
    ],
}

"""Documents with everything that a Firestore can hold, and any server asked over REST to keep them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from google.protobuf import json_format

from firewarden.firestore.documents import Fields
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.serialising import encode_fields
from firewarden.firestore.wire.values import decode_map
from firewarden.values import LatLng, Reference, Timestamp, Vector

PROJECT = "demo-exported"
DEFAULT, SECOND = "(default)", "second"
RECORDED = Path(__file__).parent / "recorded"

Serialised = Mapping[str, bytes]
"""Fields by path, as bytes: so NaN equals itself, and 1 is not 1.0."""


def reference(path: str, project: str = PROJECT, database: str = DEFAULT) -> Reference:
    return Reference(project, database, tuple(path.split("/")))


def moment(text: str) -> Timestamp:
    message = protos.Timestamp()
    message.FromJsonString(text)
    return Timestamp(message.ToNanoseconds())


EVERYTHING: Mapping[str, Fields] = {
    "scalars/a": {
        "null": None,
        "true": True,
        "false": False,
        "integer": -5,
        "integers": [0, 5, 2**63 - 1, -(2**63)],
        "double": 1.5,
        "doubles": [0.0, float("inf"), float("-inf"), 5e-324],
        "nan": float("nan"),
        "text": "hé😀\u0000",
        "no text": "",
        "bytes": b"\x00\xff",
        "no bytes": b"",
        "time": moment("2020-01-02T03:04:05.123456Z"),
        "times": [
            moment("0001-01-01T00:00:00Z"),
            moment("1960-01-02T03:04:05.5Z"),
            moment("1970-01-01T00:00:00Z"),
            moment("9999-12-31T23:59:59.999999Z"),
        ],
        "reference": reference("a/b/c/d"),
        "references": [reference("a/__id7__", "demo-elsewhere", SECOND), reference("a/b", database=SECOND)],
        "point": LatLng(1.5, -2.5),
        "origin": LatLng(0.0, 0.0),
    },
    "maps/a": {
        "empty": {},
        "deep": {"a": {"b": {"c": "x", "list": [1, {"z": []}], "none": []}}},
        "names": {"a.b": 1, "é": 2, "`": 3},
        "vector": {"v": Vector((1.0, 2.0))},
        "references": {"one": reference("a/b"), "list": [reference("a/b"), reference("a/c")]},
        "time": {"t": moment("2020-01-02T03:04:05.123456Z")},
    },
    "arrays/a": {
        "empty": [],
        "one": [1],
        "mixed": [None, True, 1, 2.5, "x", b"b", Timestamp(0), reference("a/b"), LatLng(1.0, 2.0)],
        "maps": [{}, {"a": [1], "b": []}],
        "nulls": [None, None],
        "zero": 1,
    },
    "vectors/a": {"one": Vector((3.0,)), "v": Vector((1.5, -2.0))},
    "numbers/__id5__": {"a": 1},
    "numbers/__id-7__": {"a": 1},
    "numbers/7": {"a": 1},
    "unicode/é😀 \u0001 %2F": {"a b": 1, "x.y": 2, "ß": "s"},
    "é/a": {"a": 1},
    "deep/a/b/c/d/e/f/__id9__": {"a": 1},
    "none/a": {},
    "large/a": {"text": "x" * 70_000},
}
OTHERS: Mapping[str, Fields] = {
    "in/second": {"a": 2, "r": reference("a/b", database=SECOND)},
    "in/second/deep/__id1__": {"a": 2},
}


def serialised(documents: Mapping[str, Fields]) -> dict[str, bytes]:
    return {path: encode_fields(fields) for path, fields in documents.items()}


class Asked:
    """One database of a server, which may be anybody's."""

    def __init__(self, address: str, project: str, database: str = DEFAULT) -> None:
        self.project = project
        self.name = f"projects/{project}/databases/{database}"
        self.client = httpx.Client(
            base_url=f"http://{address}", trust_env=False, timeout=60, headers={"authorization": "Bearer owner"}
        )

    def __enter__(self) -> Asked:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def post(self, path: str, body: Any) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def write(self, documents: Mapping[str, Fields]) -> None:
        for path, fields in documents.items():
            document = protos.Document.FromString(encode_fields(fields))
            document.name = f"{self.name}/documents/{path}"
            self.post(
                f"/v1/{self.name}/documents:commit", {"writes": [{"update": json_format.MessageToDict(document)}]}
            )

    def documents(self) -> dict[str, dict[str, Any]]:
        """All documents as JSON, by path."""
        query = {"structuredQuery": {"from": [{"allDescendants": True}]}}
        found = self.post(f"/v1/{self.name}/documents:runQuery", query)
        named = (each["document"] for each in found if "document" in each)
        return {each["name"].partition("/documents/")[2]: each for each in named}

    def read(self) -> dict[str, bytes]:
        """The fields of all documents, by path."""
        kept = {}
        for path, document in self.documents().items():
            message = json_format.ParseDict({"fields": document.get("fields", {})}, protos.Document())
            kept[path] = encode_fields(decode_map(message.fields))
        return kept

    def clear(self) -> None:
        self.client.delete(f"/emulator/v1/{self.name}/documents").raise_for_status()

    def export(self, folder: Path) -> Path:
        body = {"database": self.name, "export_directory": str(folder.parent), "export_name": folder.name}
        self.post(f"/emulator/v1/projects/{self.project}:export", body)
        return folder / f"{folder.name}.overall_export_metadata"

    def import_(self, metadata: Path) -> None:
        body = {"database": self.name, "export_directory": str(metadata)}
        self.post(f"/emulator/v1/projects/{self.project}:import", body)

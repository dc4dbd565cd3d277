"""The recorded questions and answers in `vectors/`, and their messages. `demo-recorded` stands for the project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.values import decode_map

PROJECT = "demo-recorded"
DATABASE = DatabaseName(PROJECT)
VECTORS = Path(__file__).parent / "vectors"

Json = dict[str, Any]


def load(name: str) -> list[Json]:
    """The cases of a file."""
    return [json.loads(line) for line in (VECTORS / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def documents(name: str) -> dict[str, Json]:
    """A set of documents by their paths, as `Value` messages in JSON."""
    sets: dict[str, dict[str, Json]] = json.loads((VECTORS / "documents.json").read_text(encoding="utf-8"))
    return sets[name]


def message(full_name: str, content: Json) -> Any:
    """A message of the private pool from its JSON."""
    return json_format.ParseDict(content, protos.message(full_name)(), descriptor_pool=protos.pool())


def structured(case: Json) -> Any:
    """The query of a case."""
    return message("google.firestore.v1.StructuredQuery", case["query"])


def aggregation(case: Json) -> Any:
    """The aggregation of a case."""
    content = {"structuredQuery": case["query"], "aggregations": case["aggregations"]}
    return message("google.firestore.v1.StructuredAggregationQuery", content)


def parent(case: Json) -> DocumentPath:
    """The document below which a case asks."""
    return tuple(case.get("parent", "").split("/")) if case.get("parent") else ()


def fields(content: Mapping[str, Json]) -> dict[str, Any]:
    """The values of fields in JSON."""
    return decode_map(message("google.firestore.v1.Document", {"fields": dict(content)}).fields)

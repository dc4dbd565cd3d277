"""Asks Google's emulator everything in `vectors/` anew and writes its answers down.

python -m toolkit.tests.firestore.query.record 127.0.0.1:8080 [FILE.jsonl ...]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import grpc
import httpx
from google.protobuf import json_format

from firewarden.firestore.wire import protos
from toolkit.tests.firestore.query.cases import VECTORS, Json, aggregation, documents, structured
from toolkit.tests.firestore.record import Official, RefusedError

_ADMIN = (("authorization", "Bearer owner"),)


class Asked:
    """An emulator that is asked queries; sets of documents are written when they are first needed."""

    def __init__(self, host: str, channel: grpc.Channel) -> None:
        self._host = host
        self._channel = channel
        self._filled = cache(self._fill)

    def refused(self, case: Json) -> Json:
        """The status of a query that is refused; None if it is answered."""
        official = self._filled("")
        try:
            self._run(official, case)
        except RefusedError as error:
            return {**case, "answer": official.recorded(error.answer)}
        return {**case, "answer": None}

    def found(self, case: Json) -> Json:
        """The documents found, with their fields where a case asks for them."""
        official = self._filled(case["documents"])
        found = [each.document for each in self._run(official, case) if each.HasField("document")]
        answer = [_shown(each, with_fields=case.get("fields", False)) for each in found]
        return {**case, "answer": official.recorded(answer)}

    def aggregated(self, case: Json) -> Json:
        """The figures, or the status."""
        official = self._filled(case["documents"])
        request = protos.RunAggregationQueryRequest(
            parent=_parent(official, case), structured_aggregation_query=aggregation(official.own(case))
        )
        try:
            [result] = self._stream("RunAggregationQuery", request, protos.RunAggregationQueryResponse)
        except RefusedError as error:
            return {**case, "answer": official.recorded(error.answer)}
        return {**case, "answer": _json(result.result).get("aggregateFields", {})}

    def needed(self, case: Json) -> Json:
        """The indexes that a query in a project of its own is reported to have needed."""
        official = Official(self._channel)
        self._run(official, case)
        database = quote(official.database, safe="")
        url = f"http://{self._host}/emulator/v1/projects/{official.project}:indexUsage?database={database}"
        reports = httpx.get(url, trust_env=False).json().get("reports", [])
        return {**case, "answer": sorted((_index(each["index"]) for each in reports), key=json.dumps)}

    def _fill(self, name: str) -> Official:
        official = Official(self._channel)
        for path, fields in documents(name).items() if name else ():
            document = official.own({"name": f"{official.database}/documents/{path}", "fields": fields})
            official.commit(json_format.ParseDict({"update": document}, protos.Write()))
        return official

    def _run(self, official: Official, case: Json) -> list[Any]:
        request = protos.RunQueryRequest(
            parent=_parent(official, case), structured_query=structured(official.own(case))
        )
        return self._stream("RunQuery", request, protos.RunQueryResponse)

    def _stream(self, method: str, request: Any, answer: Any) -> list[Any]:
        call = self._channel.unary_stream(
            f"/google.firestore.v1.Firestore/{method}",
            request_serializer=lambda each: each.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        try:
            return list(call(request, metadata=_ADMIN, timeout=30))
        except grpc.RpcError as error:
            raise RefusedError(error) from None


def _parent(official: Official, case: Json) -> str:
    return "/".join(filter(None, (f"{official.database}/documents", case.get("parent", ""))))


def _shown(document: Any, *, with_fields: bool) -> Any:
    path = document.name.split("/documents/")[1]
    return [path, _json(document).get("fields", {})] if with_fields else path


def _json(message: Any) -> Json:
    content: Json = json_format.MessageToDict(message, descriptor_pool=protos.pool())
    return content


def _index(index: Json) -> list[str]:
    """The scope, then each field and its mode."""
    fields = [f"{each['fieldPath']} {each.get('order') or each['arrayConfig']}" for each in index["fields"]]
    return [index["queryScope"], *fields]


def main(host: str, *files: str) -> None:
    """Record the files again, all of them if none is named."""
    with grpc.insecure_channel(host) as channel:
        asked = Asked(host, channel)
        ask: Mapping[str, Callable[[Json], Json]] = {
            "refused.jsonl": asked.refused,
            "found.jsonl": asked.found,
            "aggregations.jsonl": asked.aggregated,
            "needs.jsonl": asked.needed,
        }
        for name in map(Path, files or map(str, ask)):
            path = VECTORS / name.name
            cases = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
            lines = [json.dumps(ask[name.name](case), ensure_ascii=False) for case in cases]
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

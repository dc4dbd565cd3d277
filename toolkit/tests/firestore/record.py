"""Asks Google's emulator everything in `vectors/` anew and writes its answers down.

    python -m toolkit.tests.firestore.record 127.0.0.1:8080 [FILE.jsonl ...]

Every case has a project of its own, whose name is as long as the recorded one: messages tell positions in names.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf import json_format

from firewarden.firestore.wire import protos
from toolkit.tests.firestore.cases import PROJECT, VECTORS, read_message

_PREFIX = "demo-f"
_SERVICE = "/google.firestore.v1.Firestore/"
_ADMIN = (("authorization", "Bearer owner"),)
Json = dict[str, Any]


class RefusedError(Exception):
    """The emulator's answer is a status."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.answer: Json = {"code": error.code().name, "message": error.details()}


class Official:
    """One emulator, asked about one project."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self.project = _PREFIX + uuid4().hex[: len(PROJECT) - len(_PREFIX)]
        self.database = f"projects/{self.project}/databases/(default)"

    def call(self, method: str, request: Any, answer: Any) -> Any:
        call = self._channel.unary_unary(
            _SERVICE + method,
            request_serializer=lambda each: each.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        try:
            return call(request, metadata=_ADMIN, timeout=30)
        except grpc.RpcError as error:
            raise RefusedError(error) from None

    def query(self, query: Any) -> list[Any]:
        call = self._channel.unary_stream(
            f"{_SERVICE}RunQuery",
            request_serializer=lambda each: each.SerializeToString(),
            response_deserializer=protos.RunQueryResponse.FromString,
        )
        request = protos.RunQueryRequest(parent=f"{self.database}/documents", structured_query=query)
        try:
            return [each.document for each in call(request, metadata=_ADMIN, timeout=30) if each.HasField("document")]
        except grpc.RpcError as error:
            raise RefusedError(error) from None

    def commit(self, *writes: Any) -> Any:
        request = protos.CommitRequest(database=self.database, writes=writes)
        return self.call("Commit", request, protos.CommitResponse)

    def document(self, path: str) -> Any:
        request = protos.GetDocumentRequest(name=f"{self.database}/documents/{path}")
        return self.call("GetDocument", request, protos.Document)

    def own(self, data: Any) -> Any:
        """Recorded JSON with this project for the recorded one."""
        return json.loads(json.dumps(data).replace(PROJECT, self.project))

    def recorded(self, data: Any) -> Any:
        """The other way round."""
        return json.loads(json.dumps(data).replace(self.project, PROJECT))


def record_text(official: Official, case: Json) -> Json:
    """A name, an id or a field path: whether it is taken, and what is said if not."""
    try:
        _ASK[case["kind"]](official, official.own(case["text"]))
    except RefusedError as refused:
        message = None if refused.answer["code"] == "NOT_FOUND" else refused.answer["message"]
        return {**case, "message": official.recorded(message)}
    return {**case, "message": None}


def record_commits(official: Official, case: Json) -> Json:
    """Commits after each other, and the documents in the end."""
    times: list[Any] = []
    answers = []
    for writes in case["commits"]:
        try:
            answer = official.commit(*(read_message(official.own(each), times, official.project) for each in writes))
        except RefusedError as refused:
            times.append(None)
            answers.append(_without_times(official.recorded(refused.answer), times))
            continue
        times.append(answer.commit_time)
        answers.append({"results": [_result(each, times) for each in answer.write_results]})
    after = {path: _document(official, path, times) for path in case["after"]}
    return {**case, "answers": answers, "after": official.recorded(after)}


def record_order(official: Official, case: Json) -> Json:
    """Values in the order of a query, and the ids of those that equal each one."""
    ids = [f"v{number:03d}" for number in range(len(case["values"]))]
    for name, value in zip(ids, official.own(case["values"]), strict=True):
        document = {"name": f"{official.database}/documents/c/{name}", "fields": {"x": value}}
        official.commit(json_format.ParseDict({"update": document}, protos.Write()))
    base = {"from": [{"collectionId": "c"}]}
    order = {**base, "orderBy": [{"field": {"fieldPath": "x"}, "direction": case["direction"]}]}
    equal = [_numbers(official, {**base, "where": _equals(each)}) for each in official.own(case["values"])]
    return {**case, "order": _numbers(official, order), "equal": equal}


def _equals(value: Json) -> Json:
    """Null and NaN are asked for by operators of their own."""
    field = {"fieldPath": "x"}
    if value == {"nullValue": None}:
        return {"unaryFilter": {"field": field, "op": "IS_NULL"}}
    if value == {"doubleValue": "NaN"}:
        return {"unaryFilter": {"field": field, "op": "IS_NAN"}}
    return {"fieldFilter": {"field": field, "op": "EQUAL", "value": value}}


def _numbers(official: Official, query: Json) -> list[int]:
    found = official.query(json_format.ParseDict(query, protos.StructuredQuery()))
    return [int(each.name.rsplit("/v", 1)[1]) for each in found]


def _document(official: Official, path: str, times: list[Any]) -> Json | None:
    try:
        found = official.document(path)
    except RefusedError:
        return None
    fields = json_format.MessageToDict(found).get("fields", {})
    return {
        "fields": _without_request_time(fields, found.update_time),
        "created": _number(found.create_time, times),
        "updated": _number(found.update_time, times),
    }


def _result(result: Any, times: list[Any]) -> Json:
    told = [_without_request_time(json_format.MessageToDict(each), times[-1]) for each in result.transform_results]
    updated = _number(result.update_time, times) if result.HasField("update_time") else None
    return {"updated": updated, "transforms": told} if told else {"updated": updated}


def _number(time: Any, times: list[Any]) -> int | str:
    """Which commit a time is of."""
    return times.index(time) if time in times else "another"


def _without_request_time(json: Any, time: Any) -> Any:
    """The time of the request, milliseconds before the commit, as a word."""
    if isinstance(json, list):
        return [_without_request_time(each, time) for each in json]
    if not isinstance(json, dict):
        return json
    if "timestampValue" in json:
        told = protos.Timestamp()
        told.FromJsonString(json["timestampValue"])
        return (
            {"timestampValue": "$request"} if abs(told.ToMicroseconds() - time.ToMicroseconds()) < 3_000_000 else json
        )
    return {name: _without_request_time(each, time) for name, each in json.items()}


def _without_times(answer: Json, times: list[Any]) -> Json:
    text = answer["message"]
    for number, time in enumerate(times):
        if time is not None:
            text = text.replace(str(time.ToMicroseconds()), f"$micros{number}")
    return {**answer, "message": text}


def _get(official: Official, name: str, mask: list[str] | None = None) -> None:
    request = protos.GetDocumentRequest(name=name)
    if mask is not None:
        request.mask.field_paths.extend(mask)
    official.call("GetDocument", request, protos.Document)


def _create(official: Official, collection: str, name: str) -> None:
    request = protos.CreateDocumentRequest(
        parent=f"{official.database}/documents", collection_id=collection, document_id=name
    )
    official.call("CreateDocument", request, protos.Document)


def _reference(official: Official, name: str) -> None:
    write = protos.Write()
    write.update.name = f"{official.database}/documents/c/a"
    write.update.fields["r"].reference_value = name
    official.commit(write)


def _transformed(official: Official, path: str) -> None:
    write = protos.Write()
    write.update.name = f"{official.database}/documents/c/a"
    write.update_transforms.add(field_path=path).increment.integer_value = 1
    official.commit(write)


def _parent(official: Official, name: str) -> None:
    request = protos.ListCollectionIdsRequest(parent=name)
    official.call("ListCollectionIds", request, protos.ListCollectionIdsResponse)


def _database(official: Official, name: str) -> None:
    official.call("BeginTransaction", protos.BeginTransactionRequest(database=name), protos.BeginTransactionResponse)


_ASK: Mapping[str, Callable[[Official, str], None]] = {
    "document": _get,
    "parent": _parent,
    "database": _database,
    "reference": _reference,
    "collection id": lambda official, text: _create(official, text, "a"),
    "document id": lambda official, text: _create(official, "c", text),
    "mask": lambda official, text: _get(official, f"{official.database}/documents/c/a", [text]),
    "field path": _transformed,
}
_RECORD = {"text": record_text, "commits": record_commits, "values": record_order}


def main(place: str, *names: str) -> None:
    """Record all files, or those named."""
    with grpc.insecure_channel(place) as channel:
        for path in sorted(VECTORS.glob("*.jsonl")):
            if not names or path.name in names:
                cases = list(_recorded(channel, path))
                path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in cases))
                sys.stdout.write(f"{path.name}: {len(cases)} cases\n")


def _recorded(channel: grpc.Channel, path: Path) -> Iterator[Json]:
    for line in path.read_text().split("\n")[:-1]:
        case = json.loads(line)
        (record,) = (each for key, each in _RECORD.items() if key in case)
        yield record(Official(channel), case)


if __name__ == "__main__":
    main(*sys.argv[1:])

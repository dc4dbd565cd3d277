"""Plays a history on an engine, and makes its answers comparable: times become the numbers of operations."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from google.protobuf import json_format

from firewarden.firestore.wire import protos
from toolkit.tests.conformance.firestore.engines import Answering, Refused, moved, request_class
from toolkit.tests.conformance.firestore.universe import PROJECT, Json

_MICROS = re.compile(r"\b1\d{15}\b")
_PAGES_MAX = 100
_TICK_S = 0.002
"""Longer than a millisecond: what transforms store is no finer, and two operations must not store the same."""


SKIPPED: Json = {"code": "SKIPPED"}
"""The answer to an operation that names what no operation before it has made."""


def play(engine: Answering, history: Sequence[Json]) -> list[Json]:
    """The answers of an engine. What is left open is rolled back in the end."""
    player = _Player(engine)
    try:
        return [player.play(each) for each in history]
    finally:
        player.roll_back()


class _Player:
    def __init__(self, engine: Answering) -> None:
        self._engine = engine
        self._transactions: dict[str, bytes] = {}
        self._numbers: dict[str, str] = {}
        """The number of the operation by the time that it set, as JSON has it and in microseconds."""
        self._times: dict[str, str] = {}
        """The first time that an operation set, by its number."""
        self._stored: dict[str, str] = {}
        """The number of the operation by the time that a transform of it stored."""

    def play(self, operation: Json) -> Json:
        try:
            messages = list(self._asked(operation))
        except KeyError:
            return SKIPPED
        except Refused as refused:
            return {"code": refused.code, "message": self._text(refused.message)}
        answers = [
            moved(json_format.MessageToDict(each, descriptor_pool=protos.pool()), self._engine.project, PROJECT)
            for each in messages
        ]
        self._learn(operation, answers)
        shape = _SHAPES.get(operation["call"])
        return {"code": "OK"} if shape is None else {"code": "OK", **self._without_times(shape(answers))}

    def roll_back(self) -> None:
        for each in self._transactions.values():
            request = request_class("Rollback")(database=self._database, transaction=each)
            try:
                self._engine.call("Rollback", request)
            except Refused:
                continue

    @property
    def _database(self) -> str:
        return f"projects/{self._engine.project}/databases/(default)"

    def _asked(self, operation: Json) -> Iterator[Any]:
        method = operation["call"]
        content = moved(self._with_times(operation["request"]), PROJECT, self._engine.project)
        request = request_class(method)()
        json_format.ParseDict(content, request, descriptor_pool=protos.pool())
        if "transaction" in operation:
            request.transaction = self._transactions[operation["transaction"]]
        if "setToServerValue" in str(operation):
            time.sleep(_TICK_S if self._engine.project != PROJECT else 0)
        for page in range(_PAGES_MAX):
            messages = self._engine.call(method, request)
            if "as" in operation and not page:
                self._transactions[operation["as"]] = messages[0].transaction
            yield from messages
            if not operation.get("pages") or not messages[0].next_page_token:
                return
            request.page_token = messages[0].next_page_token
        raise Refused("OUT_OF_RANGE", "there is always another page")

    def _with_times(self, content: Any) -> Any:
        """`#4` becomes the time of operation 4."""
        if isinstance(content, dict):
            return {name: self._with_times(each) for name, each in content.items()}
        if isinstance(content, list):
            return list(map(self._with_times, content))
        if isinstance(content, str) and content.startswith("#"):
            return self._times[content[1:]]
        return content

    def _learn(self, operation: Json, answers: Sequence[Json]) -> None:
        number = str(operation["id"])
        for answer in answers:
            results = answer.get("writeResults", [])
            told = [each.get("updateTime") for each in results] + [answer.get("commitTime")]
            if operation["call"] in ("CreateDocument", "UpdateDocument"):
                told.append(answer["updateTime"])
            for each in told:
                if each is not None and each not in self._numbers:
                    self._numbers[each] = self._numbers[_micros(each)] = number
                    self._times.setdefault(number, each)
            for value in (value for each in results for value in each.get("transformResults", [])):
                stored = value.get("timestampValue")
                if stored is not None and "2024" < stored < "2090":
                    self._stored.setdefault(stored, number)

    def _without_times(self, content: Any) -> Any:
        if isinstance(content, list):
            return list(map(self._without_times, content))
        if not isinstance(content, dict):
            return content
        return {name: self._without_time(name, each) for name, each in content.items()}

    def _without_time(self, name: str, content: Any) -> Any:
        if name in ("createTime", "updateTime"):
            return f"#{self._numbers.get(content, '?')}"
        if name == "timestampValue" and content in self._stored:
            return f"@{self._stored[content]}"
        if name == "name":
            return content.partition("/documents/")[2]
        return self._without_times(content)

    def _text(self, message: str) -> str:
        text = message.replace(self._engine.project, PROJECT)
        return _MICROS.sub(lambda found: f"#{self._numbers.get(found[0], '?')}", text)


def _micros(text: str) -> str:
    parsed = protos.Timestamp()
    parsed.FromJsonString(text)
    return str(parsed.ToMicroseconds())


def _documents(answers: Sequence[Json]) -> Json:
    found = [
        each.get("found") or {"missing": each["missing"]} for each in answers if each.keys() & {"found", "missing"}
    ]
    return {"documents": [_relative(each) if "missing" in each else each for each in found]}


def _relative(missing: Json) -> Json:
    return {"missing": missing["missing"].partition("/documents/")[2]}


def _results(answers: Sequence[Json]) -> Json:
    return {
        "documents": [each["document"] for each in answers if "document" in each],
        "skipped": sum(each.get("skippedResults", 0) for each in answers),
    }


def _pages(answers: Sequence[Json]) -> list[list[Json]]:
    """The pages; that the last one was full may be known by one more that is empty."""
    pages = [each.get("documents", []) for each in answers]
    return pages[:-1] if len(pages) > 1 and not pages[-1] else pages


def _batch(answers: Sequence[Json]) -> Json:
    codes = [_CODES[each.get("code", 0)] for each in answers[0].get("status", [])]
    return {"results": answers[0].get("writeResults", []), "codes": codes}


_CODES = {0: "OK", 3: "INVALID_ARGUMENT", 5: "NOT_FOUND", 6: "ALREADY_EXISTS", 9: "FAILED_PRECONDITION", 10: "ABORTED"}
_SHAPES: Mapping[str, Callable[[Sequence[Json]], Json]] = {
    "GetDocument": lambda answers: {"document": answers[0]},
    "CreateDocument": lambda answers: {"document": answers[0]},
    "UpdateDocument": lambda answers: {"document": answers[0]},
    "BatchGetDocuments": _documents,
    "RunQuery": _results,
    "RunAggregationQuery": lambda answers: {"figures": answers[-1]["result"]["aggregateFields"]},
    "ListDocuments": lambda answers: {"pages": _pages(answers)},
    "ListCollectionIds": lambda answers: {"ids": [each for page in answers for each in page.get("collectionIds", [])]},
    "Commit": lambda answers: {"results": answers[0].get("writeResults", [])},
    "BatchWrite": _batch,
}

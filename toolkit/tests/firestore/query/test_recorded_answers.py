"""Queries are refused, answered and summed up as Google's emulator was recorded to do (`record` asks it anew)."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from firewarden.firestore.query.aggregate import aggregate, scanned
from firewarden.firestore.query.available import AUTOMATIC
from firewarden.firestore.query.execute import projected, run
from firewarden.firestore.query.planner import plan
from firewarden.firestore.query.validate import check_key
from firewarden.firestore.status import StatusError
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.aggregations import read_aggregation
from firewarden.firestore.wire.queries import read_query
from firewarden.firestore.wire.values import encode_value
from firewarden.limits import PRODUCTION
from toolkit.tests.firestore.query.cases import (
    DATABASE,
    Json,
    aggregation,
    documents,
    fields,
    load,
    parent,
    structured,
)
from toolkit.tests.firestore.query.memory import MemorySnapshot


def named(cases: list[Json]) -> list[Any]:
    return [pytest.param(each, id=each["name"]) for each in cases]


def snapshot(name: str) -> MemorySnapshot:
    return MemorySnapshot({path: fields(content) for path, content in documents(name).items()})


def refusal(error: StatusError) -> Json:
    return {"code": error.code.name, "message": error.message}


@pytest.mark.parametrize("case", named(load("refused")))
def test_queries_are_refused_in_the_same_words(case: Json) -> None:
    """Also if two things are wrong at once: the order of the checks is the same."""
    answer = None
    try:
        query = read_query(structured(case), parent(case), DATABASE, PRODUCTION)
        check_key(query)
        plan(query, AUTOMATIC)
    except StatusError as error:
        answer = refusal(error)
    assert answer == case["answer"]


@pytest.mark.parametrize("case", named(load("found")))
def test_queries_find_the_same(case: Json) -> None:
    query = read_query(structured(case), parent(case), DATABASE, PRODUCTION)
    found = []
    for each in run(plan(query, AUTOMATIC), snapshot(case["documents"])):
        path = "/".join(each.path)
        data = each.data if query.select is None else projected(each.data, query.select)
        found.append([path, json(protos.Document.FromString(data)).get("fields", {})] if "fields" in case else path)
    assert found == case["answer"]


@pytest.mark.parametrize("case", named(load("aggregations")))
def test_aggregations_give_the_same_figures(case: Json) -> None:
    answer: Json = {}
    try:
        asked = read_aggregation(aggregation(case), parent(case), DATABASE, PRODUCTION)
        planned = plan(scanned(asked), AUTOMATIC)
        for alias, value in aggregate(asked, planned, snapshot(case["documents"])).items():
            answer[alias] = json(protos.Value.FromString(encode_value(value)))
    except StatusError as error:
        answer = refusal(error)
    assert answer == case["answer"]


def json(message: Any) -> Json:
    content: Json = json_format.MessageToDict(message, descriptor_pool=protos.pool())
    return content

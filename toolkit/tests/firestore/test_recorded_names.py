"""Names, ids and field paths as Google's emulator takes or refuses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from firewarden.firestore.field_paths import parse_field_path, parse_mask
from firewarden.firestore.names import (
    check_id,
    document_name,
    parse_database_name,
    parse_document_name,
    parse_parent,
    parse_reference,
)
from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire.values import reference_name
from toolkit.tests.firestore.cases import load

READ: Mapping[str, Callable[[str], Any]] = {
    "document": parse_document_name,
    "parent": parse_parent,
    "database": parse_database_name,
    "reference": parse_reference,
    "collection id": lambda text: check_id(text, kind="Collection"),
    "document id": check_id,
    "mask": lambda text: parse_mask([text]),
    "field path": parse_field_path,
}
CASES = load("names")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']} {case['text'][-40:]!r}")
def test_a_name_is_refused_as_the_emulator_refuses_it(case: dict[str, Any]) -> None:
    assert refusal(case["kind"], case["text"]) == case["message"]


def refusal(kind: str, text: str) -> str | None:
    try:
        READ[kind](text)
    except StatusError as error:
        return error.message if error.code is Code.INVALID_ARGUMENT else str(error)
    return None


@pytest.mark.parametrize("case", [each for each in CASES if not each["message"]], ids=lambda case: case["text"][-40:])
def test_a_name_is_written_as_it_was_read(case: dict[str, Any]) -> None:
    kind, text = case["kind"], case["text"]
    if kind == "document":
        assert document_name(*parse_document_name(text)) == text
    elif kind == "reference":
        assert reference_name(parse_reference(text)) == text
    elif kind == "database":
        assert str(parse_database_name(text)) == text

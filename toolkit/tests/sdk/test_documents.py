"""Single documents through Google's client: written, read in part, changed by field path, deleted, conditions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from google.cloud import firestore
from google.cloud.firestore_v1.field_path import FieldPath

from toolkit.tests.sdk.conftest import Sdk

NEVER = datetime(2001, 1, 1, tzinfo=UTC)


def test_a_missing_document(sdk: Sdk) -> None:
    found = sdk(sdk.document("notes/none").get())
    assert (found.exists, found.to_dict(), found.create_time, found.update_time) == (False, None, None, None)
    assert found.read_time is not None
    assert found.reference.path == "notes/none"


def test_what_is_created_is_read(sdk: Sdk) -> None:
    result = sdk(sdk.document("notes/a").create({"title": "Milk", "size": {"ml": 500}}))
    found = sdk(sdk.document("notes/a").get())
    assert found.to_dict() == {"title": "Milk", "size": {"ml": 500}}
    assert (found.get("size.ml"), found.id) == (500, "a")
    assert found.create_time == found.update_time == result.update_time
    assert abs(result.update_time - datetime.now(UTC)) < timedelta(minutes=5)
    with pytest.raises(AlreadyExists):
        sdk(sdk.document("notes/a").create({}))
    assert sdk.stored("notes/a") == {"title": "Milk", "size": {"ml": 500}}


def test_documents_get_ids(sdk: Sdk) -> None:
    _, first = sdk(sdk.collection("notes").add({"n": 1}))
    _, second = sdk(sdk.collection("notes").add({"n": 2}, "chosen"))
    assert (len(first.id), second.id) == (20, "chosen")
    assert sorted(sdk.ids(sdk.collection("notes"))) == sorted([first.id, "chosen"])


def test_parts_of_a_document_are_read(sdk: Sdk) -> None:
    sdk.store({"notes/a": {"a": 1, "b": {"c": 2, "d": 3}, "e.f": 4, "e": {"f": 5}}})
    document = sdk.document("notes/a")
    assert sdk(document.get(["a", "b.c"])).to_dict() == {"a": 1, "b": {"c": 2}}
    assert sdk(document.get(["b.none", "none"])).to_dict() == {}
    assert sdk(document.get(["`e.f`"])).to_dict() == {"e.f": 4}
    assert sdk(document.get(["e.f"])).to_dict() == {"e": {"f": 5}}


def test_setting_replaces(sdk: Sdk) -> None:
    sdk.store({"notes/a": {"a": 1, "b": {"c": 2, "d": 3}}})
    before = sdk(sdk.document("notes/a").get())
    sdk(sdk.document("notes/a").set({"b": {"c": 4}}))
    after = sdk(sdk.document("notes/a").get())
    assert after.to_dict() == {"b": {"c": 4}}
    assert (after.create_time, after.update_time > before.update_time) == (before.create_time, True)


def test_setting_merges_all_or_named_fields(sdk: Sdk) -> None:
    sdk.store({"notes/a": {"a": 1, "b": {"c": 2, "d": 3}}})
    document = sdk.document("notes/a")
    sdk(document.set({"b": {"c": 4}, "e": 5}, merge=True))
    assert sdk.stored("notes/a") == {"a": 1, "b": {"c": 4, "d": 3}, "e": 5}
    sdk(document.set({"a": 6, "b": {"c": 7}}, merge=["b.c", "a"]))
    assert sdk.stored("notes/a") == {"a": 6, "b": {"c": 7, "d": 3}, "e": 5}
    sdk(document.set({"b": {"c": 8}}, merge=["b"]))
    assert sdk.stored("notes/a") == {"a": 6, "b": {"c": 8}, "e": 5}
    sdk(document.set({"e": firestore.DELETE_FIELD}, merge=True))
    assert sdk.stored("notes/a") == {"a": 6, "b": {"c": 8}}
    sdk(sdk.document("notes/new").set({"a": {"b": 1}}, merge=True))
    assert sdk.stored("notes/new") == {"a": {"b": 1}}
    sdk(sdk.document("notes/new").set({}, merge=True))
    assert sdk.stored("notes/new") == {"a": {"b": 1}}


def test_updating_changes_fields_by_their_paths(sdk: Sdk) -> None:
    sdk.store({"notes/a": {"a": 1, "b": {"c": 2, "d": 3}, "e": {"f": {"g": 1}}}})
    changes = {"b.c": 5, "b.new.deep": 6, "e": {"h": 1}, "a": firestore.DELETE_FIELD, "none": firestore.DELETE_FIELD}
    sdk(sdk.document("notes/a").update(changes))
    assert sdk.stored("notes/a") == {"b": {"c": 5, "d": 3, "new": {"deep": 6}}, "e": {"h": 1}}
    sdk(sdk.document("notes/a").update({"b.d": firestore.DELETE_FIELD, "e.h": firestore.DELETE_FIELD}))
    assert sdk.stored("notes/a") == {"b": {"c": 5, "new": {"deep": 6}}, "e": {}}
    sdk(sdk.document("notes/a").update({"b.c.x": 1}))
    assert sdk.stored("notes/a") == {"b": {"c": {"x": 1}, "new": {"deep": 6}}, "e": {}}
    with pytest.raises(NotFound, match="no entity to update"):
        sdk(sdk.document("notes/none").update({"a": 1}))
    assert sdk.stored("notes/none") is None


def test_odd_field_names(sdk: Sdk) -> None:
    names = ["a.b", "c`d", "e\\f", "with space", "1st", "-", "ключ", "😀", "*~/[]", "__name", "x" * 1500]
    fields = dict(zip(names, range(len(names)), strict=True))
    sdk(sdk.document("notes/a").set(fields))
    assert sdk.stored("notes/a") == fields
    paths = {FieldPath(name).to_api_repr(): -1 for name in names if len(name) < 1000}
    sdk(sdk.document("notes/a").update(paths))
    assert sdk.stored("notes/a") == {name: -1 if len(name) < 1000 else 10 for name in names}
    found = sdk(sdk.document("notes/a").get([FieldPath("c`d").to_api_repr()]))
    assert found.to_dict() == {"c`d": -1}


@pytest.mark.parametrize("name", ["__bad__", "x" * 1501])
def test_names_that_no_field_can_have(sdk: Sdk, name: str) -> None:
    with pytest.raises(InvalidArgument):
        sdk(sdk.document("notes/a").set({name: 1}))
    assert sdk.stored("notes/a") is None


def test_deleting(sdk: Sdk) -> None:
    sdk.store({"notes/a": {"a": 1}, "notes/a/parts/b": {"b": 1}})
    assert sdk(sdk.document("notes/a").delete()) is not None
    assert sdk.stored("notes/a") is None
    assert sdk.stored("notes/a/parts/b") == {"b": 1}
    sdk(sdk.document("notes/none").delete())
    with pytest.raises(NotFound, match="no entity to update"):
        sdk(sdk.document("notes/none").delete(option=sdk.client.write_option(exists=True)))


def test_writes_that_depend_on_an_update_time(sdk: Sdk) -> None:
    document = sdk.document("notes/a")
    first = sdk(document.set({"a": 1})).update_time
    right, wrong = (sdk.client.write_option(last_update_time=each) for each in (first, NEVER))
    with pytest.raises(FailedPrecondition, match="does not match the required base version"):
        sdk(document.update({"a": 2}, option=wrong))
    with pytest.raises(FailedPrecondition, match="does not match the required base version"):
        sdk(document.delete(option=wrong))
    assert sdk.stored("notes/a") == {"a": 1}
    second = sdk(document.update({"a": 2}, option=right)).update_time
    assert second > first
    with pytest.raises(FailedPrecondition):
        sdk(document.delete(option=right))
    sdk(document.delete(option=sdk.client.write_option(last_update_time=second)))
    assert sdk.stored("notes/a") is None


def test_a_write_that_changes_nothing_keeps_the_update_time(sdk: Sdk) -> None:
    document = sdk.document("notes/a")
    first = sdk(document.set({"a": 1})).update_time
    assert sdk(document.set({"a": 1})).update_time == first
    assert sdk(document.update({"a": 1})).update_time == first
    assert sdk(document.get()).update_time == first


def test_many_documents_at_once(sdk: Sdk) -> None:
    sdk.store({"notes/a": {"n": 1, "m": 1}, "notes/b": {"n": 2}})
    paths = ["notes/b", "notes/none", "notes/a", "other/none"]
    found = sdk(sdk.client.get_all([sdk.document(each) for each in paths]))
    assert {each.reference.path: each.to_dict() for each in found} == {
        "notes/b": {"n": 2},
        "notes/none": None,
        "notes/a": {"n": 1, "m": 1},
        "other/none": None,
    }
    assert len({each.read_time for each in found}) == 1
    masked = sdk(sdk.client.get_all([sdk.document("notes/a")], field_paths=["m"]))
    assert [each.to_dict() for each in masked] == [{"m": 1}]
    assert sdk(sdk.client.get_all([])) == []


def test_the_past_can_be_read(sdk: Sdk) -> None:
    document = sdk.document("notes/a")
    first = sdk(document.set({"n": 1})).update_time
    sdk(document.set({"n": 2}))
    assert sdk(document.get(read_time=first)).to_dict() == {"n": 1}
    assert [each.to_dict() for each in sdk(sdk.client.get_all([document], read_time=first))] == [{"n": 1}]
    assert [each.to_dict() for each in sdk(sdk.collection("notes").stream(read_time=first))] == [{"n": 1}]
    assert sdk.stored("notes/a") == {"n": 2}


def test_ids_that_documents_cannot_have(sdk: Sdk) -> None:
    for path in ("notes/__bad__", "__notes__/a", "notes/.", "notes/" + "x" * 1501):
        with pytest.raises(InvalidArgument):
            sdk(sdk.document(path).set({}))
    for path in ("notes/a b", "notes/ü😀", "notes/x.y", "notes/(a)", "notes/100%", "notes/" + "x" * 1500):
        sdk(sdk.document(path).set({"a": 1}))
        assert sdk.stored(path) == {"a": 1}

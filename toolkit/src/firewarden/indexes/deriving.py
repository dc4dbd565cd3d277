"""`firestore.indexes.json` with what is missing added, as Firebase deploys it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from firewarden.firestore.query.needs import Need
from firewarden.indexes.definitions import COLLECTION_GROUP, FieldOverride, Index, index_of, override_of


def derived(
    content: Mapping[str, Any], missing: Iterable[Need], unused: Iterable[Index | FieldOverride] = ()
) -> dict[str, Any]:
    """The file's content with an entry for every missing need, without the unused ones; all else stays as it is."""
    gone = set(unused)
    indexes = [each for each in content.get("indexes", []) if index_of(each) not in gone]
    overrides = [each for each in content.get("fieldOverrides", []) if override_of(each) not in gone]
    for each in dict.fromkeys(missing):
        override = each.override()
        if override is None:
            indexes.append(each.definition())
        else:
            _add_override(overrides, override)
    return {**content, "indexes": indexes, "fieldOverrides": overrides}


def written(content: Mapping[str, Any]) -> str:
    """The content as text: a line for every field."""
    return json.dumps(content, indent=2) + "\n"


def _add_override(overrides: list[Any], added: dict[str, Any]) -> None:
    """A field that has an override gets the new index beside its own."""
    for number, each in enumerate(overrides):
        if (each["collectionGroup"], each["fieldPath"]) == (added["collectionGroup"], added["fieldPath"]):
            wanted = [index for index in added["indexes"] if _is_group(index)] or added["indexes"]
            more = [index for index in wanted if index not in each["indexes"]]
            overrides[number] = {**each, "indexes": [*each["indexes"], *more]}
            return
    overrides.append(added)


def _is_group(index: Mapping[str, Any]) -> bool:
    return bool(index["queryScope"] == COLLECTION_GROUP)

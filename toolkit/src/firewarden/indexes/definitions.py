"""``firestore.indexes.json`` as frozen values, read strictly. Judges nothing; `needs` does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firewarden.errors import Fault, QueryFileError
from firewarden.limits import VECTOR_DIMENSIONS

COLLECTION = "COLLECTION"
COLLECTION_GROUP = "COLLECTION_GROUP"
_ORDERS = ("ASCENDING", "DESCENDING")
CONTAINS = "CONTAINS"
VECTOR = "VECTOR"
"""The mode of a field whose entry has a `vectorConfig`."""
NAME = "__name__"
_INDEX_KEYS = {"collectionGroup", "queryScope", "fields", "density", "apiScope", "multikey"}
_OVERRIDE_KEYS = {"collectionGroup", "fieldPath", "indexes", "ttl"}
_FILE_KEYS = {"indexes", "fieldOverrides"}


@dataclass(frozen=True, slots=True)
class IndexField:
    """One field of an index; `mode` is ASCENDING, DESCENDING, CONTAINS or VECTOR, which has a `dimension`."""

    path: str
    mode: str
    dimension: int = 0

    def __str__(self) -> str:
        return f"{self.path} {self.mode}"


@dataclass(frozen=True, slots=True)
class Index:
    """A composite index; `fields` end with ``__name__``, as every index of Firestore does."""

    collection: str
    scope: str
    fields: tuple[IndexField, ...]

    def __str__(self) -> str:
        return f"{self.collection} ({self.scope}): {', '.join(str(field) for field in self.fields)}"


@dataclass(frozen=True, slots=True)
class FieldOverride:
    """The single-field indexes of one field, as (scope, mode), instead of the automatic ones.

    With `ttl` a document is deleted once the time in the field is over.
    """

    collection: str
    path: str
    indexes: frozenset[tuple[str, str]]
    ttl: bool = False

    def __str__(self) -> str:
        return f"{self.collection}.{self.path} (override)"


@dataclass(frozen=True, slots=True)
class Definitions:
    """What ``firestore.indexes.json`` deploys."""

    indexes: tuple[Index, ...] = ()
    overrides: tuple[FieldOverride, ...] = ()


def read_definitions(path: Path | str) -> Definitions:
    """The file's content; raises QueryFileError with every fault, unknown keys among them."""
    path = Path(path)
    faults: list[Fault] = []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise QueryFileError([Fault(str(path), 0, f"cannot be read: {error}")]) from error
    checker = _Checker(str(path), faults)
    checker.keys("the file", content, _FILE_KEYS, required=())
    content = content if isinstance(content, Mapping) else {}
    definitions = Definitions(
        indexes=tuple(checker.index(f"indexes[{n}]", each) for n, each in enumerate(content.get("indexes", []))),
        overrides=tuple(
            checker.override(f"fieldOverrides[{n}]", each) for n, each in enumerate(content.get("fieldOverrides", []))
        ),
    )
    faults += _doubled(str(path), [*definitions.indexes, *definitions.overrides])
    if faults:
        raise QueryFileError(faults)
    return definitions


def with_name(fields: Iterable[IndexField]) -> tuple[IndexField, ...]:
    """Firestore ends every index with ``__name__``, sorted like the field before it where it is not written."""
    fields = tuple(fields)
    if not fields or fields[-1].path == NAME:
        return fields
    last = fields[-1].mode
    return (*fields, IndexField(NAME, last if last in _ORDERS else "ASCENDING"))


def index_of(entry: Mapping[str, Any]) -> Index:
    """A faultless entry of `indexes`."""
    return _Checker("", []).index("", entry)


def override_of(entry: Mapping[str, Any]) -> FieldOverride:
    """A faultless entry of `fieldOverrides`."""
    return _Checker("", []).override("", entry)


def _doubled(file: str, entries: list[Any]) -> list[Fault]:
    return [Fault(file, 0, f"{entry} is written twice") for entry in dict.fromkeys(entries) if entries.count(entry) > 1]


class _Checker:
    """Reads the entries of one file; what is wrong goes to `faults`, and reading goes on."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self._file = file
        self._faults = faults

    def index(self, where: str, entry: Any) -> Index:
        if not self.keys(where, entry, _INDEX_KEYS, required=("collectionGroup", "queryScope", "fields")):
            return Index("", "", ())
        fields = [self._field(f"{where}.fields[{n}]", each) for n, each in enumerate(entry.get("fields", []))]
        vectors = sum(each.mode == VECTOR for each in fields)
        if vectors > 1:
            self._fault(where, "has more than one vector")
        if len(fields) < 2 and not vectors:
            self._fault(where, "has one field; single-field indexes belong to fieldOverrides")
        return Index(str(entry.get("collectionGroup", "")), self._scope(where, entry), with_name(fields))

    def override(self, where: str, entry: Any) -> FieldOverride:
        if not self.keys(where, entry, _OVERRIDE_KEYS, required=("collectionGroup", "fieldPath", "indexes")):
            return FieldOverride("", "", frozenset())
        indexes = [self._single(f"{where}.indexes[{n}]", each) for n, each in enumerate(entry.get("indexes", []))]
        path = str(entry.get("fieldPath", ""))
        ttl = entry.get("ttl", False)
        if not isinstance(ttl, bool):
            self._fault(where, f"ttl is {ttl!r}; it can be true or false")
        return FieldOverride(str(entry.get("collectionGroup", "")), path, frozenset(indexes), ttl is True)

    def keys(self, where: str, entry: Any, known: set[str], *, required: tuple[str, ...]) -> bool:
        """Whether it is an object at all; its keys are checked."""
        if not isinstance(entry, Mapping):
            self._fault(where, f"must be an object, not {entry!r}")
            return False
        for key in sorted(entry.keys() - known):
            self._fault(where, f"has an unknown key {key!r}; there are {', '.join(sorted(known))}")
        for key in required:
            if key not in entry:
                self._fault(where, f"lacks {key}")
        return True

    def _field(self, where: str, entry: Any) -> IndexField:
        if not self.keys(where, entry, {"fieldPath", "order", "arrayConfig", "vectorConfig"}, required=("fieldPath",)):
            return IndexField("", "")
        mode = self._mode(where, entry)
        dimension = self._dimension(where, entry["vectorConfig"]) if mode == VECTOR else 0
        return IndexField(str(entry.get("fieldPath", "")), mode, dimension)

    def _dimension(self, where: str, config: Mapping[str, Any]) -> int:
        dimension = config["dimension"]
        if isinstance(dimension, bool) or not isinstance(dimension, int) or not 0 < dimension <= VECTOR_DIMENSIONS:
            self._fault(where, f"dimension is {dimension!r}; it can be 1 to {VECTOR_DIMENSIONS}")
            return 0
        return dimension

    def _single(self, where: str, entry: Any) -> tuple[str, str]:
        if not self.keys(where, entry, {"order", "arrayConfig", "queryScope"}, required=("queryScope",)):
            return "", ""
        return self._scope(where, entry), self._mode(where, entry)

    def _scope(self, where: str, entry: Mapping[str, Any]) -> str:
        return self._one_of(where, "queryScope", entry.get("queryScope"), (COLLECTION, COLLECTION_GROUP))

    def _mode(self, where: str, entry: Mapping[str, Any]) -> str:
        match entry:
            case {"order": _, "arrayConfig": _}:
                self._fault(where, "has both order and arrayConfig")
            case {"order": order}:
                return self._one_of(where, "order", order, _ORDERS)
            case {"vectorConfig": {"dimension": _}}:
                return VECTOR
            case {"arrayConfig": config}:
                return self._one_of(where, "arrayConfig", config, (CONTAINS,))
            case _:
                self._fault(where, "lacks order, arrayConfig or vectorConfig")
        return ""

    def _one_of(self, where: str, key: str, value: Any, allowed: tuple[str, ...]) -> str:
        if value not in allowed:
            self._fault(where, f"{key} is {value!r}; it can be {' or '.join(allowed)}")
        return str(value)

    def _fault(self, where: str, problem: str) -> None:
        self._faults.append(Fault(self._file, 0, f"{where} {problem}"))

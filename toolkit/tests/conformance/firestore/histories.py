"""Generated histories: writes of all kinds, reads of now and of the past, and transactions that run side by side."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from random import Random

from toolkit.tests.conformance.firestore import universe
from toolkit.tests.conformance.firestore.model import Model
from toolkit.tests.conformance.firestore.queries import aggregation, query
from toolkit.tests.conformance.firestore.universe import COLLECTIONS, DATABASE, ROOT, Json

_OPERATIONS = (20, 45)
_OPEN_MAX = 2


def history(random: Random, *, is_calm: bool = False) -> list[Json]:
    """A history, determined by `random`; in a calm one nobody ever waits for another's transaction."""
    return _Author(random, is_calm=is_calm).write(random.randint(*_OPERATIONS))


class _Author:
    def __init__(self, random: Random, *, is_calm: bool) -> None:
        self._random = random
        self._is_calm = is_calm
        self._model = Model()
        self._ids = count(1)
        self._names = (f"t{number}" for number in count(1))
        self._open: list[str] = []
        self._readers: set[str] = set()
        self._made: list[Json] = []
        self._committed: list[int] = []

    def write(self, length: int) -> list[Json]:
        for _ in range(3):
            self._add(self._commit())
        while len(self._made) < length:
            self._add(self._next())
        for each in list(self._open):
            self._add(self._end(each))
        self._add({"call": "RunQuery", "request": {"parent": ROOT, "structuredQuery": {"from": [_EVERYTHING]}}})
        return self._made

    def _add(self, operation: Json) -> None:
        if self._is_calm and operation["call"] in _WRITING and not self._model.is_calm(operation):
            if "transaction" not in operation:
                return
            operation = _rollback(operation["transaction"])
        number = next(self._ids)
        made = {"id": number, **operation}
        answer = self._model.apply(made)
        self._made.append(made)
        is_timed = operation["call"] == "Commit" or answer.get("document", {}).get("updateTime") == f"#{number}"
        if is_timed and answer["code"] == "OK":
            self._committed.append(number)

    def _next(self) -> Json:
        random = self._random
        if self._open and random.random() < 0.5:
            name = random.choice(self._open)
            return self._end(name) if random.random() < 0.3 else self._read_within(name)
        return random.choices(_KINDS, _WEIGHTS)[0](self)

    # Transactions

    def _begin(self) -> Json:
        random = self._random
        if len(self._open) >= _OPEN_MAX:
            return self._read()
        name = next(self._names)
        self._open.append(name)
        options: Json = {"readWrite": {}}
        if random.random() < 0.3:
            self._readers.add(name)
            options = {"readOnly": {"readTime": self._time()} if random.random() < 0.3 and self._committed else {}}
        if random.random() < 0.5:
            return {"call": "BeginTransaction", "as": name, "request": {"database": DATABASE, "options": options}}
        read = random.choice([self._batch_get, self._query_within, self._aggregate_within])()
        return {**read, "as": name, "request": {**read["request"], "newTransaction": options}}

    def _read_within(self, name: str) -> Json:
        kinds = [self._batch_get, self._batch_get, self._get, self._query_within, self._aggregate_within, self._list]
        read = self._random.choice(kinds)()
        # The emulator fails at this one in a transaction.
        read["request"].pop("showMissing", None)
        return {**read, "transaction": name}

    def _end(self, name: str) -> Json:
        self._open.remove(name)
        if self._random.random() < 0.2 or name in self._readers:
            return _rollback(name)
        return {**self._commit(), "transaction": name}

    # Writes

    def _commit(self) -> Json:
        random = self._random
        writes: list[Json] = []
        names = random.sample(_ALL_NAMES, random.choice([1, 1, 1, 2, 3, 5]))
        for name in names:
            writes.append(self._write(name))
            if random.random() < 0.1 and "verify" not in writes[-1]:
                writes.append(_without_condition(self._write(name)))
        if random.random() < 0.3:
            random.shuffle(writes)
            writes = _conditions_first(writes)
        return {"call": "Commit", "request": {"database": DATABASE, "writes": writes}}

    def _write(self, name: str) -> Json:
        random = self._random
        chance = random.random()
        if chance < 0.15:
            return {"delete": name, **self._condition(0.2)}
        if chance < 0.2:
            return {"verify": name, "currentDocument": self._condition(1.0)["currentDocument"]}
        document = {"name": name, "fields": universe.fields(random)}
        write: Json = {"update": document, **self._condition(0.15)}
        if random.random() < 0.4:
            paths = random.sample([*universe.FIELDS, *universe.ODD_FIELDS], random.randint(0, 3))
            write["updateMask"] = {"fieldPaths": paths} if paths else {}
        if random.random() < 0.35:
            fields = random.sample(_TRANSFORMED, random.randint(1, 3))
            write["updateTransforms"] = [{"fieldPath": each, **self._transform()} for each in fields]
        return write

    def _transform(self) -> Json:
        random = self._random
        kind = random.choice(
            ["setToServerValue", "increment", "maximum", "minimum", "appendMissingElements", "removeAllFromArray"]
        )
        if kind == "setToServerValue":
            return {kind: "REQUEST_TIME"}
        is_of_array = kind in ("appendMissingElements", "removeAllFromArray")
        return {kind: universe.elements(random) if is_of_array else universe.number(random)}

    def _condition(self, chance: float) -> Json:
        random = self._random
        if random.random() >= chance:
            return {}
        if self._committed and random.random() < 0.4:
            return {"currentDocument": {"updateTime": self._time()}}
        return {"currentDocument": {"exists": random.random() < 0.6}}

    def _batch_write(self) -> Json:
        names = self._random.sample(_ALL_NAMES, self._random.randint(1, 3))
        writes = [self._write(each) for each in names]
        for each in writes:
            each.pop("updateTransforms", None)
        plain = [each for each in writes if "verify" not in each]
        return {"call": "BatchWrite", "request": {"database": DATABASE, "writes": plain}} if plain else self._commit()

    def _create(self) -> Json:
        parent, _, collection = f"{ROOT}/{self._random.choice(COLLECTIONS)}".rpartition("/")
        request = {"parent": parent, "collectionId": collection, "documentId": self._random.choice(universe.IDS)}
        return {"call": "CreateDocument", "request": {**request, "document": self._fields()}}

    def _fields(self) -> Json:
        return {"fields": universe.fields(self._random)}

    def _update(self) -> Json:
        write = self._write(universe.name(self._random))
        while "update" not in write:
            write = self._write(universe.name(self._random))
        request = {"document": write["update"], **{key: write[key] for key in _OF_UPDATE if key in write}}
        return {"call": "UpdateDocument", "request": request}

    def _delete(self) -> Json:
        return {"call": "DeleteDocument", "request": {"name": universe.name(self._random), **self._condition(0.3)}}

    # Reads

    def _read(self) -> Json:
        kinds = [self._batch_get, self._get, self._query, self._query, self._query, self._aggregate, self._list]
        read = self._random.choice([*kinds, self._collections])()
        if self._committed and self._random.random() < 0.15:
            return {**read, "request": {**read["request"], "readTime": self._time()}}
        return read

    def _get(self) -> Json:
        return {"call": "GetDocument", "request": {"name": universe.name(self._random), **self._mask()}}

    def _batch_get(self) -> Json:
        names = [universe.name(self._random) for _ in range(self._random.randint(1, 4))]
        return {"call": "BatchGetDocuments", "request": {"database": DATABASE, "documents": names, **self._mask()}}

    def _mask(self) -> Json:
        random = self._random
        paths = random.choice([["a"], ["m.x", "t"], ["`a.b`", "`é`"]])
        return {"mask": {"fieldPaths": paths}} if random.random() < 0.2 else {}

    def _query(self, *, within: bool = False) -> Json:
        parent, made = query(self._random, within=within)
        return {"call": "RunQuery", "request": {"parent": parent, "structuredQuery": made}}

    def _query_within(self) -> Json:
        return self._query(within=True)

    def _aggregate_within(self) -> Json:
        return self._aggregate(within=True)

    def _aggregate(self, *, within: bool = False) -> Json:
        parent, made = aggregation(self._random, within=within)
        return {
            "call": "RunAggregationQuery",
            "request": {"parent": parent, "structuredAggregationQuery": made},
        }

    def _list(self) -> Json:
        random = self._random
        parent, _, collection = f"{ROOT}/{random.choice(COLLECTIONS)}".rpartition("/")
        request: Json = {"parent": parent, "collectionId": collection, **self._mask()}
        if random.random() < 0.6:
            request["pageSize"] = random.randint(1, 3)
        if random.random() < 0.5:
            request["showMissing"] = True
            request.pop("mask", None)  # the emulator does not look at it then
        return {"call": "ListDocuments", "pages": True, "request": request}

    def _collections(self) -> Json:
        parent = self._random.choice([ROOT, f"{ROOT}/c/d1", f"{ROOT}/e/z z", f"{ROOT}/c/d2"])
        return {"call": "ListCollectionIds", "pages": True, "request": {"parent": parent, "pageSize": 2}}

    def _time(self) -> str:
        return f"#{self._random.choice(self._committed[-6:])}"


def _rollback(name: str) -> Json:
    return {"call": "Rollback", "transaction": name, "request": {"database": DATABASE}}


def _without_condition(write: Json) -> Json:
    kept = {name: each for name, each in write.items() if name != "currentDocument"}
    return {"delete": kept["verify"]} if "verify" in kept else kept


def _conditions_first(writes: list[Json]) -> list[Json]:
    """Only the first write of a document may have a condition, and a verify stands alone."""
    seen: set[str] = set()
    kept = []
    for each in writes:
        name = each["update"]["name"] if "update" in each else each.get("delete") or each["verify"]
        if name not in seen:
            kept.append(each)
        elif "verify" not in each:
            kept.append(_without_condition(each))
        seen.add(name)
    return kept


_EVERYTHING: Json = {"allDescendants": True}
_ALL_NAMES = sorted({f"{ROOT}/{collection}/{name}" for collection in COLLECTIONS for name in universe.IDS})
_TRANSFORMED = ("a", "b", "m.x", "t", "n", "`a.b`")
_WRITING = frozenset({"Commit", "BatchWrite", "CreateDocument", "UpdateDocument", "DeleteDocument"})
_OF_UPDATE = ("updateMask", "currentDocument")
_KINDS: tuple[Callable[[_Author], Json], ...] = (
    _Author._commit,
    _Author._batch_write,
    _Author._create,
    _Author._update,
    _Author._delete,
    _Author._read,
    _Author._begin,
)
_WEIGHTS = (30, 5, 6, 6, 4, 35, 14)

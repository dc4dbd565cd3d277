"""Reads ``*.cases.yaml`` files. Strict: unknown keys, actors and paths are faults, all reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from firewarden.errors import CaseFileError, Fault
from firewarden.indexes.notation import DeleteField, Located, read_yaml
from firewarden.indexes.notation.strict import Documents, StrictReader
from firewarden.indexes.notation.values import document_path_problem
from firewarden.testing.cases.model import GUEST, OWNER, Actor, Case, CaseFile, Kind, Operation

_FILE_KEYS = ("describe", "actors", "documents", "cases")
_CASE_KEYS = ("name", "as", "expect", "because", "documents", "data", "batch")
_KINDS: tuple[Kind, ...] = get_args(Kind)
_WRITES_WITH_DATA = ("create", "set", "set_merge", "update")
_BATCH_KINDS = (*_WRITES_WITH_DATA, "delete")
_HAS_DELETE_FIELD = ("set_merge", "update")
_BUILT_IN = {GUEST: Actor(GUEST), OWNER: Actor(OWNER)}


def load_cases(path: Path | str) -> CaseFile:
    """The cases of a file; raises CaseFileError with every fault as ``file:line: problem``."""
    path = Path(path)
    reader = _Reader(str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseFileError([Fault(str(path), 0, f"cannot be read: {error}")]) from error
    root = read_yaml(text, file=str(path), faults=reader.faults)
    # Where it is not even YAML there is nothing to say about its keys.
    loaded = reader.case_file(path, root) if root.line else None
    if reader.faults or loaded is None:
        raise CaseFileError(sorted(reader.faults, key=lambda fault: fault.line))
    return loaded


class _Reader(StrictReader):
    __slots__ = ()

    def case_file(self, path: Path, root: Located) -> CaseFile:
        keys = self.mapping(root, "the file", _FILE_KEYS, required=("describe", "cases"))
        actors = self.actors(keys.get("actors"))
        documents = self.documents(keys.get("documents"), {})
        cases: dict[str, Case] = {}
        for entry in self.entries(keys.get("cases"), "cases"):
            case = self.case(path, entry, actors, documents)
            if case is not None and case.id in cases:
                self.fault(entry, f"a case named like {case.name!r} is there already, at {cases[case.id].place}")
            elif case is not None:
                cases[case.id] = case
        return CaseFile(
            path=path,
            describe=self.text(keys, "describe"),
            actors=actors,
            documents=documents,
            cases=tuple(cases.values()),
        )

    def actors(self, located: Located | None) -> dict[str, Actor]:
        actors = dict(_BUILT_IN)
        for name, claims in self.mapping(located, "actors").items():
            if name in _BUILT_IN:
                self.fault(claims, f"{name} is built in; name this actor otherwise")
            else:
                actors[name] = Actor(name, self.fields(claims, name))
        return actors

    def case(self, path: Path, entry: Located, actors: dict[str, Actor], documents: Documents) -> Case | None:
        keys = self.mapping(entry, "a case", (*_CASE_KEYS, *_KINDS), required=("name", "as", "expect"))
        name, because = self.text(keys, "name"), self.text(keys, "because")
        actor = actors.get(self.word(keys, "as", tuple(actors)))
        expect = self.word(keys, "expect", ("allow", "deny"))
        operations = self.request(entry, keys)
        stored = self.documents(keys.get("documents"), documents)
        if actor is None or not expect or not name or not operations:
            return None
        return Case(
            name=name,
            file=path,
            line=entry.line,
            actor=actor,
            operations=operations,
            batch="batch" in keys,
            documents=stored,
            expect="allow" if expect == "allow" else "deny",
            because=because,
        )

    def request(self, entry: Located, keys: Mapping[str, Located]) -> tuple[Operation, ...]:
        asked = [key for key in (*_KINDS, "batch") if key in keys]
        if len(asked) != 1:
            what = f"has {' and '.join(asked)}" if asked else "asks nothing"
            self.fault(entry, f"a case makes one request; this one {what} (of {', '.join(_KINDS)}, batch)")
            return ()
        if asked == ["batch"]:
            if "data" in keys:
                self.fault(keys["data"], "the data of a batch stands with each of its writes")
            writes = self.entries(keys["batch"], "batch")
            return tuple(each for write in writes for each in self.batch_write(write))
        return self.operation(entry, keys, asked[0])

    def batch_write(self, entry: Located) -> tuple[Operation, ...]:
        keys = self.mapping(entry, "a write", (*_BATCH_KINDS, "data"))
        asked = [key for key in _BATCH_KINDS if key in keys]
        if len(asked) != 1:
            self.fault(entry, f"each write of a batch is one of {', '.join(_BATCH_KINDS)}")
            return ()
        return self.operation(entry, keys, asked[0])

    def operation(self, entry: Located, keys: Mapping[str, Located], asked: str) -> tuple[Operation, ...]:
        kind = next(each for each in _KINDS if each == asked)
        if ("data" in keys) != (kind in _WRITES_WITH_DATA):
            self.fault(entry, f"{kind} {'needs' if kind in _WRITES_WITH_DATA else 'takes no'} data")
            return ()
        if kind == "list":
            query = self.query(keys["list"])
            return (Operation(kind, query=query),) if query is not None else ()
        path = keys[kind].value
        if problem := document_path_problem(path):
            self.fault(keys[kind], problem)
            return ()
        return (Operation(kind, path, self.data(keys.get("data"), kind)),)

    def data(self, located: Located | None, kind: Kind) -> Mapping[str, Any] | None:
        if located is None:
            return None
        values = self.mapping(located, "data")
        for key, value in values.items():
            if isinstance(value.value, DeleteField) and kind not in _HAS_DELETE_FIELD:
                self.fault(value, f"{key}: !delete_field works in update and set_merge, not in {kind}")
        return {key: each.plain() for key, each in values.items()}

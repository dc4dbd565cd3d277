"""Writing documents: each document of a commit is judged once, whatever number of writes it gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from firewarden.rules import effects
from firewarden.rules.compiled import CompiledRules
from firewarden.rules.compiler.code import Evaluation, Tracer
from firewarden.rules.environment import Document, read_request, resource, root, write_request
from firewarden.rules.judging import Verdict, judge
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Documents, Lookups, NothingRead, Read
from firewarden.rules.outcomes import UNKNOWN
from firewarden.rules.passes import Subject
from firewarden.rules.requests import Commit, DocumentPath, Request, Write
from firewarden.values import Path


def write_subjects(
    rules: CompiledRules, request: Request, operation: Commit, read: Read, tracer: Tracer | None
) -> Sequence[Subject]:
    """Each document of a `Commit`."""
    writes = effects.squashed(operation.writes, request.time)
    results = Results(writes, request, read)
    documents = Documents(read, results, database=request.database, compatibility=rules.compatibility)
    return [_subject(each, rules, request, documents, tracer) for each in writes]


class Results(Mapping[DocumentPath, "Document | None"]):
    """What the commit leaves of each document it writes, computed when it is asked for."""

    def __init__(self, writes: Sequence[Write], request: Request, read: Read) -> None:
        self._writes = {each.path: each for each in writes if not each.verify}
        self._time = request.time
        self._read = read
        self._known: dict[DocumentPath, Document | None] = {}

    def __getitem__(self, path: DocumentPath) -> Document | None:
        if path not in self._known:
            self._known[path] = effects.after(self._writes[path], self._read(path), self._time)
        return self._known[path]

    def __contains__(self, path: object) -> bool:
        return path in self._writes

    def __iter__(self) -> Iterator[DocumentPath]:
        return iter(self._writes)

    def __len__(self) -> int:
        return len(self._writes)


def _subject(
    write: Write, rules: CompiledRules, request: Request, documents: Documents, tracer: Tracer | None
) -> Subject:
    path, database = write.path, request.database
    whole = root(database) + path

    def ask(method: str, after: Value, stored: Value, lookups: Lookups | NothingRead) -> Verdict:
        if write.verify:
            seen = read_request(request, method, Path(whole), fields=None, in_transaction=True)
        else:
            seen = write_request(request, method, write, after)
        return judge(rules, method, whole, Evaluation(seen, stored, lookups), tracer)

    def first() -> Sequence[Verdict]:
        after = UNKNOWN if effects.depends_on_stored(write) else _after_without_reading(write, database)
        return [ask(each, after, UNKNOWN, NothingRead(database)) for each in _possible_methods(write)]

    def last() -> Verdict:
        before = documents.read(path)
        methods = _possible_methods(write)
        method = methods[0] if len(methods) == 1 else "create" if before is None else "update"
        after = None if write.verify else resource(path, documents.written[path], database)
        return ask(method, after, resource(path, before, database), Lookups(documents, path))

    return Subject(first, last)


def _possible_methods(write: Write) -> tuple[str, ...]:
    """What the write may turn out to be, before it is known whether the document exists."""
    if write.verify:
        return ("get",)
    if write.data is None:
        return ("delete",)
    if write.exists is False:
        return ("create",)
    if write.exists or write.update_time is not None:
        return ("update",)
    return ("create", "update")


def _after_without_reading(write: Write, database: str) -> Value:
    return resource(write.path, None if write.data is None else dict(write.data), database)

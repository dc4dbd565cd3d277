"""Writing documents: each document of a commit is judged once, whatever number of writes it gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from firewarden.rules import effects
from firewarden.rules.codegen import SURPRISES
from firewarden.rules.compiled import Candidates, CompiledRules
from firewarden.rules.compiler.code import Evaluation, Tracer
from firewarden.rules.environment import Document, read_request, resource, root, write_request
from firewarden.rules.judging import Verdict, judge
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Documents, Lookups, NothingRead, Read
from firewarden.rules.outcomes import UNKNOWN
from firewarden.rules.requests import Commit, DocumentPath, Request, Write
from firewarden.values import Path


def write_subjects(
    rules: CompiledRules, request: Request, operation: Commit, read: Read, tracer: Tracer | None
) -> Sequence[Written]:
    """Each document of a `Commit`."""
    writes = effects.squashed(operation.writes, request.time)
    results = Results(writes, request, read)
    documents = Documents(read, results, request.database, rules.compatibility)
    alone = len(writes) == 1
    return [Written(each, rules, request, documents, tracer, alone=alone) for each in writes.values()]


def is_plainly_allowed(rules: CompiledRules, request: Request, operation: Commit, read: Read) -> bool:
    """Whether generated code alone allows the only write of a commit, whose method is known: the usual case.

    It is answered without what a denial, a doubt or a second document needs. False says nothing: then all is asked
    as the official engine asks it.
    """
    write = operation.writes[0] if len(operation.writes) == 1 else None
    if write is None or write.verify or len(_possible_methods(write)) > 1:
        return False
    (method,) = _possible_methods(write)
    document, database = write.path, request.database
    path = root(database) + document
    candidates = rules.candidates(method, path)
    if not candidates.is_within_budget:
        return False
    before = read(document)
    after = effects.after(write, before, request.time)

    def surroundings() -> tuple[Value, Value]:
        made = resource(document, after, database)
        return write_request(request, method, write, made), resource(document, before, database)

    documents = Documents(read, {document: after}, database, rules.compatibility)
    lookups = Lookups(documents, document, alone=True)
    evaluation = Evaluation(
        surroundings, lookups, auth=request.auth, time=request.time, knowledge="full", before=before, after=after
    )
    try:
        return _plainly(candidates, path, evaluation)
    except SURPRISES:
        return False


def _plainly(candidates: Candidates, path: tuple[str, ...], evaluation: Evaluation) -> bool:
    """Whether some condition is true, and everything that stands before it has generated code."""
    for pattern, allows in candidates.blocks:
        captures = pattern.captures(path)
        if captures is None:
            continue
        evaluation.captures = captures
        for allow in allows:
            generated = allow.ready()
            if generated is None:
                return False
            if generated(evaluation):
                return True
    return False


class Results(Mapping[DocumentPath, "Document | None"]):
    """What the commit leaves of each document it writes, computed when it is asked for."""

    __slots__ = ("_read", "_time", "_writes")

    def __init__(self, writes: Mapping[DocumentPath, Write], request: Request, read: Read) -> None:
        self._writes = writes
        self._time = request.time
        self._read = read

    def __getitem__(self, path: DocumentPath) -> Document | None:
        return effects.after(self._writes[path], self._read(path), self._time)

    def __contains__(self, path: object) -> bool:
        return path in self._writes and not self._writes[path].verify  # type: ignore[index]  # a path if it is in

    def __iter__(self) -> Iterator[DocumentPath]:
        return (path for path in self._writes if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Written:
    """One document of a commit: a subject as `passes` settles it."""

    __slots__ = ("_alone", "_documents", "_request", "_rules", "_tracer", "_write", "path")

    def __init__(
        self,
        write: Write,
        rules: CompiledRules,
        request: Request,
        documents: Documents,
        tracer: Tracer | None,
        *,
        alone: bool,
    ) -> None:
        self._alone = alone
        self.path = root(request.database) + write.path
        self._write = write
        self._rules = rules
        self._request = request
        self._documents = documents
        self._tracer = tracer

    def first(self) -> Sequence[Verdict]:
        """The verdicts without the stored document, one for each method the write may turn out to be."""
        write, request = self._write, self._request
        database = request.database
        after = UNKNOWN if effects.depends_on_stored(write) else resource(write.path, _own_data(write), database)
        methods = _possible_methods(write)

        def ask(method: str) -> Verdict:
            def surroundings() -> tuple[Value, Value]:
                return self._seen(method, after), UNKNOWN

            return self._judge(method, Evaluation(surroundings, NothingRead(database)), methods)

        return [ask(each) for each in methods]

    def last(self) -> Verdict:
        """The verdict with the stored document."""
        write, request, documents = self._write, self._request, self._documents
        path, database = write.path, request.database
        if write.verify:
            # The passes see different requests, so what the first one settles need not be what the last one finds.
            (verdict,) = self.first()
            if verdict.allowed is not None:
                return verdict
        before = documents.read(path)
        after = before if write.verify else effects.after(write, before, request.time)
        methods = _possible_methods(write)
        method = methods[0] if len(methods) == 1 else "create" if before is None else "update"

        def surroundings() -> tuple[Value, Value]:
            made = resource(path, after, database)
            # Once it is read, rules see a document that is only verified like a written one that stays as it is.
            return write_request(request, method, write, made), resource(path, before, database)

        evaluation = Evaluation(
            surroundings,
            Lookups(documents, path, alone=self._alone),
            auth=request.auth,
            time=request.time,
            knowledge="full",
            before=before,
            after=after,
        )
        return self._judge(method, evaluation, methods)

    def _judge(self, method: str, evaluation: Evaluation, possible: Sequence[str]) -> Verdict:
        alone = self._alone and len(possible) == 1
        return judge(self._rules, method, self.path, evaluation, self._tracer, alone=alone)

    def _seen(self, method: str, after: Value) -> Value:
        """`request` before the document is read."""
        write, request = self._write, self._request
        if write.verify:
            path = Path(root(request.database) + write.path)
            return read_request(request, method, path, fields=None, in_transaction=True)
        return write_request(request, method, write, after)


def _own_data(write: Write) -> Document | None:
    return None if write.data is None else dict(write.data)


_DELETE, _GET = ("delete",), ("get",)
_CREATE, _UPDATE, _EITHER = ("create",), ("update",), ("create", "update")


def _possible_methods(write: Write) -> tuple[str, ...]:
    """What the write may turn out to be, before it is known whether the document exists."""
    if write.verify:
        return _GET
    if write.data is None:
        return _DELETE
    if write.exists is False:
        return _CREATE
    if write.update_time is not None:
        return _UPDATE if write.update_time.nanos else _CREATE  # no document was ever written at time 0
    return _UPDATE if write.exists else _EITHER

"""Reading documents by their paths."""

from __future__ import annotations

from collections.abc import Sequence

from firewarden.rules.compiled import CompiledRules
from firewarden.rules.compiler.code import Evaluation, Tracer
from firewarden.rules.environment import read_request, resource, root
from firewarden.rules.judging import Verdict, judge
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Documents, Lookups, NothingRead, Read
from firewarden.rules.outcomes import UNKNOWN
from firewarden.rules.requests import DocumentPath, Get, Request
from firewarden.values import Path


def read_subjects(
    rules: CompiledRules, request: Request, operation: Get, read: Read, tracer: Tracer | None
) -> Sequence[Fetched]:
    """Each document of a `Get`."""
    documents = Documents(read, {}, request.database, rules.compatibility)
    return [Fetched(each, rules, request, operation, documents, tracer) for each in operation.paths]


class Fetched:
    """One document of a `Get`: a subject as `passes` settles it."""

    __slots__ = ("_document", "_documents", "_operation", "_request", "_rules", "_tracer", "path")

    def __init__(
        self,
        document: DocumentPath,
        rules: CompiledRules,
        request: Request,
        operation: Get,
        documents: Documents,
        tracer: Tracer | None,
    ) -> None:
        self._document = document
        self.path = root(request.database) + document
        self._rules = rules
        self._request = request
        self._operation = operation
        self._documents = documents
        self._tracer = tracer

    def first(self) -> Sequence[Verdict]:
        """The verdict without the document."""
        evaluation = Evaluation(lambda: (self._seen(), UNKNOWN), NothingRead(self._request.database))
        verdict = self._judge(evaluation)
        return [verdict.finally_denied() if verdict.is_exhausted else verdict]

    def last(self) -> Verdict:
        """The verdict with the document."""
        path, request = self._document, self._request
        stored = self._documents.read(path)
        evaluation = Evaluation(
            lambda: (self._seen(), resource(path, stored, request.database)),
            Lookups(self._documents, path, alone=self._alone),
            auth=request.auth,
            time=request.time,
            knowledge="full",
            before=stored,
        )
        return self._judge(evaluation)

    @property
    def _alone(self) -> bool:
        return len(self._operation.paths) == 1

    def _judge(self, evaluation: Evaluation) -> Verdict:
        return judge(self._rules, "get", self.path, evaluation, self._tracer, alone=self._alone)

    def _seen(self) -> Value:
        """`request`."""
        fields, in_transaction = self._operation.fields, self._operation.in_transaction
        return read_request(self._request, "get", Path(self.path), fields=fields, in_transaction=in_transaction)

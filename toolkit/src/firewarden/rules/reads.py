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
from firewarden.rules.passes import Subject
from firewarden.rules.requests import DocumentPath, Get, Request
from firewarden.values import Path


def read_subjects(
    rules: CompiledRules, request: Request, operation: Get, read: Read, tracer: Tracer | None
) -> Sequence[Subject]:
    """Each document of a `Get`."""
    documents = Documents(read, {}, database=request.database, compatibility=rules.compatibility)

    def subject(path: DocumentPath) -> Subject:
        whole = root(request.database) + path
        seen = read_request(
            request, "get", Path(whole), fields=operation.fields, in_transaction=operation.in_transaction
        )

        def ask(stored: Value, lookups: Lookups | NothingRead) -> Verdict:
            return judge(rules, "get", whole, Evaluation(seen, stored, lookups), tracer)

        def last() -> Verdict:
            return ask(resource(path, read(path), request.database), Lookups(documents, path))

        return Subject(lambda: [ask(UNKNOWN, NothingRead(request.database))], last)

    return [subject(path) for path in operation.paths]

"""Queries: allowed only if every document that could be in the result may be read, whatever is stored.

A query is put into disjunctive normal form. For each disjunct `resource.data` holds what its filters promise and
nothing else; a disjunct that names its document is read like one.
"""

from __future__ import annotations

from collections.abc import Sequence

from firewarden.rules.compiled import CompiledRules
from firewarden.rules.compiler.code import Evaluation, Tracer
from firewarden.rules.disjuncts import Disjunct, disjuncts
from firewarden.rules.environment import read_request, resource, root
from firewarden.rules.judging import Verdict, judge
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Documents, Lookups, NothingRead, Read
from firewarden.rules.matching import ANY_SEGMENT, ANY_SEGMENTS, Segment
from firewarden.rules.outcomes import UNKNOWN, EvalError
from firewarden.rules.passes import Subject
from firewarden.rules.promises import promised_resource
from firewarden.rules.query import Query
from firewarden.rules.requests import DocumentPath, List, Request
from firewarden.values import Path

_NO_RESOURCE = EvalError("Variable read error. Variable: [resource].")


def list_subjects(
    rules: CompiledRules, request: Request, operation: List, read: Read, tracer: Tracer | None
) -> Sequence[Subject]:
    """Each disjunct of a `List`."""
    query = operation.query
    documents = Documents(read, {}, database=request.database, compatibility=rules.compatibility)
    shared = Lookups(documents, None, most=rules.compatibility.lookups_per_query)
    made = []
    for disjunct in disjuncts(query.where):
        document = disjunct.document(request.database)
        if document is None:
            made.append(_by_promises(disjunct, rules, request, query, shared, tracer))
        else:
            made.append(_by_document(document, rules, request, query, documents, tracer))
    return made


def _by_promises(
    disjunct: Disjunct,
    rules: CompiledRules,
    request: Request,
    query: Query,
    lookups: Lookups,
    tracer: Tracer | None,
) -> Subject:
    path = query_path(query, request.database)
    seen = _request(request, query, _visible_path(query, request.database))
    promised = promised_resource(disjunct)

    def ask(used: Lookups | NothingRead) -> Verdict:
        return judge(rules, "list", path, Evaluation(seen, promised, used), tracer)

    def first() -> Sequence[Verdict]:
        nothing_read = NothingRead(request.database)
        verdict = ask(nothing_read)
        if verdict.allowed is None and not nothing_read.was_asked:
            return [Verdict(allowed=False, reasons=verdict.reasons)]  # documents would change nothing
        return [verdict]

    return Subject(first, lambda: ask(lookups))


def _by_document(
    document: DocumentPath,
    rules: CompiledRules,
    request: Request,
    query: Query,
    documents: Documents,
    tracer: Tracer | None,
) -> Subject:
    path = root(request.database) + document
    seen = _request(request, query, Path(path))

    def ask(stored: Value, used: Lookups | NothingRead) -> Verdict:
        return judge(rules, "list", path, Evaluation(seen, stored, used), tracer)

    def last() -> Verdict:
        documents.charge(document)
        stored = resource(document, documents.read(document), request.database)
        most = rules.compatibility.lookups_per_query
        return ask(_NO_RESOURCE if stored is None else stored, Lookups(documents, document, most=most))

    return Subject(lambda: [ask(UNKNOWN, NothingRead(request.database))], last)


def query_path(query: Query, database: str) -> tuple[Segment, ...]:
    """The path of the documents that a query asks for, with holes for what it leaves open."""
    start: tuple[Segment, ...] = root(database) + query.parent
    collection = ANY_SEGMENT if query.collection is None else query.collection
    between = (ANY_SEGMENTS,) if query.all_descendants else ()
    return (*start, *between, collection, ANY_SEGMENT)


def _visible_path(query: Query, database: str) -> Value:
    if query.all_descendants or query.collection is None:
        return UNKNOWN
    return Path((*root(database), *query.parent, query.collection))


def _request(request: Request, query: Query, path: Value) -> dict[str, Value]:
    """`request` of a list: like that of a get, with `request.query`."""
    seen = read_request(request, "list", path, fields=query.fields, in_transaction=False)
    parent = Path(root(request.database) + query.parent) if query.parent else None
    seen["query"] = {
        "allDescendants": query.all_descendants,
        "distinct": False,
        "groupBy": {},
        "kind": query.collection,
        "limit": query.limit,
        "offset": query.offset,
        "orderBy": dict(query.order_by),
        "ancestor" if query.all_descendants else "parent": parent,
        "selectOnlyKeys": False,
    }
    return seen

"""Queries: allowed only if every document that could be in the result may be read, whatever is stored.

A query is put into disjunctive normal form. For each disjunct `resource.data` holds what its filters promise and
nothing else; a disjunct that names its document is read like one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firewarden.rules.compiled import CompiledRules
from firewarden.rules.compiler.code import Evaluation, Tracer
from firewarden.rules.disjuncts import Disjunct, disjuncts
from firewarden.rules.environment import Document, read_request, resource, root
from firewarden.rules.judging import Verdict, judge
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import PER_REQUEST_MAX, Documents, Lookups, NothingRead, Read
from firewarden.rules.matching import ANY_SEGMENT, ANY_SEGMENTS, Segment
from firewarden.rules.outcomes import UNKNOWN, EvalError, Refusal
from firewarden.rules.promises import promised_resource
from firewarden.rules.query import Query
from firewarden.rules.requests import DocumentPath, List, Request
from firewarden.values import Path

_NO_RESOURCE = EvalError("Variable read error. Variable: [resource].")


def list_subjects(
    rules: CompiledRules, request: Request, operation: List, read: Read, tracer: Tracer | None
) -> Sequence[Promised | Named]:
    """Each disjunct of a `List`."""
    query = operation.query
    documents = Documents(read, {}, request.database, rules.compatibility)
    alternatives = disjuncts(query.where)
    asked = _Asked(rules, request, query, tracer, len(alternatives) == 1)
    shared = Lookups(documents, None, most=rules.compatibility.lookups_per_query)
    # The official engine does not look for names where a query asks for everything below one document.
    may_name = not (query.all_descendants and query.parent)
    made: list[Promised | Named] = []
    for disjunct in alternatives:
        document = disjunct.document(request.database) if may_name else None
        made.append(Promised(asked, disjunct, shared) if document is None else Named(asked, document, documents))
    return made


@dataclass(slots=True)
class _Asked:
    """What all disjuncts of one query have in common."""

    rules: CompiledRules
    request: Request
    query: Query
    tracer: Tracer | None
    alone: bool

    def judge(self, path: tuple[Segment, ...], evaluation: Evaluation) -> Verdict:
        return judge(self.rules, "list", path, evaluation, self.tracer, alone=self.alone)


class Promised:
    """A disjunct of which only the filters are known: a subject as `passes` settles it."""

    __slots__ = ("_asked", "_lookups", "_promised", "path")

    def __init__(self, asked: _Asked, disjunct: Disjunct, lookups: Lookups) -> None:
        self.path = query_path(asked.query, asked.request.database)
        self._asked = asked
        self._promised = promised_resource(disjunct)
        self._lookups = lookups

    def first(self) -> Sequence[Verdict]:
        """The verdict without looking anything up; final if nothing was to be looked up."""
        nothing_read = NothingRead(self._asked.request.database)
        verdict = self._ask(Evaluation(self._surroundings, nothing_read))
        if verdict.allowed is None and not nothing_read.was_asked:
            return [verdict.finally_denied()]  # documents would change nothing
        return [verdict]

    def last(self) -> Verdict:
        """The verdict with what conditions look up."""
        request = self._asked.request
        evaluation = Evaluation(
            self._surroundings,
            self._lookups,
            auth=request.auth,
            time=request.time,
            knowledge="promises",
            before=self._promised["data"],
        )
        return self._ask(evaluation)

    def _ask(self, evaluation: Evaluation) -> Verdict:
        return self._asked.judge(self.path, evaluation)

    def _surroundings(self) -> tuple[Value, Value]:
        query, request = self._asked.query, self._asked.request
        return _request(request, query, _visible_path(query, request.database)), self._promised


class Named:
    """A disjunct that names its document: a subject as `passes` settles it."""

    __slots__ = ("_asked", "_document", "_documents", "path")

    def __init__(self, asked: _Asked, document: DocumentPath, documents: Documents) -> None:
        self._asked = asked
        self._document = document
        self._documents = documents
        self.path = root(asked.request.database) + document

    def first(self) -> Sequence[Verdict]:
        """The verdict without the document."""
        evaluation = Evaluation(lambda: (self._seen(), UNKNOWN), NothingRead(self._asked.request.database))
        return [self._asked.judge(self.path, evaluation)]

    def last(self) -> Verdict:
        """The verdict with the document."""
        request, document = self._asked.request, self._document
        data = self._stored()
        stored = _NO_RESOURCE if data is None else resource(document, data, request.database)
        evaluation = Evaluation(
            lambda: (self._seen(), stored),
            _NamedLookups(self._documents, document, most=self._asked.rules.compatibility.lookups_per_query),
            auth=request.auth,
            time=request.time,
            knowledge="full",
            before=data,
        )
        return self._asked.judge(self.path, evaluation)

    def _stored(self) -> Document | None:
        """The document, which counts like a `get()` of it: None if it is missing or one too many."""
        seen, ask = self._documents.seen, ("get", self._document)
        if ask not in seen and len(seen) >= PER_REQUEST_MAX:
            return None
        seen.add(ask)
        return self._documents.read(self._document)

    def _seen(self) -> Value:
        """`request`."""
        return _request(self._asked.request, self._asked.query, Path(self.path))


class _NamedLookups(Lookups):
    """The calls while a document that a query names is judged.

    What is after the request stays unknown. The document itself is nothing special: `get()` of it was already
    counted with it, `exists()` of it is one more.
    """

    __slots__ = ("_named",)

    def __init__(self, documents: Documents, named: DocumentPath, *, most: int) -> None:
        super().__init__(documents, None, most=most)
        self._named = named

    def call(self, name: str, path: Path) -> Value:
        """As for other requests, but for `getAfter()` and `existsAfter()`."""
        if name.endswith("After"):
            return NothingRead(self._documents.database).call(name, path)
        return super().call(name, path)

    def find(self, name: str, database: str, document: DocumentPath) -> Value:
        """As `call`, refusing what has no value."""
        if name.endswith("After"):
            raise Refusal("")
        return super().find(name, database, document)

    def _is_within_limits(self, kind: str, document: DocumentPath) -> bool:
        if document != self._named:
            return super()._is_within_limits(kind, document)
        seen, ask = self._documents.seen, (kind, document)
        if ask in seen:
            return True
        if kind == "get" or len(seen) >= PER_REQUEST_MAX:
            return False
        seen.add(ask)
        return True


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

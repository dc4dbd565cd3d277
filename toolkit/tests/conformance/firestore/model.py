"""Firestore as a dict: what a history must come to, written from the laws. Shares no code with the server.

An operation is JSON: `id` is its number, `call` the method, `request` its message; `transaction` names the transaction
that it is part of, `as` the one that it begins. Times are the numbers of the operations that set them (`#4`), and
`@4` is the time that a transform of that operation stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from toolkit.tests.conformance.firestore.model_aggregates import figures
from toolkit.tests.conformance.firestore.model_commits import Refusal, folded, names, path_of
from toolkit.tests.conformance.firestore.model_queries import (
    Document,
    found,
    masked,
    relative,
    selected,
    taken,
)
from toolkit.tests.conformance.firestore.universe import ROOT, Json
from toolkit.tests.conformance.firestore.values import Path, sort_key

PAGE = 30


@dataclass(slots=True)
class Transaction:
    """`state` is what a read-only one reads; the others hold what they have read."""

    state: dict[Path, Document] | None = None
    documents: set[Path] = field(default_factory=set)
    queries: list[tuple[Json, Path]] = field(default_factory=list)


class Model:
    """One database."""

    def __init__(self) -> None:
        self.documents: dict[Path, Document] = {}
        self._past: dict[str, dict[Path, Document]] = {}
        self._open: dict[str, Transaction] = {}
        self._now = ""

    def run(self, history: Sequence[Json]) -> list[Json]:
        """The answer of every operation."""
        return [self.apply(each) for each in history]

    def apply(self, operation: Json) -> Json:
        """Do one operation."""
        self._now = str(operation["id"])
        try:
            answer = _CALLS[operation["call"]](self, operation)
        except Refusal as refusal:
            return {"code": refusal.code}
        finally:
            self._past[self._now] = dict(self.documents)
        return {"code": "OK", **answer}

    def is_calm(self, operation: Json) -> bool:
        """Whether no other transaction can mind, even one whose queries hold every document."""
        paths = set(map(relative, names(operation["request"])))
        others = [each for name, each in self._open.items() if name != operation.get("transaction")]
        return not any(each.queries or each.documents & paths for each in others)

    # Reading

    def _get(self, operation: Json) -> Json:
        request = operation["request"]
        path = relative(request["name"])
        state = self._state(operation, request, documents=[path])
        if path not in state:
            raise Refusal("NOT_FOUND")
        return {"document": _shown(path, state[path], request.get("mask"))}

    def _batch_get(self, operation: Json) -> Json:
        request = operation["request"]
        paths = list(dict.fromkeys(map(relative, request["documents"])))
        state = self._state(operation, request, documents=paths)
        return {
            "documents": [
                _shown(path, state[path], request.get("mask")) if path in state else {"missing": "/".join(path)}
                for path in paths
            ]
        }

    def _query(self, operation: Json) -> Json:
        request = operation["request"]
        query, parent = request["structuredQuery"], relative(request["parent"])
        state = self._state(operation, request, query=(query, parent))
        paths, skipped = taken(query, found(query, parent, state))
        shown = [replace(state[each], fields=selected(query, state[each].fields)) for each in paths]
        return {"documents": list(map(_shown, paths, shown)), "skipped": skipped}

    def _aggregate(self, operation: Json) -> Json:
        request = operation["request"]
        aggregation, parent = request["structuredAggregationQuery"], relative(request["parent"])
        state = self._state(operation, request, query=(aggregation["structuredQuery"], parent))
        return {"figures": figures(aggregation, parent, state)}

    def _list(self, operation: Json) -> Json:
        request = operation["request"]
        parent, collection = relative(request["parent"]), request["collectionId"]
        query = {"from": [{"collectionId": collection}]}
        state = self._state(operation, request, query=(query, parent))
        listed: list[Json] = [_shown(path, state[path], request.get("mask")) for path in found(query, parent, state)]
        if request.get("showMissing"):
            depth = len(parent) + 2
            above = {path[:depth] for path in state if len(path) > depth and path[: depth - 1] == (*parent, collection)}
            listed += [{"name": "/".join(path)} for path in above if path not in state]
            listed.sort(key=lambda each: sort_key({"referenceValue": f"{ROOT}/{each['name']}"}))
        size = request.get("pageSize", PAGE)
        return {"pages": [listed[at : at + size] for at in range(0, len(listed), size)] or [[]]}

    def _collections(self, operation: Json) -> Json:
        request = operation["request"]
        parent = relative(request["parent"])
        depth = len(parent)
        state = self._state(operation, request)
        ids = {path[depth] for path in state if len(path) > depth and path[:depth] == parent}
        return {"ids": sorted(ids, key=lambda each: each.encode())}

    def _state(
        self,
        operation: Json,
        request: Json,
        *,
        documents: Sequence[Path] = (),
        query: tuple[Json, Path] | None = None,
    ) -> Mapping[Path, Document]:
        """What an operation reads; what a transaction reads is held."""
        if "as" in operation:
            self._begin(operation)
        transaction = self._transaction(operation) if "transaction" in operation or "as" in operation else None
        if transaction is None:
            return self._at(request["readTime"]) if "readTime" in request else self.documents
        if transaction.state is not None:
            return transaction.state
        transaction.documents |= set(documents)
        if query is not None:
            transaction.queries.append(query)
        return self.documents

    def _at(self, time: str) -> dict[Path, Document]:
        return self._past[time[1:]]

    # Transactions

    def _begin(self, operation: Json) -> Json:
        request = operation["request"]
        options = request.get("options") or request.get("newTransaction") or {}
        state = None
        if "readOnly" in options:
            time = options["readOnly"].get("readTime")
            state = dict(self.documents) if time is None else self._at(time)
        self._open[operation["as"]] = Transaction(state)
        return {}

    def _roll_back(self, operation: Json) -> Json:
        self._open.pop(operation["transaction"], None)
        return {}

    def _transaction(self, operation: Json) -> Transaction:
        found = self._open.get(operation.get("as") or operation["transaction"])
        if found is None:
            raise Refusal("INVALID_ARGUMENT")
        return found

    # Writing

    def _commit(self, operation: Json) -> Json:
        own = self._transaction(operation) if "transaction" in operation else None
        writes = operation["request"].get("writes", [])
        if own is not None and own.state is not None and writes:
            raise Refusal("INVALID_ARGUMENT")
        try:
            after, results = folded(self.documents, writes, self._now)
            self._keep_apart(operation, after)
        finally:  # also one that is refused is over
            self._open.pop(operation.get("transaction", ""), None)
        self._store(after)
        return {"results": results}

    def _batch_write(self, operation: Json) -> Json:
        results: list[Json] = []
        codes = []
        for write in operation["request"]["writes"]:
            try:
                after, (result,) = folded(self.documents, [write], self._now)
                self._keep_apart(operation, after)
            except Refusal as refusal:
                results.append({})
                codes.append(refusal.code)
            else:
                self._store(after)
                results.append(result)
                codes.append("OK")
        return {"results": results, "codes": codes}

    def _create(self, operation: Json) -> Json:
        request = operation["request"]
        name = "/".join((request["parent"], request["collectionId"], request["documentId"]))
        document = {**request["document"], "name": name}
        return self._alone(operation, {"update": document, "currentDocument": {"exists": False}})

    def _update(self, operation: Json) -> Json:
        request = operation["request"]
        kept = ("updateMask", "currentDocument")
        return self._alone(
            operation, {"update": request["document"], **{each: request[each] for each in kept if each in request}}
        )

    def _delete(self, operation: Json) -> Json:
        request = operation["request"]
        self._alone(operation, {**request, "delete": request["name"]})
        return {}

    def _alone(self, operation: Json, write: Json) -> Json:
        after, _ = folded(self.documents, [write], self._now)
        self._keep_apart(operation, after)
        self._store(after)
        path = path_of(write)
        shown = self.documents.get(path)
        return {} if shown is None else {"document": _shown(path, shown, operation["request"].get("mask"))}

    def _keep_apart(self, operation: Json, after: Mapping[Path, Document | None]) -> None:
        """Nothing changes that another open transaction has read; whoever wants it gives up."""
        own = operation.get("transaction")
        changed = {path: each for path, each in after.items() if each is not self.documents.get(path)}
        for name, transaction in self._open.items():
            if name != own and any(self._is_held(transaction, path, each) for path, each in changed.items()):
                raise Refusal("ABORTED")

    def _is_held(self, transaction: Transaction, path: Path, after: Document | None) -> bool:
        if path in transaction.documents:
            return True
        states = [{path: each} for each in (self.documents.get(path), after) if each is not None]
        return any(found(query, parent, state) for query, parent in transaction.queries for state in states)

    def _store(self, after: Mapping[Path, Document | None]) -> None:
        for path, document in after.items():
            if document is None:
                self.documents.pop(path, None)
            else:
                self.documents[path] = document


def _shown(path: Path, document: Document, mask: Json | None = None) -> Json:
    fields = document.fields if mask is None else masked(document.fields, mask.get("fieldPaths", []))
    shown: Json = {"name": "/".join(path), "createTime": f"#{document.created}", "updateTime": f"#{document.updated}"}
    return {**shown, "fields": fields} if fields else shown


_CALLS: Mapping[str, Callable[[Model, Json], Json]] = {
    "GetDocument": Model._get,
    "BatchGetDocuments": Model._batch_get,
    "RunQuery": Model._query,
    "RunAggregationQuery": Model._aggregate,
    "ListDocuments": Model._list,
    "ListCollectionIds": Model._collections,
    "BeginTransaction": Model._begin,
    "Rollback": Model._roll_back,
    "Commit": Model._commit,
    "BatchWrite": Model._batch_write,
    "CreateDocument": Model._create,
    "UpdateDocument": Model._update,
    "DeleteDocument": Model._delete,
}

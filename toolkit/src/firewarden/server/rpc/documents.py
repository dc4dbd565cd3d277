"""Reading and writing single documents: Get, BatchGet, Create, Update and DeleteDocument."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.field_paths import FieldPath, parse_mask
from firewarden.firestore.names import check_id, parse_database_name, parse_document_name, parse_name_in, parse_parent
from firewarden.firestore.status import invalid, not_found
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.writes import read_precondition, read_write
from firewarden.firestore.writes import Write
from firewarden.server import answers
from firewarden.server.committing import commit
from firewarden.server.engine import Engine
from firewarden.server.ids import auto_id
from firewarden.server.rpc.calls import Call, call, selector
from firewarden.server.transports.interface import Context
from firewarden.server.views import PRESENT, View, view


def get_document(engine: Engine, request: Any, context: Context) -> bytes:
    """GetDocument."""
    name, path = parse_document_name(request.name)
    this = call(engine, context, name)
    mask = read_mask(request)
    with engine.guard:
        state = view(this.database, selector(request), seconds=this.seconds)
        found = state.document(path)
        _allow(this, state, [path])
    this.account.documents_read(1, (path,))
    if found is None:
        raise not_found(f"Document ({request.name}) not found.")
    return document_answer(this, found, mask)


def batch_get_documents(engine: Engine, request: Any, context: Context) -> list[bytes]:
    """BatchGetDocuments: each document once, in the order asked for; all must be allowed."""
    name = parse_database_name(request.database)
    paths = [parse_name_in(name, each) for each in request.documents]
    if len(paths) > 1:
        paths = list(dict.fromkeys(paths))
    this = call(engine, context, name)
    mask = read_mask(request)
    with engine.guard:
        state = view(this.database, selector(request), seconds=this.seconds)
        found = list(map(state.document, paths))
        _allow(this, state, paths)
    this.account.documents_read(len(paths), paths)
    read_time = answers.timestamp(state.read_time)
    answer = [
        answers.missing(resource_name(this, path), read_time)
        if stored is None
        else answers.found(document_answer(this, stored, mask), read_time)
        for path, stored in zip(paths, found, strict=True)
    ]
    if state.began and state.transaction is not None:
        answer.insert(0, answers.began_batch_get(state.transaction.name))
    return answer


def _allow(this: Call, state: View, paths: Sequence[DocumentPath]) -> None:
    if not this.caller.is_admin:
        this.database.judge(state.snapshot.document, this.account).get(
            this.caller, paths, state.read_time, in_transaction=state.in_transaction
        )


def create_document(engine: Engine, request: Any, context: Context) -> bytes:
    """CreateDocument: the id is the caller's or a new one."""
    name, parent = parse_parent(request.parent)
    if request.document.name:
        raise invalid("document.name must not be set")
    if not request.collection_id:
        raise invalid("collectionId is the empty string.")
    check_id(request.collection_id, kind="Collection")
    document_id = request.document_id or auto_id()
    check_id(document_id)
    this = call(engine, context, name)
    path = (*parent, request.collection_id, document_id)
    message = protos.Write(update=request.document)
    message.update.name = resource_name(this, path)
    message.current_document.exists = False
    return _write_one(this, message, read_mask(request), auto_id=not request.document_id)


def update_document(engine: Engine, request: Any, context: Context) -> bytes:
    """UpdateDocument: sets a document, or with a mask some of its fields."""
    name, _ = parse_document_name(request.document.name)
    message = protos.Write(update=request.document)
    if request.HasField("update_mask"):
        message.update_mask.CopyFrom(request.update_mask)
    if request.HasField("current_document"):
        message.current_document.CopyFrom(request.current_document)
    return _write_one(call(engine, context, name), message, read_mask(request))


def delete_document(engine: Engine, request: Any, context: Context) -> bytes:
    """DeleteDocument: also of a document that is not there, unless it must be."""
    name, path = parse_document_name(request.name)
    this = call(engine, context, name)
    exists, update_time = read_precondition(request)
    _commit_one(this, Write(path=path, exists=exists, update_time=update_time))
    return b""


def _write_one(this: Call, message: Any, mask: Mask, *, auto_id: bool = False) -> bytes:
    write = read_write(message, this.database.name, this.database.options.limits)
    with this.engine.guard:
        _commit_one(this, write, auto_id=auto_id)
        state = view(this.database, PRESENT, seconds=this.seconds)
        stored = state.snapshot.document(write.path)
    return document_answer(this, cast("StoredDocument", stored), mask)  # it was just written


def _commit_one(this: Call, write: Write, *, auto_id: bool = False) -> None:
    with this.engine.guard:
        commit(
            this.database,
            this.caller,
            [write],
            seconds=this.seconds,
            patience=this.patience,
            auto_id=auto_id,
            account=this.account,
        )


Mask = tuple[FieldPath, ...] | None


def read_mask(request: Any) -> Mask:
    """The fields that an answer may have; None is all of them."""
    if not request.HasField("mask"):
        return None
    return parse_mask(request.mask.field_paths)


def document_answer(this: Call, stored: StoredDocument, mask: Mask = None) -> bytes:
    """The `Document`."""
    if mask is None:  # as nearly always
        return answers.document(answers.prefix_of(this.database.name), stored, stored.data)
    from firewarden.firestore.query.projection import projected  # noqa: PLC0415 - see above

    return answers.document(answers.prefix_of(this.database.name), stored, projected(stored.data, mask))


def resource_name(this: Call, path: DocumentPath) -> str:
    """The full name of a document."""
    return "/".join((str(this.database.name), "documents", *path))

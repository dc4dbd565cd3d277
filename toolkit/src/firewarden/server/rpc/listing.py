"""Looking around: ListDocuments, also of documents that are only parents, and ListCollectionIds."""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from google.protobuf.message import DecodeError

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.encoding import encode_id
from firewarden.firestore.field_paths import MISSING, FieldPath, get_field, parse_field_path
from firewarden.firestore.names import check_id, document_name, parse_parent
from firewarden.firestore.query.execute import run
from firewarden.firestore.query.model import NAME, Cursor, Order, Query
from firewarden.firestore.query.statistics import Statistics
from firewarden.firestore.status import invalid
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.values import decode_value, write_value
from firewarden.server import answers
from firewarden.server.engine import Engine
from firewarden.server.planning import planned
from firewarden.server.rpc.calls import Call, call, moment, selector
from firewarden.server.rpc.documents import Mask, document_answer, read_mask
from firewarden.server.transports.interface import Context
from firewarden.server.views import Selector, View, view
from firewarden.values import Reference

PAGE_DEFAULT, PAGE_MAX = 30, 150
"""Documents in one answer, as the emulator has it: if nobody says how many, and at most."""

_CLAUSE = re.compile(r"\s*(?P<field>\S+?)(?:\s+(?P<direction>asc|desc))?\s*", re.IGNORECASE)


def list_documents(engine: Engine, request: Any, context: Context) -> bytes:
    """ListDocuments: a page of a collection, or of all collections of a parent, in the order asked for."""
    name, parent = parse_parent(request.parent)
    this = call(engine, context, name)
    if request.page_size < 0:
        raise invalid("Page size must be nonnegative.")
    if request.collection_id:
        check_id(request.collection_id, kind="Collection")
    orders = _orders(request.order_by)
    if request.show_missing and orders:
        raise invalid("cannot specify an order when show_missing is true")
    size = min(request.page_size or PAGE_DEFAULT, PAGE_MAX)
    start = _position(request.page_token)
    mask = read_mask(request)
    if request.show_missing:
        this.require_admin("Metadata operations")
    query = Query(
        parent=parent,
        collection=request.collection_id or None,
        order_by=orders,
        limit=size + 1,
        start=None if start is None else Cursor(start, before=False),
    )
    with engine.guard:
        state = view(this.database, selector(request), seconds=this.seconds)
        state.asked(query)
        this.database.judge(state.snapshot.document, this.account).list(
            this.caller,
            Query(parent=parent, collection=query.collection, order_by=orders, limit=size, select=mask),
            state.read_time,
            in_transaction=False,
        )
        if request.show_missing:
            found: Sequence[StoredDocument | DocumentPath] = list(islice(_with_missing(this, state, query), size + 1))
        else:
            found = list(run(planned(this.database, query), state.snapshot))
    this.account.query_run(query, _charged(found[:size]))
    return _page(this, found[:size], mask, orders, is_last=len(found) <= size)


def _charged(page: Sequence[StoredDocument | DocumentPath]) -> Statistics:
    """A page is charged as the query that finds it: for its documents; that there are more of them costs nothing."""
    documents = sum(isinstance(each, StoredDocument) for each in page)
    return Statistics(entries=documents, documents=documents, results=documents)


def _with_missing(this: Call, state: View, query: Query) -> Iterator[StoredDocument | DocumentPath]:
    """The documents of a collection, and between them the paths of those that only have collections."""
    if query.collection is None:
        raise invalid("collectionId is required when show_missing is true")
    collection = (*query.parent, query.collection)
    low = b"" if query.start is None else encode_id(query.start.values[0].segments[-1]) + b"\x00"
    missing = iter(state.snapshot.missing_documents(collection, low=low))
    waiting = next(missing, None)
    for stored in run(planned(this.database, query), state.snapshot):
        while waiting is not None and encode_id(waiting) < encode_id(stored.path[-1]):
            yield (*collection, waiting)
            waiting = next(missing, None)
        yield stored
    while waiting is not None:
        yield (*collection, waiting)
        waiting = next(missing, None)


def _page(
    this: Call,
    found: Sequence[StoredDocument | DocumentPath],
    mask: Mask,
    orders: tuple[Order, ...],
    *,
    is_last: bool,
) -> bytes:
    parts = []
    for each in found:
        if isinstance(each, StoredDocument):
            parts.append(answers.part(1, document_answer(this, each, mask)))
        else:
            parts.append(answers.part(1, answers.part(1, document_name(this.database.name, each).encode())))
    if not is_last:
        parts.append(answers.part(2, _token(this, found[-1], orders).encode()))
    return b"".join(parts)


def _orders(text: str) -> tuple[Order, ...]:
    """`a desc, b` as orders."""
    orders = []
    for clause in text.split(",") if text else ():
        found = _CLAUSE.fullmatch(clause)
        if not found:
            raise invalid(f'Invalid order by clause "{text}".')
        field: FieldPath = parse_field_path(found["field"])
        orders.append(Order(field, descending=(found["direction"] or "").lower() == "desc"))
    return tuple(orders)


def _token(this: Call, last: StoredDocument | DocumentPath, orders: tuple[Order, ...]) -> str:
    """Where the next page begins: the last document's values of the orders, and its name."""
    path = last.path if isinstance(last, StoredDocument) else last
    cursor = protos.Cursor()
    for order in orders:
        if order.field != NAME and isinstance(last, StoredDocument):
            value = get_field(last.fields, order.field)
            write_value(cursor.values.add(), None if value is MISSING else value)
    name = Reference(this.database.name.project, this.database.name.database, path)
    write_value(cursor.values.add(), name)
    return urlsafe_b64encode(cursor.SerializeToString()).decode()


def _position(token: str) -> tuple[Any, ...] | None:
    if not token:
        return None
    try:
        cursor = protos.Cursor.FromString(_decoded(token))
        values = tuple(map(decode_value, cursor.values))
    except (ValueError, KeyError, IndexError, DecodeError):
        values = ()
    if not values or not isinstance(values[-1], Reference):
        raise invalid("invalid page token")
    return values


def _decoded(token: str) -> bytes:
    """Raises ValueError for what is no Base64; Python's own function for this alphabet passes over what is wrong."""
    return b64decode(token, altchars=b"-_", validate=True)


def list_collection_ids(engine: Engine, request: Any, context: Context) -> bytes:
    """ListCollectionIds: the collections directly below a document or the root, by name; for admins only."""
    name, parent = parse_parent(request.parent)
    this = call(engine, context, name)
    if request.page_size < 0:
        raise invalid("page_size must be greater than or equal to zero.")
    this.require_admin("Metadata operations")
    after = _collection(request.page_token)
    with engine.guard:
        state = view(this.database, Selector(read_time=moment(request, "read_time")), seconds=this.seconds)
        ids = [
            each for each in state.snapshot.collections(parent) if after is None or encode_id(each) > encode_id(after)
        ]
    this.account.ids_listed(f"ids of collections below /{'/'.join(parent)}")
    size = request.page_size or len(ids)
    parts = [answers.part(1, each.encode()) for each in ids[:size]]
    if len(ids) > size:
        parts.append(answers.part(2, urlsafe_b64encode(ids[size - 1].encode())))
    return b"".join(parts)


def _collection(token: str) -> str | None:
    if not token:
        return None
    try:
        return _decoded(token).decode() or None
    except ValueError:
        raise invalid("invalid page token") from None

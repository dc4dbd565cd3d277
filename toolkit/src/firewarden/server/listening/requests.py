"""Targets as clients ask for them: `google.firestore.v1.Target` read, and refused with the official words."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.names import parse_database_name, parse_name_in, parse_parent
from firewarden.firestore.status import Code, StatusError, invalid
from firewarden.firestore.wire.queries import read_query
from firewarden.server.database import ServedDatabase
from firewarden.server.listening.tokens import Token, read_token
from firewarden.server.listening.watched import Watched, WatchedDocuments, WatchedQuery
from firewarden.server.planning import planned
from firewarden.server.rpc.calls import moment
from firewarden.server.transports.interface import Context
from firewarden.values import Timestamp

PREFIX_HEADER = "google-cloud-resource-prefix"
"""Clients say in it which database a stream is for; Google's emulator looks nowhere else."""


def read_database(request: Any, context: Context) -> DatabaseName:
    """The database of a stream: that of its first request, else that of the header."""
    return parse_database_name(request.database or context.metadata.get(PREFIX_HEADER, ""))


def check_database(request: Any, name: DatabaseName) -> None:
    """Refuse a request for another database than the stream's."""
    if request.database and request.database != str(name):
        raise invalid(f"The stream is for database '{name}', and the request for '{request.database}'.")


def read_watched(target: Any, database: ServedDatabase) -> Watched:
    """What a target is about; raises INVALID_ARGUMENT, or FAILED_PRECONDITION if an index is missing."""
    name = database.name
    kind = target.WhichOneof("target_type")
    if kind == "documents":
        return WatchedDocuments([parse_name_in(name, each) for each in target.documents.documents])
    if kind != "query":
        raise invalid("A target must have documents or a query.")
    named, parent = parse_parent(target.query.parent)
    if named != name:
        raise invalid(f"The request was for database '{name}' but was attempting to access database '{named}'")
    query = read_query(target.query.structured_query, parent, name, database.options.limits)
    if query.nearest is not None:
        # https://firebase.google.com/docs/firestore/vector-search: no real-time listeners
        raise StatusError(Code.UNIMPLEMENTED, "Vector queries cannot be listened to.")
    return WatchedQuery(planned(database, query))


class Resume(NamedTuple):
    """Where a client has been: its token, None if that says nothing; and how many documents it had, if it told."""

    token: Token | None
    expected_count: int | None


def read_resume(target: Any, database: ServedDatabase) -> Resume | None:
    """How a target is to be resumed; None if it begins."""
    kind = target.WhichOneof("resume_type")
    if kind is None or (kind == "resume_token" and not target.resume_token):
        return None
    expected = target.expected_count.value if target.HasField("expected_count") else None
    if kind == "resume_token":
        return Resume(read_token(target.resume_token), expected)
    read_time = database.past(cast("Timestamp", moment(target, "read_time")))
    return Resume(Token(read_time, version=Timestamp(0)), expected)

"""Every limit of Firestore, once: its size, who says so, and what a client is told.

Sources: Q is https://firebase.google.com/docs/firestore/quotas; E is what Google's emulator 1.19.9 was seen to do.
"""

from __future__ import annotations

from typing import NamedTuple

KIB, MIB = 1 << 10, 1 << 20

ID_BYTES = 1_500
"""Ids of collections and documents (Q)."""
NAME_BYTES = 6 * KIB
"""A document's whole name (Q); the emulator takes more."""
FIELD_NAME_BYTES = 1_500
"""The name of a field (Q, E)."""
FIELD_PATH_BYTES = 1_500
"""A field path: its names and the dots between them (Q, E); in a mask one less (E)."""
FIELD_PATH_SEGMENTS = 20
"""Names in a field path of a mask (E)."""
SUBCOLLECTIONS = 100
"""Collections inside each other (Q); the emulator takes more."""
DOCUMENT_BYTES = MIB
"""A document, as `document_size` counts it (Q, E)."""
VALUE_BYTES = MIB - 89
"""The value of one field: 1,048,487 (Q, E)."""
DEPTH = 20
"""Maps and arrays inside each other; empty arrays and vectors do not count (Q, E)."""
REQUEST_BYTES = 10 * MIB
"""One request (Q); the emulator takes more."""
TRANSFORMS = 500
"""Transforms of one document in a commit (Q); the emulator takes more."""
VECTOR_DIMENSIONS = 2_048
"""Numbers in a vector (Q, E)."""
DISJUNCTIONS = 30
"""Alternatives of a query in disjunctive normal form (Q, E)."""
AGGREGATIONS = 5
"""Aggregations of one query (Q); the emulator answers UNKNOWN to more."""
INDEX_ENTRIES = 40_000
"""Index entries of one document (Q); the emulator takes more."""
INDEX_ENTRY_BYTES = 7_680
"""One index entry, 7.5 KiB (Q); the emulator takes more."""
INDEXED_VALUE_BYTES = 1_500
"""What of a value is in an index entry (Q)."""
TRANSACTION_SECONDS = 270.0
"""A transaction, however busy (Q)."""
TRANSACTION_IDLE_SECONDS = 60.0
"""A transaction that nobody uses (Q)."""
POINT_IN_TIME_SECONDS = 3_600.0
"""How far back reads may go (https://firebase.google.com/docs/firestore/pitr, without point-in-time recovery)."""


class Limits(NamedTuple):
    """The limits that production keeps and the emulator does not, and texts that differ; None is no limit."""

    transforms: int | None = TRANSFORMS
    request_bytes: int | None = REQUEST_BYTES
    aggregations: int | None = AGGREGATIONS
    name_bytes: int | None = NAME_BYTES
    subcollections: int | None = SUBCOLLECTIONS
    index_entries: int | None = INDEX_ENTRIES
    index_entry_bytes: int | None = INDEX_ENTRY_BYTES
    document_text: str = (
        "Document '{name}' cannot be written because its size ({size:,} bytes) exceeds the maximum allowed size of "
        "{most:,} bytes."
    )
    """What a client is told of a document that is too large: reported at https://github.com/divriots/story-to-design/issues/41."""
    transaction_text: str = "The referenced transaction has expired or is no longer valid."
    """Of a transaction that is over; clients know it by this (https://github.com/googleapis/nodejs-firestore/pull/1347)."""


PRODUCTION = Limits()
EMULATOR = Limits(
    transforms=None,
    request_bytes=None,
    name_bytes=None,
    subcollections=None,
    index_entries=None,
    index_entry_bytes=None,
    document_text="maximum entity size is {most} bytes",
    transaction_text="Transaction is invalid or closed.",
)

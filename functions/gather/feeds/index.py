"""The index document of a feed, `feeds/{name}`: what a 304 needs to know, in one read. Decides; reads nothing.

Why a clean index is never stale. `state` goes round in a circle:

    clean      every change of a chunk so far is in the digest
    dirty      chunks have changed since; further changes need not touch the index again, so a burst is cheap
    computing  a reader has begun to compute the index; from now on a change must mark it dirty again

A writer reads the state in the transaction that writes its chunk, and writes only if it is dirty. A reader first
makes it computing, then reads the chunks, then makes it clean on condition that nobody has touched the document in
between. A chunk written before the state became computing is seen by that reader. One written after it has to mark
the index first, and the reader's condition fails. Nobody holds a lock while waiting for another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from google.cloud import firestore

from gather.feeds.chunks import CHUNK_IDS, content_digest
from gather.feeds.fragment import Fragment

# Last-Modified counts whole seconds (RFC 9110, 5.6.7).
_TICK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a feed holds: `digest` of its content, when that last changed, and the chunks that are not empty."""

    digest: str
    modified_at: datetime
    count: int
    chunks: tuple[str, ...]
    next_expiry_at: datetime | None


def current_index(stored: Mapping[str, Any] | None, now: datetime) -> Index | None:
    """Return the index as stored, or None when it has to be computed: not clean, or an event has expired."""
    if not stored or stored.get("state") != "clean":
        return None
    next_expiry_at = stored["nextExpiryAt"]
    if next_expiry_at is not None and next_expiry_at <= now:
        return None
    return Index(
        digest=stored["digest"],
        modified_at=stored["lastModified"],
        count=stored["count"],
        chunks=tuple(stored["chunks"]),
        next_expiry_at=next_expiry_at,
    )


def compute_index(
    fragments: Sequence[Fragment], *, chunks: Sequence[str], before: Mapping[str, Any] | None, now: datetime
) -> Index:
    """Compute the index of these fragments, all of them unexpired.

    `modified_at` is when the content was first seen to differ, not the newest event's updatedAt: an event that
    leaves the feed changes it too. It moves by at least a second, so that no two contents share a Last-Modified.
    """
    digest = content_digest(fragments)
    previous = (before or {}).get("lastModified")
    if previous is None:
        modified_at = now.replace(microsecond=0)
    elif (before or {}).get("digest") == digest:
        modified_at = previous
    else:
        modified_at = max(now.replace(microsecond=0), previous + _TICK)
    expiries = [fragment.expires_at for fragment in fragments if fragment.expires_at is not None]
    return Index(
        digest=digest,
        modified_at=modified_at,
        count=len(fragments),
        chunks=tuple(chunks),
        next_expiry_at=min(expiries, default=None),
    )


def clean_document(index: Index) -> dict[str, Any]:
    """Return the document of an index that has just been computed."""
    return {
        "digest": index.digest,
        "lastModified": index.modified_at,
        "count": index.count,
        "chunks": list(index.chunks),
        "nextExpiryAt": index.next_expiry_at,
        "state": "clean",
    }


def is_marked(stored: Mapping[str, Any] | None, chunk: str) -> bool:
    """A chunk may be written without touching the index when that is dirty and lists the chunk."""
    return stored is not None and stored.get("state") == "dirty" and chunk in stored.get("chunks", ())


def marked_document(stored: Mapping[str, Any] | None, chunk: str) -> dict[str, Any]:
    """Return what to merge into the index so that it is dirty and lists the chunk.

    An index that lists nothing yet lists every chunk: the first fill of a feed then marks it once, not 64 times.
    """
    listed = firestore.ArrayUnion([chunk]) if stored and "chunks" in stored else list(CHUNK_IDS)
    return {"state": "dirty", "chunks": listed}


def listed_chunks(stored: Mapping[str, Any] | None) -> Sequence[str]:
    """Return the chunks that may hold something; without an index that is any of them."""
    return sorted(stored.get("chunks", CHUNK_IDS)) if stored else CHUNK_IDS

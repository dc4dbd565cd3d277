"""Where fragments are kept: 64 documents a feed, each with some events' texts compressed together. Pure encoding.

A chunk has three fields: `entries` says of each event what is known without its text, `ics` and `json` are the
texts one after another in the order of the entries. They are blobs, not maps: Firestore would index every leaf of a
map (40,000 index entries at most a document), and ten thousand small values take longer to decode than to send.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any

from gather.feeds.fragment import Fragment

CHUNK_IDS = tuple(f"{number:02x}" for number in range(64))
# A document holds 1 MiB (Firestore quota "Maximum size for a document"), names and other fields included.
CHUNK_OCTETS_MAX = 1_000_000


class ChunkTooLargeError(ValueError):
    """The fragments of one chunk do not fit a document; the one that came last is left out."""


def chunk_id(event_id: str) -> str:
    """Events are spread by the first six bits of a hash: evenly, and the same way in every process."""
    return CHUNK_IDS[hashlib.sha256(event_id.encode()).digest()[0] >> 2]


def encode_chunk(fragments: Mapping[str, Fragment]) -> dict[str, bytes]:
    """Return the chunk's document, equal for equal fragments; raises ChunkTooLargeError."""
    ordered = [fragments[event_id] for event_id in sorted(fragments)]
    entries = json.dumps([_entry(fragment) for fragment in ordered], ensure_ascii=False, separators=(",", ":"))
    document = {
        "entries": zlib.compress(entries.encode()),
        "ics": zlib.compress("".join(fragment.ics for fragment in ordered).encode()),
        "json": zlib.compress("".join(fragment.json for fragment in ordered).encode()),
    }
    size = sum(map(len, document.values()))
    if size > CHUNK_OCTETS_MAX:
        raise ChunkTooLargeError(
            f"{len(fragments)} fragments need {size} octets, more than {CHUNK_OCTETS_MAX} of one document"
        )
    return document


def decode_chunk(document: Mapping[str, Any] | None) -> dict[str, Fragment]:
    """Return the fragments of a chunk's document by event id; none of a chunk that was never written."""
    if not document:
        return {}
    entries = json.loads(zlib.decompress(document["entries"]))
    ics = _split(document["ics"], [entry[6] for entry in entries])
    texts = _split(document["json"], [entry[7] for entry in entries])
    fragments = map(_fragment, entries, ics, texts)
    return {fragment.event_id: fragment for fragment in fragments}


def content_digest(fragments: Iterable[Fragment]) -> str:
    """Two feeds have equal digests exactly when they show equal fragments."""
    shown = sorted(f"{fragment.event_id}\0{fragment.digest}" for fragment in fragments)
    return hashlib.sha256("\n".join(shown).encode()).hexdigest()[:32]


def _entry(fragment: Fragment) -> list[Any]:
    return [
        fragment.event_id,
        fragment.starts_at.isoformat(),
        fragment.modified_at.isoformat(),
        fragment.expires_at.isoformat() if fragment.expires_at else None,
        fragment.digest,
        fragment.zones,
        len(fragment.ics),
        len(fragment.json),
    ]


def _fragment(entry: list[Any], ics: str, text: str) -> Fragment:
    event_id, starts_at, modified_at, expires_at, digest, zones, *_ = entry
    return Fragment(
        event_id=event_id,
        ics=ics,
        json=text,
        zones=tuple(zones),
        starts_at=datetime.fromisoformat(starts_at),
        modified_at=datetime.fromisoformat(modified_at),
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
        digest=digest,
    )


def _split(compressed: bytes, lengths: Iterable[int]) -> list[str]:
    text = zlib.decompress(compressed).decode()
    return [text[start:end] for start, end in pairwise(accumulate(lengths, initial=0))]

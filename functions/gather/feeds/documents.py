"""The documents of the public feed, `feeds/public` (see `index`) and `feeds/public/chunks/{00…3f}` (see `chunks`)."""

from collections.abc import Iterable
from typing import Any

from gather.feeds.chunks import decode_chunk
from gather.feeds.fragment import Fragment

PUBLIC_FEED = "feeds/public"


def index_reference(client: Any) -> Any:
    """Return the reference of the index document."""
    return client.document(PUBLIC_FEED)


def chunk_reference(client: Any, name: str) -> Any:
    """Return the reference of one chunk."""
    return client.document(f"{PUBLIC_FEED}/chunks/{name}")


def fragments_of(snapshot: Any) -> dict[str, Fragment]:
    """Return the fragments of a chunk's snapshot by event id."""
    return decode_chunk(snapshot.to_dict())


def read_chunks(client: Any, names: Iterable[str]) -> dict[str, dict[str, Fragment]]:
    """Read chunks in one request, which Firestore answers as of one instant."""
    references = [chunk_reference(client, name) for name in names]
    return {found.id: fragments_of(found) for found in client.get_all(references)} if references else {}

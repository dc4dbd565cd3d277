"""Taking turns: a sweep looks at so many documents a time and goes on behind them the next time."""

from datetime import datetime
from typing import Any


def next_in_turn(
    client: Any, sweep: str, query: Any, field: str, *, size: int, collection: str = "events"
) -> list[Any]:
    """Return the next `size` of a collection, by a query ordered by a time in `field`; after the last comes the first.

    The place is kept in `sweeps/{sweep}`. Sweeps that overlap look at the same ones, which does no harm.
    """
    place = client.document("sweeps", sweep)
    stored = place.get().to_dict() or {}
    ordered = query.order_by("__name__").limit(size)
    if isinstance(stored.get("at"), datetime) and isinstance(stored.get("id"), str):
        behind = client.collection(collection).document(stored["id"])
        ordered = ordered.start_after({field: stored["at"], "__name__": behind})
    page = list(ordered.stream())
    is_last = len(page) < size
    place.set({"at": None, "id": None} if is_last else {"at": page[-1].get(field), "id": page[-1].id})
    return page

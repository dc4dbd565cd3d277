"""Chance, taken out of a schedule: what Python and Google's client draw comes from the schedule's seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from google.cloud.firestore_v1 import base_collection


@contextmanager
def seeded(source: random.Random) -> Iterator[None]:
    """Inside, `random` and the ids of new documents are the same every time. What asks the system itself is not."""
    state, drawing = random.getstate(), base_collection.system_random
    random.setstate(source.getstate())
    base_collection.system_random = source  # type: ignore[assignment]  # its base class, which does the same
    try:
        yield
    finally:
        base_collection.system_random = drawing
        random.setstate(state)

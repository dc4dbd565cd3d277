"""What the functions have stored, by its path."""

from typing import Any

from gather.runtime import Runtime


def stored(found: Runtime, path: str) -> Any:
    """A document's fields, or None."""
    return found.firestore.document(path).get().to_dict()

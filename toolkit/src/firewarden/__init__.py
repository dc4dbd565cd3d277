"""Firewarden: prove a Firestore backend on a laptop.

`firewarden.Firestore` is loaded when it is first used: testing rules needs none of what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firewarden.testing.in_process import Firestore

__all__ = ["Firestore"]


def __getattr__(name: str) -> Any:
    if name != "Firestore":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from firewarden.testing.in_process import Firestore  # noqa: PLC0415 - see above

    return Firestore

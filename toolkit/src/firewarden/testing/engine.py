"""Which Firestore tests and the demo run on: Firewarden's own server, or Google's emulator. Starts neither."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum

from firewarden.errors import FirewardenError

VARIABLE = "FIREWARDEN_ENGINE"
REQUIRE_OFFICIAL = "REQUIRE_OFFICIAL"


class Engine(StrEnum):
    """Firewarden's own server is what everything runs on; Google's emulator is the oracle it is held against."""

    FIREWARDEN = "firewarden"
    OFFICIAL = "official"


def chosen_engine(option: str | None, ini: str = "", environ: Mapping[str, str] = os.environ) -> Engine:
    """The command line goes before the environment (FIREWARDEN_ENGINE), and that before the ini file.

    Raises FirewardenError for a name that is no engine's.
    """
    for place, named in (
        ("--firestore-engine", option),
        (VARIABLE, environ.get(VARIABLE)),
        ("firewarden_engine", ini),
    ):
        if named:
            return _engine(place, named)
    return Engine.FIREWARDEN


def is_official_required(environ: Mapping[str, str] = os.environ) -> bool:
    """With REQUIRE_OFFICIAL=1 it is a failure, not a skip, that Google's emulator is not installed."""
    return environ.get(REQUIRE_OFFICIAL, "") not in ("", "0")


def _engine(place: str, named: str) -> Engine:
    try:
        return Engine(named)
    except ValueError:
        known = " or ".join(Engine)
        raise FirewardenError(f"{place} is {named!r}, which is no engine.", hint=f"Write {known}.") from None

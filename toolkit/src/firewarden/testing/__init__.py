"""Test a Firestore backend: an emulator that is there, clients that act as users, decision cases.

Names are loaded when first used: reading case files, for one, needs no Google library at all.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firewarden.testing.cases import Case, CaseFile, catalog_cases, load_cases
    from firewarden.testing.clients import (
        firestore_as,
        firestore_as_async,
        firestore_as_guest,
        firestore_as_guest_async,
        firestore_as_owner,
        firestore_as_owner_async,
    )
    from firewarden.testing.clock import VirtualClock
    from firewarden.testing.control import EmulatorControl
    from firewarden.testing.database import Database
    from firewarden.testing.engine import Engine
    from firewarden.testing.laboratory import Laboratories, Laboratory, ScheduleFailed, explore, replay
    from firewarden.testing.locate import Installation, Running, locate_emulator
    from firewarden.testing.meter import Measurement, Meter, UnexpectedCost
    from firewarden.testing.queries import build_query
    from firewarden.testing.run import CaseResult, assert_case, run_case, store_documents
    from firewarden.testing.start import RunningFirestore, start_emulator, start_firestore
    from firewarden.testing.tokens import unsigned_id_token

_HOMES = {
    "Case": "cases",
    "CaseFile": "cases",
    "CaseResult": "run",
    "Database": "database",
    "EmulatorControl": "control",
    "Engine": "engine",
    "Installation": "locate",
    "Laboratories": "laboratory",
    "Laboratory": "laboratory",
    "Measurement": "meter",
    "Meter": "meter",
    "Running": "locate",
    "RunningFirestore": "start",
    "ScheduleFailed": "laboratory",
    "UnexpectedCost": "meter",
    "VirtualClock": "clock",
    "assert_case": "run",
    "build_query": "queries",
    "catalog_cases": "cases",
    "explore": "laboratory",
    "firestore_as": "clients",
    "firestore_as_async": "clients",
    "firestore_as_guest": "clients",
    "firestore_as_guest_async": "clients",
    "firestore_as_owner": "clients",
    "firestore_as_owner_async": "clients",
    "load_cases": "cases",
    "locate_emulator": "locate",
    "replay": "laboratory",
    "run_case": "run",
    "start_emulator": "start",
    "start_firestore": "start",
    "store_documents": "run",
    "unsigned_id_token": "tokens",
}

__all__ = [
    "Case",
    "CaseFile",
    "CaseResult",
    "Database",
    "EmulatorControl",
    "Engine",
    "Installation",
    "Laboratories",
    "Laboratory",
    "Measurement",
    "Meter",
    "Running",
    "RunningFirestore",
    "ScheduleFailed",
    "UnexpectedCost",
    "VirtualClock",
    "assert_case",
    "build_query",
    "catalog_cases",
    "explore",
    "firestore_as",
    "firestore_as_async",
    "firestore_as_guest",
    "firestore_as_guest_async",
    "firestore_as_owner",
    "firestore_as_owner_async",
    "load_cases",
    "locate_emulator",
    "replay",
    "run_case",
    "start_emulator",
    "start_firestore",
    "store_documents",
    "unsigned_id_token",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

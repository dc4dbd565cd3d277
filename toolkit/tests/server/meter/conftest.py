"""Five documents, two users and rules that look them up; what has been used since one asked last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from firewarden.firestore.billing.usage import Usage
from firewarden.server.engine import Engine
from firewarden.server.meter_admin import reading
from toolkit.tests.server.conftest import NAME, PROJECT

RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  function user() { return /databases/$(d)/documents/users/$(request.auth.uid); }
  match /open/{n} { allow read, write: if true; }
  match /shut/{n} { allow read, write: if false; }
  match /notes/{n} {
    allow read: if exists(user()) && get(user()).data.ok;
    allow write: if get(user()).data.ok && getAfter(/databases/$(d)/documents/notes/$(n)).data.size() > 0;
  }
  match /either/{n} {
    allow read: if get(/databases/$(d)/documents/open/1).data.n == 1 || exists(/databases/$(d)/documents/open/2);
  }
} }"""


@pytest.fixture(autouse=True)
def some(engine: Engine, owner: Any) -> None:
    """Documents, users and rules, and nothing on the meter; requests are kept one by one."""
    for n in range(1, 6):
        owner.document(f"open/{n}").set({"n": n, "m": n % 2})
    owner.document("users/ana").set({"ok": True})
    owner.document("users/bob").set({"ok": False})
    engine.rulesets.put_default([{"name": "firestore.rules", "content": RULES}])
    engine.database(NAME).ledger.reset()
    engine.meter.record(PROJECT)


@pytest.fixture
def spent(engine: Engine) -> Callable[[], Usage]:
    """What has been used since it was asked for the last time, but for the bytes."""

    def taken() -> Usage:
        usage = Usage.of_json(reading(engine, PROJECT)["usage"])
        engine.database(NAME).ledger.reset()
        return usage - Usage(egress=usage.egress)

    return taken

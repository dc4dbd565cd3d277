"""Opening a database imports what a first write and read need, and nothing else."""

from __future__ import annotations

import subprocess
import sys

_WITHOUT = (
    "asyncio",
    "dataclasses",
    "decimal",
    "firewarden.firestore.query.model",
    "firewarden.language",
    "firewarden.rules.compiled",
    "firewarden.server.listening.stream",
    "firewarden.server.rpc.queries",
    "firewarden.server.transports.listener",
    "google.cloud.firestore",
    "grpc",
    "h11",
    "inspect",
    "logging",
    "re2",
    "yaml",
)
_FIRST_CALLS = """
import sys, firewarden
from firewarden.firestore.wire import protos
firestore = firewarden.Firestore()
name = "projects/demo-local/databases/(default)"
written = protos.CommitRequest(database=name)
written.writes.add().update.name = f"{name}/documents/notes/a"
asked = protos.GetDocumentRequest(name=f"{name}/documents/notes/a")
for method, request in (("Commit", written), ("GetDocument", asked)):
    path = f"/google.firestore.v1.Firestore/{method}"
    call = firestore._engines.call(path, request.SerializeToString(), [("authorization", "Bearer owner")])
    assert len(call.made(None)) == 1
print(*sys.modules)
"""


def test_a_first_write_and_read_need_little() -> None:
    said = subprocess.run([sys.executable, "-c", _FIRST_CALLS], check=True, capture_output=True, text=True)  # noqa: S603 - our own
    found = set(said.stdout.split())
    assert found & set(_WITHOUT) == set()
    assert "firewarden.server.rpc.transactions" in found

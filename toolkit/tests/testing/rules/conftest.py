"""Rules of notes: enough of everything that a request can be asked about."""

from datetime import UTC, datetime

import pytest

from firewarden.testing.rules import World, rules_from

RULES = """rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{id} {
      function isOwner(note) {
        return request.auth != null && note.owner == request.auth.uid;
      }
      allow get: if isOwner(resource.data) || request.auth.token.admin == true;
      allow list: if resource.data.visibility == 'public';
      allow create: if isOwner(request.resource.data) && request.resource.data.at == request.time;
      allow update: if isOwner(resource.data)
        && request.resource.data.diff(resource.data).affectedKeys().hasOnly(['text', 'edits', 'tags', 'meta']);
      allow delete: if isOwner(resource.data) && resource.data.at < request.time - duration.value(1, 'h');
    }
    match /counters/{id} {
      allow write: if getAfter(/databases/$(database)/documents/notes/$(id)).data.owner == request.auth.uid;
    }
  }
}
"""
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def notes() -> World:
    """Ana's note of an hour and a half ago."""
    at = datetime(2026, 5, 1, 10, 30, tzinfo=UTC)
    note = {"owner": "ana", "text": "milk", "at": at, "visibility": "public", "edits": 1, "tags": ["a"]}
    return rules_from(RULES).at(NOW).given({"notes/n1": note})

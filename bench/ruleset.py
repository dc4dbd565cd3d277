"""A long ruleset of the usual kind: collections with owners, shapes of fields, and functions of their own."""

from __future__ import annotations

_BLOCK = """\
    match /things{n}/{{id}} {{
      function isThing{n}(thing) {{
        return thing.keys().hasOnly(['title', 'owner', 'at', 'tags', 'state', 'count'])
          && thing.title is string && thing.title.size() > 0 && thing.title.size() <= 200
          && thing.tags is list && thing.tags.size() <= 10
          && thing.state in ['open', 'closed', 'gone']
          && thing.count is int && thing.count >= 0
          && thing.at == request.time;
      }}
      allow get: if isSignedIn() && (resource == null || isOwner(resource.data) || resource.data.state == 'open');
      allow list: if resource.data.state == 'open';
      allow create: if isOwner(request.resource.data) && isThing{n}(request.resource.data);
      allow update: if isOwner(resource.data) && isThing{n}(request.resource.data)
        && request.resource.data.diff(resource.data).affectedKeys().hasOnly(['title', 'tags', 'state', 'count', 'at']);
      allow delete: if isOwner(resource.data) && resource.data.state != 'open';
    }}
"""
_HEAD = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    function isSignedIn() {
      return request.auth != null;
    }
    function isOwner(thing) {
      return isSignedIn() && thing.owner == request.auth.uid;
    }
"""
_TAIL = "  }\n}\n"


def long_ruleset(lines: int) -> str:
    """Rules of about that many lines."""
    each = _BLOCK.count("\n")
    return _HEAD + "".join(_BLOCK.format(n=number) for number in range(lines // each)) + _TAIL

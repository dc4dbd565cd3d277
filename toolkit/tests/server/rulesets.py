"""Putting rules, and which of them hold, told by what a guest may read."""

from __future__ import annotations

from typing import Any

import httpx

from toolkit.tests.server.conftest import PROJECT


def allowing(collection: str) -> str:
    """Rules that let everybody read one collection."""
    return f"""\
rules_version = '2';
service cloud.firestore {{
  match /databases/{{database}}/documents {{
    match /{collection}/{{id}} {{ allow get: if resource == null || resource.data.n < 2; }}
  }}
}}
"""


def put(http: httpx.Client, of: str, text: str, **more: Any) -> httpx.Response:
    files = [{"name": "firestore.rules", "content": text}]
    return http.put(f"/emulator/v1/projects/{of}:securityRules", json={"rules": {"files": files}, **more})


def readable(http: httpx.Client, database: str, project: str = PROJECT) -> list[str]:
    """Which of the collections a guest may read."""
    documents = f"/v1/projects/{project}/databases/{database}/documents"
    answers = {each: http.get(f"{documents}/{each}/1").status_code for each in ("a", "b", "c")}
    assert set(answers.values()) <= {403, 404}, answers
    return [each for each, status in answers.items() if status == 404]

"""Who asks, by the `authorization` header: as Google's emulator reads it, which is asked the same where it is found."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from firewarden.errors import EmulatorNotFound
from firewarden.firestore.status import Code, StatusError
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.auth import ADMIN, GUEST, Caller, caller_of
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import start_emulator


def part(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(content).decode().rstrip("=")


HEAD, CLAIMS = part({"alg": "none"}), part({"sub": "ana", "exp": 1})
OTHER_BASE64 = b64encode(b'{"sub":"??>>??"}').decode()  # with "/" and "+" where URLs have "_" and "-"
USER = {"sub": "ana", "exp": 1}
NOT_A_TOKEN = Code.INVALID_ARGUMENT
NOT_A_HEADER = Code.UNKNOWN

CALLERS: list[tuple[str | None, Caller | Code]] = [
    (None, GUEST),
    ("", NOT_A_HEADER),
    ("Bearer", NOT_A_HEADER),
    ("Basic x", NOT_A_HEADER),
    ("owner", NOT_A_HEADER),
    (f"Token {HEAD}.{CLAIMS}.", NOT_A_HEADER),
    ("Bearer owner", ADMIN),
    ("bearer OWNER", ADMIN),
    ("Bearer ya29.x", ADMIN),
    ("Bearer YA29.x", ADMIN),
    ("Bearer ya29", NOT_A_TOKEN),
    ("Bearer  owner", NOT_A_TOKEN),
    ("Bearer abc", NOT_A_TOKEN),
    ("Bearer a.b.c", NOT_A_TOKEN),
    # A signature is looked at only for being one.
    (f"Bearer {HEAD}.{CLAIMS}.", Caller(claims=USER)),
    (f"bearer {HEAD}.{CLAIMS}.", Caller(claims=USER)),
    (f"Bearer {HEAD}.{CLAIMS}.sig", Caller(claims=USER)),
    (f"Bearer {HEAD}.{CLAIMS}.a-b_", Caller(claims=USER)),
    (f"Bearer {HEAD}.{CLAIMS}.ab=", Caller(claims=USER)),
    (f"Bearer {HEAD}.{CLAIMS}", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{CLAIMS}..", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{CLAIMS}.x.y", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{CLAIMS}.a", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{CLAIMS}.a+b", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{CLAIMS}.a/b", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{CLAIMS}.ab=c", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{CLAIMS}.!!!", NOT_A_TOKEN),
    (f"Bearer  {HEAD}.{CLAIMS}.", NOT_A_TOKEN),
    # The head must be an object; what it says is not looked at.
    (f"Bearer {part({})}.{CLAIMS}.", Caller(claims=USER)),
    (f"Bearer {part({'alg': 1})}.{CLAIMS}.", Caller(claims=USER)),
    (f"Bearer .{CLAIMS}.", NOT_A_TOKEN),
    (f"Bearer {part([1])}.{CLAIMS}.", NOT_A_TOKEN),
    (f"Bearer {part(None)}.{CLAIMS}.", NOT_A_TOKEN),
    (f"Bearer {part(b'{')}.{CLAIMS}.", NOT_A_TOKEN),
    # So must the claims.
    (f"Bearer {HEAD}..", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{part([1])}.", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{part('x')}.", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{part(b'no json')}.", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{part(bytes([255, 254]))}.", NOT_A_TOKEN),
    (f"Bearer {HEAD}.%%%.", NOT_A_TOKEN),
    (f"Bearer {HEAD}.{CLAIMS}==.", Caller(claims=USER)),
    (f"Bearer {HEAD}.{part({})}.", Caller(claims={})),
    (f"Bearer {HEAD}.{part({'sub': 1})}.", Caller(claims={"sub": 1})),
    (f"Bearer {HEAD}.{part({'sub': None})}.", Caller(claims={"sub": None})),
    (f"Bearer {HEAD}.{part({'sub': ''})}.", Caller(claims={"sub": ""})),
    (f"Bearer {HEAD}.{part({'sub': ['x']})}.", Caller(claims={"sub": ["x"]})),
    (f"Bearer {HEAD}.{part({'uid': 'x'})}.", Caller(claims={"uid": "x"})),
    (f"Bearer {HEAD}.{OTHER_BASE64}.", NOT_A_TOKEN),
]


@pytest.mark.parametrize(("header", "expected"), CALLERS, ids=lambda value: str(value)[:60])
def test_a_header_names_a_caller(header: str | None, expected: Caller | Code) -> None:
    if isinstance(expected, Caller):
        assert caller_of(header) == expected
        return
    with pytest.raises(StatusError) as refused:
        caller_of(header)
    assert refused.value.code is expected
    assert refused.value.message == ("invalid jwt" if expected is NOT_A_TOKEN else "")


def test_a_token_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(StatusError, match="invalid jwt"):
        caller_of(f"Bearer {HEAD}.{part(b'[' * 40_000)}.")


def test_what_is_verified_is_verified_every_time() -> None:
    asked = []

    def verify(token: str) -> Caller:
        asked.append(token)
        return Caller(claims={"sub": str(len(asked))})

    header = f"Bearer {HEAD}.{CLAIMS}."
    assert caller_of(header) == Caller(claims=USER)
    assert [caller_of(header, verify=verify).claims for _ in range(2)] == [{"sub": "1"}, {"sub": "2"}]
    assert caller_of(header) == Caller(claims=USER)


PROJECT = "demo-auth"
PLACES = ("ana", "guest", "nobody", "somebody", "never")
RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /asked/ana { allow get: if request.auth.uid == 'ana'; }
    match /asked/guest { allow get: if request.auth == null; }
    match /asked/nobody { allow get: if request.auth != null && request.auth.uid == null; }
    match /asked/somebody { allow get: if request.auth.uid != null; }
  }
}
"""


def answers(host: str) -> list[list[tuple[int, str]]]:
    """What everybody above is answered at each place: status and text, over HTTP."""
    with httpx.Client(base_url=f"http://{host}", trust_env=False, timeout=60) as http:
        files = [{"name": "firestore.rules", "content": RULES}]
        http.put(f"/emulator/v1/projects/{PROJECT}:securityRules", json={"rules": {"files": files}}).raise_for_status()
        return [[_answer(http, header, place) for place in PLACES] for header, _ in CALLERS]


def _answer(http: httpx.Client, header: str | None, place: str) -> tuple[int, str]:
    path = f"/v1/projects/{PROJECT}/databases/(default)/documents/asked/{place}"
    answer = http.get(path, headers={} if header is None else {"authorization": header})
    return answer.status_code, str(answer.json()["error"].get("message"))


@pytest.fixture(scope="module")
def official() -> Iterator[str]:
    try:
        starting = start_emulator()
        running = starting.__enter__()
    except EmulatorNotFound as missing:
        pytest.skip(f"no emulator of Google's to ask: {missing.message}")
    try:
        yield running.host
    finally:
        starting.__exit__(None, None, None)


@pytest.mark.emulator
def test_the_emulator_answers_the_same(official: str) -> None:
    engine = Engine(Store(), options=Options(compatibility=OFFICIAL_1_19_9))
    with Server(engine) as server:
        ours = answers(server.address)
    engine.close()
    differing = [
        (header, mine, theirs)
        for (header, _), mine, theirs in zip(CALLERS, ours, answers(official), strict=True)
        if mine != theirs
    ]
    assert differing == []
    assert {status for row in ours for status, _ in row} == {400, 403, 404, 500}

"""REST without any client library: both engines answer every request of the scenes alike, or as is said there."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from firewarden.limits import EMULATOR
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing.session import Server as Found
from toolkit.tests.sdk.odd_scenes import ODD_SCENES
from toolkit.tests.sdk.rest import Step, play
from toolkit.tests.sdk.scenes import SCENES

ALL = {**SCENES, **ODD_SCENES}


@pytest.fixture(scope="module")
def ours() -> Iterator[httpx.Client]:
    """Our server as it is when it is to be like the emulator."""
    engine = Engine(Store(), options=Options(compatibility=OFFICIAL_1_19_9, limits=EMULATOR))
    with Server(engine) as server, httpx.Client(base_url=f"http://{server.address}", timeout=60) as http:
        yield http
    engine.close()


@pytest.fixture(scope="module")
def official(official_firestore_server: Found) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{official_firestore_server.host}", timeout=60) as http:
        yield http


@pytest.mark.emulator
@pytest.mark.parametrize("name", ALL)
def test_both_answer_alike(ours: httpx.Client, official: httpx.Client, name: str) -> None:
    project, steps = f"demo-rest-{uuid4().hex[:12]}", ALL[name]
    answers = zip(steps, play(ours, project, steps), play(official, project, steps), strict=True)
    differing = [(step, got, expected) for step, got, expected in answers if (got != expected) != bool(step.differs)]
    shown = "\n".join(f"{step}\n  ours:     {got}\n  emulator: {expected}" for step, got, expected in differing)
    assert not differing, shown


@pytest.mark.parametrize(
    ("verb", "target", "body", "status"),
    [
        ("GET", "c?pageSize=many", None, 400),
        ("PATCH", "c/a", {"name": "projects/p/databases/(default)/documents/c/b"}, 200),
        ("POST", ":partitionQuery", {"structuredQuery": {"from": [{"collectionId": "c"}]}, "partitionCount": 1}, 200),
        ("POST", ":partitionQuery", {"structuredQuery": {"from": [{"collectionId": "c"}]}}, 400),
    ],
)
def test_what_the_emulator_does_not_answer(
    ours: httpx.Client, verb: str, target: str, body: object, status: int
) -> None:
    """It never does, or has no such method."""
    (answer,) = play(ours, f"demo-rest-{uuid4().hex[:12]}", [Step(verb, target, body)])
    assert answer["status"] == status, answer

"""What the requests page is told by us and by Google's emulator of the same requests.

The emulator tells first of a pass without documents, and repeats in every message the lines of those before. What it
says last of a document is what we say.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from firewarden.testing.locate import Installation
from firewarden.testing.supervise import command_line
from toolkit.tests.server.evaluations.conftest import Telling
from toolkit.tests.server.evaluations.listener import listening
from toolkit.tests.server.evaluations.scenes import RULES, SCENES, Json, asked, recorded
from toolkit.tests.waiting import until

OFFICIAL = recorded()
UNREAD: Json = {"undefined": {}}
PATIENCE_S = 60


def last_of_each(told: list[Json]) -> list[Json]:
    """The last message of each document, in the order in which they were first told of."""
    return list({each["path"]: each for each in told}.values())


def without(told: Json, *names: str) -> Json:
    return {name: value for name, value in told.items() if name not in names}


def test_we_tell_what_the_emulator_tells_in_the_end(telling: Telling) -> None:
    ours = list(asked(*telling, "demo-a"))
    assert [each["scene"] for each in ours] == [each["scene"] for each in OFFICIAL] == [each.name for each in SCENES]
    for our, their in zip(ours, OFFICIAL, strict=True):
        expected = last_of_each(their["told"])
        assert our["status"] == their["status"], our["scene"]
        assert len(our["told"]) == len(expected), our["scene"]
        for told, last in zip(our["told"], expected, strict=True):
            assert without(told, "lines", "resource") == without(last, "lines", "resource"), our["scene"]
            assert told["lines"] == last["lines"][len(last["lines"]) - len(told["lines"]) :], our["scene"]
            assert told["resource"] == last["resource"] or last["resource"] == UNREAD, our["scene"]
            assert told["resource"] != UNREAD


def test_the_recording_has_all_there_is_to_be_told() -> None:
    """Else the comparison above would say little."""
    told = [each for scene in OFFICIAL for each in scene["told"]]
    assert {each["outcome"] for each in told} == {"allow", "deny", "error"}
    assert {each["method"] for each in told} == {"get", "list", "create", "update", "delete"}
    (update,) = (each["told"] for each in OFFICIAL if each["scene"] == "update")
    assert [(each["method"], each["resource"] == UNREAD, each["outcome"]) for each in update] == [
        ("create", True, "error"),
        ("update", True, "error"),
        ("update", False, "allow"),
    ]
    assert [each["told"] for each in OFFICIAL if each["scene"] == "get-admin"] == [[]]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def official(installed_emulator: Installation) -> Iterator[Telling]:
    """Google's emulator with a port for its requests page, which the emulator of the session has not."""
    port, websocket = free_port(), free_port()
    command = [*installed_emulator.command(host="127.0.0.1", port=port), "--websocket_port", str(websocket)]
    with subprocess.Popen(  # noqa: S603 - as it is installed
        command_line(command), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until(lambda: answers(port), patience_s=PATIENCE_S)
            yield Telling(f"127.0.0.1:{port}", websocket)
        finally:
            process.terminate()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=PATIENCE_S).is_success
    except httpx.ConnectError:
        return False


@pytest.fixture(params=["firewarden", pytest.param("official", marks=pytest.mark.emulator)])
def either(request: pytest.FixtureRequest) -> Telling:
    """One engine after the other."""
    found: Telling = request.getfixturevalue("telling" if request.param == "firewarden" else "official")
    return found


@pytest.mark.parametrize(("options", "is_seen"), [({}, True), ({"readOnly": {}}, False)], ids=["writes", "reads"])
def test_rules_see_only_transactions_that_may_write(either: Telling, options: Json, *, is_seen: bool) -> None:
    project = f"demo-{uuid4().hex[:8]}"
    root = f"projects/{project}/databases/(default)/documents"
    with httpx.Client(base_url=f"http://{either.host}", trust_env=False, timeout=PATIENCE_S) as http:
        put = {"rules": {"files": [{"name": "firestore.rules", "content": RULES}]}}
        http.put(
            f"http://{either.host}/emulator/v1/{root.partition('/databases')[0]}:securityRules", json=put
        ).raise_for_status()
        begun = http.post(f"/v1/{root}:beginTransaction", json={"options": options}).json()["transaction"]
        with listening(either.port) as listener:
            listener.text()
            http.post(f"/v1/{root}:batchGet", json={"documents": [f"{root}/notes/a"], "transaction": begun})
            seen = listener.text()["rulesContext"]["request"]["mapValue"]["fields"]
    assert seen["inTransaction"] == {"boolValue": is_seen}


@pytest.mark.emulator
def test_the_recording_is_what_the_emulator_says(official: Telling) -> None:
    def sorted_maps(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: sorted_maps(value[name]) for name in sorted(value)}
        return [sorted_maps(each) for each in value] if isinstance(value, list) else value

    today = list(asked(*official, f"demo-{uuid4().hex[:8]}"))
    assert sorted_maps(today) == sorted_maps(list(OFFICIAL))

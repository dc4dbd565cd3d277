"""One such server for the module's tests."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from toolkit.tests.server.faults.process import LARGE, OWNER, ROOT, TIMEOUT_S, Process


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("floods"))
    assert process.answers()
    yield process
    process.stop()


@pytest.fixture
def large(process: Process) -> int:
    """Documents that are together larger than all buffers on the way."""
    with httpx.Client(
        base_url=f"http://{process.address}/v1/", headers=OWNER, trust_env=False, timeout=TIMEOUT_S
    ) as rest:
        for number in range(60):
            fields = {"text": {"stringValue": "x" * LARGE}}
            assert rest.patch(f"{ROOT}/large/{number}", json={"fields": fields}).status_code == 200
    return 60 * LARGE

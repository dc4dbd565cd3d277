"""Google's emulator of a run: started without a fork of this process, which gRPC would not bear."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firewarden.errors import EmulatorFailed
from firewarden.testing import _emulators
from firewarden.testing._run import OwnedRun
from firewarden.testing.locate import answers

forks: list[int] = []
os.register_at_fork(before=lambda: forks.append(1))  # for good: there is no way back


@pytest.fixture
def folder() -> Iterator[Path]:
    run = OwnedRun()
    yield run.folder
    _emulators.end_emulators(run.folder)
    run.close()


@pytest.mark.usefixtures("installed_emulator")
def test_it_is_started_without_a_fork_of_this_process(folder: Path) -> None:
    subprocess.run([sys.executable, "--version"], check=True, preexec_fn=os.getpid)
    assert forks == [1]
    host, log_path = _emulators.start(folder, "official", os.environ, functions=None)
    assert forks == [1]
    assert answers(host)
    assert host in log_path.read_text()
    _emulators.end_emulators(folder)
    assert not answers(host)


def test_one_that_ends_at_once_is_an_error_with_its_last_words(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho out of order\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(_emulators, "locate_installation", lambda _: None)
    monkeypatch.setattr(_emulators, "emulator_command", lambda *_, **__: [str(broken)])
    with pytest.raises(EmulatorFailed, match=r"ended instead of serving[^$]*out of order"):
        _emulators.start(folder, "official", os.environ, functions=None)

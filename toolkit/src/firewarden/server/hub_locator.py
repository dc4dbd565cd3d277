"""The file by which the tools of the Firebase CLI find the hub of a project: one in the folder for temporary files."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def locator_file(project: str) -> Path:
    """Where the file of a project is."""
    return Path(tempfile.gettempdir()) / f"hub-{project}.json"


@contextmanager
def located(project: str, locator: Mapping[str, Any], *, report: Callable[[str], None]) -> Iterator[None]:
    """Inside, the hub can be found, unless another one that is alive is found by the file already."""
    file = locator_file(project)
    if _is_alive(_pid(file)):
        report(f"{file} names another hub of {project}, which runs: this one is found by its address only")
        yield
        return
    file.write_text(json.dumps(locator), encoding="utf-8")
    try:
        yield
    finally:
        if _pid(file) == locator["pid"]:
            file.unlink(missing_ok=True)


def _pid(file: Path) -> int | None:
    try:
        pid = json.loads(file.read_text(encoding="utf-8"))["pid"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return pid if isinstance(pid, int) else None


def _is_alive(pid: int | None) -> bool:
    if pid is None or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True

"""The recorded cases in `vectors/`, and their messages. `demo-recorded` stands for the project."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from firewarden.firestore.wire import protos

PROJECT = "demo-recorded"
VECTORS = Path(__file__).parent / "vectors"


def load(name: str) -> list[dict[str, Any]]:
    """The cases of a file."""
    # Not splitlines: names may hold what Unicode takes for the end of a line.
    return [json.loads(line) for line in (VECTORS / f"{name}.jsonl").read_text().split("\n")[:-1]]


def read_message(write: dict[str, Any], times: Sequence[Any], project: str = PROJECT) -> Any:
    """A `Write` from JSON. `$time0` is the time of the first commit; `raw` is what JSON cannot say, in base64."""
    if "raw" in write:
        return protos.Write.FromString(base64.b64decode(write["raw"]).replace(PROJECT.encode(), project.encode()))
    condition = write.get("currentDocument", {})
    if condition.get("updateTime", "").startswith("$time"):
        time = times[int(condition["updateTime"].removeprefix("$time"))]
        write = {**write, "currentDocument": {"updateTime": time.ToJsonString()}}
    return json_format.ParseDict(write, protos.Write())

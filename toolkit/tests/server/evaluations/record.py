"""Asks Google's emulator, started with `--websocket_port`, what it tells of every scene, and writes it down.

python -m toolkit.tests.server.evaluations.record 127.0.0.1:8080 9150
"""

from __future__ import annotations

import json
import sys
from uuid import uuid4

from toolkit.tests.server.evaluations.scenes import RECORDED, asked


def main(host: str, port: str) -> None:
    """Overwrite the recording."""
    told = asked(host, int(port), f"demo-r{uuid4().hex[:8]}")
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in told)
    RECORDED.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Asks Google's emulator for the coverage of every scene anew and writes its reports down.

python -m toolkit.tests.coverage.record 127.0.0.1:8080
"""

from __future__ import annotations

import json
import sys
from uuid import uuid4

import httpx

from toolkit.tests.coverage.scenes import RECORDED, SCENES, asked


def main(host: str) -> None:
    """Overwrite the recording."""
    with httpx.Client(base_url=f"http://{host}", trust_env=False, timeout=60) as http:
        reports = [{"scene": name, **asked(http, f"demo-r{uuid4().hex[:8]}", name)} for name in SCENES]
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in reports)
    RECORDED.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

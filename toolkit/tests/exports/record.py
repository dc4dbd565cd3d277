"""Has Google's emulator export everything anew, as the fixtures in `recorded/`.

python -m toolkit.tests.exports.record 127.0.0.1:8080
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from toolkit.tests.exports.documents import DEFAULT, EVERYTHING, OTHERS, PROJECT, RECORDED, SECOND, Asked

RECORDINGS = {"everything": (DEFAULT, EVERYTHING), "others": (SECOND, OTHERS), "nothing": ("empty", {})}


def record(address: str, folder: Path) -> None:
    for name, (database, documents) in RECORDINGS.items():
        shutil.rmtree(folder / name, ignore_errors=True)
        with Asked(address, PROJECT, database) as asked:
            asked.clear()
            asked.write(documents)
            asked.export(folder / name)
            asked.clear()


if __name__ == "__main__":
    record(sys.argv[1], RECORDED)

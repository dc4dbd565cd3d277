"""`python tests/storm`, from any folder."""

import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).parents[2]
    sys.path[:0] = [str(root), str(root / "functions")]
    from tests.storm.command import main

    sys.exit(main())

"""Run by `make fuzz-rules`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))

if __name__ == "__main__":
    from toolkit.tests.fuzz.rules.command import main

    sys.exit(main())

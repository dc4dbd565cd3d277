"""`python toolkit/tests/conformance/listeners`, from any folder."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[4]))
    from toolkit.tests.conformance.listeners.command import main

    sys.exit(main())

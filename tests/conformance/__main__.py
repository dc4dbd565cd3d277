"""`python tests/conformance`, from any folder."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.conformance.command import main

    sys.exit(main())

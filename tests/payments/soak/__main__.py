"""`python tests/payments/soak`, from any folder."""

import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).parents[3]
    sys.path[:0] = [str(root), str(root / "functions"), str(root / "scripts")]
    from tests.payments.soak.command import main

    sys.exit(main())

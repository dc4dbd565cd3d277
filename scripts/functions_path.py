"""Puts `functions/` on the import path, as the deployed runtime does, so that scripts share the backend's own laws.

Import it before anything of `gather`. It does nothing else.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = ROOT / "functions"

if str(FUNCTIONS) not in sys.path:
    sys.path.append(str(FUNCTIONS))

"""`make costs`: writes the tables of docs/cost.md and docs/scale.md from what is claimed, which the tests measure."""

import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).parents[2]
    sys.path[:0] = [str(root), str(root / "functions")]
    from firewarden.firestore.billing.prices import known_prices
    from tests.costs import page as costs
    from tests.storm import page as storms

    for page in (costs, storms):
        page.PAGE.write_text(page.renewed(page.PAGE.read_text(encoding="utf-8"), known_prices()), encoding="utf-8")

"""The picture in the documentation shows what an explanation looks like today."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_picture_is_what_is_drawn() -> None:
    """`python toolkit/docs/draw_explanation.py` draws it anew."""
    drawn = runpy.run_path(str(DOCS / "draw_explanation.py"))["drawn"]
    assert (DOCS / "explanation.svg").read_text(encoding="utf-8") == drawn()

"""The fonts that papers are set in, embedded in every PDF as far as they are used.

Imported when the first paper is rendered: reading the fonts costs time, and an import is done once, whoever asks.
"""

import re
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, FALLBACK = "DejaVuSans", "DejaVuSans-Bold", "WenQuanYiMicroHei"
_FILES = {REGULAR: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf", FALLBACK: "wqy-microhei.ttc"}
_FOLDER = Path(__file__).parent / "fonts"
# What no line of text holds: controls, and lone surrogates, which no font and no encoding has.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def printable(text: str) -> str:
    """Return text without what cannot be set or encoded."""
    return _FORBIDDEN.sub(" ", text)


def markup(text: str) -> str:
    """Return text as a paragraph takes it; Chinese, Japanese and Korean are set in the font that has them.

    A character that neither font has shows as the box that says so.
    """
    runs: list[tuple[bool, str]] = []
    for character in printable(text):
        is_foreign = ord(character) not in _GLYPHS and ord(character) in _fallback_glyphs()
        if runs and runs[-1][0] == is_foreign:
            runs[-1] = (is_foreign, runs[-1][1] + character)
        else:
            runs.append((is_foreign, character))
    return "".join(f'<font name="{FALLBACK}">{escape(run)}</font>' if foreign else escape(run) for foreign, run in runs)


@cache
def _fallback_glyphs() -> frozenset[int]:
    """Five megabytes that few papers need."""
    return _register(FALLBACK)


def _register(name: str) -> frozenset[int]:
    """Make the font known and return the characters that it has."""
    # Without HarfBuzz, whether or not it is installed: the bytes of a paper must not depend on that.
    font = TTFont(name, str(_FOLDER / _FILES[name]), shapable=False)
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


_GLYPHS = _register(REGULAR) & _register(BOLD)
pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)

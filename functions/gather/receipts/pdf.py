"""Papers as PDF: A4, searchable text in embedded fonts, a title and a language for screen readers. Pure.

The same sheet gives the same bytes, in any process and at any time: nothing here reads a clock or a random number.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from gather.feeds.text import clip
from gather.receipts.fonts import BOLD, REGULAR, markup, printable
from gather.receipts.sheet import Sheet

MARGIN, FOOT = 56, 80
WIDTH = A4[0] - 2 * MARGIN
INK, MUTED, RULE = HexColor("#1f2933"), HexColor("#52606d"), HexColor("#cbd2d9")
CELL_LENGTH_MAX = 400
"""A cell cannot be divided between pages, so it must fit one."""

_TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=13, textColor=INK)
_STRONG = ParagraphStyle("strong", parent=_TEXT, fontName=BOLD)
_LABEL = ParagraphStyle("label", parent=_TEXT, fontSize=8, textColor=MUTED)
_AMOUNT = ParagraphStyle("amount", parent=_TEXT, alignment=TA_RIGHT)
_STRONG_AMOUNT = ParagraphStyle("strong amount", parent=_STRONG, alignment=TA_RIGHT)
_AMOUNT_LABEL = ParagraphStyle("amount label", parent=_LABEL, alignment=TA_RIGHT)
_TITLE = ParagraphStyle("title", parent=_STRONG, fontSize=20, leading=24, alignment=TA_RIGHT)
_NUMBER = ParagraphStyle("number", parent=_TEXT, textColor=MUTED, alignment=TA_RIGHT)
_SELLER = ParagraphStyle("seller", parent=_STRONG, fontSize=13, leading=17)
_NUMBER_WIDTHS = {"Quantity": 54, "Unit price": 96, "Discount": 92, "Amount": 100}
_FLUSH = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("FONTNAME", (0, 0), (-1, -1), REGULAR),  # of empty cells too: a table's own font would not be embedded
]


def render(sheet: Sheet) -> bytes:
    """Return the paper as PDF."""
    _, pages = _built(sheet, pages=0)
    # Once more: how many pages there are is known only when they have been laid out.
    content, _ = _built(sheet, pages=pages)
    return content


def _built(sheet: Sheet, *, pages: int) -> tuple[bytes, int]:
    """Lay the paper out with `pages` named on each page; return it, and how many pages it has."""
    buffer = BytesIO()
    template = BaseDocTemplate(
        buffer,
        pagesize=A4,
        title=printable(f"{sheet.title} {sheet.number}"),
        author=printable(sheet.seller[0]),
        subject=printable(sheet.subject),
        creator="Gather",
        lang="en",
        displayDocTitle=True,
        invariant=1,
        initialFontName=REGULAR,
    )

    def draw_footer(canvas: Canvas, _: object) -> None:
        place = f"Page {canvas.getPageNumber()} of {pages}"
        left, right = _paragraph(_footer(sheet), _LABEL), _paragraph(place, _AMOUNT_LABEL)
        for paragraph, x, width in ((left, MARGIN, WIDTH - 90), (right, MARGIN + WIDTH - 90, 90)):
            _, height = paragraph.wrap(width, MARGIN)
            paragraph.drawOn(canvas, x, MARGIN + 4 - height)

    frame = Frame(MARGIN, FOOT, WIDTH, A4[1] - MARGIN - FOOT, 0, 0, 0, 0)
    template.addPageTemplates(PageTemplate(frames=[frame], onPage=draw_footer))
    template.build(list(_content(sheet)))
    return buffer.getvalue(), template.page


def _footer(sheet: Sheet) -> str:
    """Who sells and how to reach them, as far as two lines reach."""
    return clip(" · ".join(dict.fromkeys([sheet.seller[0], *sheet.seller[-2:]])), 2 * 70)


def _content(sheet: Sheet) -> Iterable[Flowable]:
    yield _head(sheet)
    yield Spacer(0, 26)
    yield _parties(sheet)
    yield Spacer(0, 24)
    yield _positions(sheet)
    yield Spacer(0, 10)
    yield _totals(sheet)
    yield Spacer(0, 20)
    for note in sheet.notes:
        yield _paragraph(note, _TEXT)


def _head(sheet: Sheet) -> Flowable:
    left = [_paragraph(sheet.seller[0], _SELLER), *_paragraphs(sheet.seller[1:], _LABEL)]
    right = [_paragraph(sheet.title, _TITLE), _paragraph(sheet.number, _NUMBER)]
    return _grid([[left, right]], [WIDTH * 0.55, WIDTH * 0.45], [("LINEBELOW", (0, 0), (-1, -1), 1, INK), _BELOW])


_BELOW = ("BOTTOMPADDING", (0, 0), (-1, -1), 12)


def _parties(sheet: Sheet) -> Flowable:
    buyer = [_paragraph("Buyer", _LABEL), _paragraph(sheet.buyer[0], _STRONG), *_paragraphs(sheet.buyer[1:], _TEXT)]
    facts = [[_paragraph(label, _LABEL), _paragraph(value, _TEXT)] for label, value in sheet.facts]
    tight = [("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
    right = _grid(facts, [WIDTH * 0.19, WIDTH * 0.31], tight)
    return _grid([[buyer, right]], [WIDTH * 0.5, WIDTH * 0.5])


def _positions(sheet: Sheet) -> Flowable:
    widths = [_NUMBER_WIDTHS[name] for name in sheet.columns[1:]]
    head = [_paragraph(sheet.columns[0], _LABEL), *_paragraphs(sheet.columns[1:], _AMOUNT_LABEL)]
    rows = [[_paragraph(row[0], _TEXT), *_paragraphs(row[1:], _AMOUNT)] for row in sheet.rows]
    rules = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.5, RULE),
        ("TOPPADDING", (0, 1), (-1, -1), 6),
        ("BOTTOMPADDING", (0, 1), (-1, -1), 6),
    ]
    return _grid([head, *rows], [WIDTH - sum(widths), *widths], rules, repeatRows=1)


def _totals(sheet: Sheet) -> Flowable:
    *parts, (label, total) = sheet.totals
    rows = [[_paragraph(name, _AMOUNT_LABEL), _paragraph(value, _AMOUNT)] for name, value in parts]
    rows.append([_paragraph(label, _STRONG_AMOUNT), _paragraph(total, _STRONG_AMOUNT)])
    above = [("LINEABOVE", (0, -1), (-1, -1), 0.75, INK), ("TOPPADDING", (0, -1), (-1, -1), 6)]
    return _grid(rows, [110, 130], above, hAlign="RIGHT")


def _grid(rows: Any, widths: Sequence[float], style: Sequence[Any] = (), **options: Any) -> Flowable:
    return Table(rows, colWidths=widths, style=TableStyle([*_FLUSH, *style]), **{"hAlign": "LEFT"} | options)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(markup(clip(text, CELL_LENGTH_MAX)), style)


def _paragraphs(texts: Iterable[str], style: ParagraphStyle) -> list[Paragraph]:
    return [_paragraph(text, style) for text in texts]

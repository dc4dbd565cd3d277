"""A ticket's code as a QR code, in the two forms that browsers and mail show. Pure."""

import io

import segno

ERROR_CORRECTION = "m"
"""Still read with 15 % of it hidden, as on a creased print."""
SCALE = 8
"""Pixels of a module, so that a print of 3 cm is sharp."""


def qr_svg(code: str, *, title: str = "Ticket") -> bytes:
    """A QR code as an SVG image with a title for screen readers; black on white, also on a dark page."""
    image = io.BytesIO()
    _made(code).save(image, kind="svg", scale=SCALE, light="white", title=title)
    return image.getvalue()


def qr_png(code: str) -> bytes:
    """A QR code as a PNG image."""
    image = io.BytesIO()
    _made(code).save(image, kind="png", scale=SCALE)
    return image.getvalue()


def _made(code: str) -> segno.QRCode:
    return segno.make(code, error=ERROR_CORRECTION, micro=False)

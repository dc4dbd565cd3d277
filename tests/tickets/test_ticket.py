"""Tickets: codes that verify with the public key alone, and for nothing but what was signed; their QR codes."""

import base64
import struct
import zlib
from datetime import timedelta
from xml.etree import ElementTree as ET  # reads only what we have drawn ourselves

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.tickets.attendee import Attendee
from gather.tickets.qr import ERROR_CORRECTION, qr_png, qr_svg
from gather.tickets.ticket import (
    PURPOSE,
    Admission,
    Ticket,
    TicketStatus,
    parse_ticket,
    public_key_text,
    signed_code,
    signing_key,
    ticket_document,
    ticket_id,
    verified,
)
from tests.support.tickets import NOON

KEY = signing_key(bytes(range(32)))
PUBLIC = KEY.public_key()
CODE = signed_code("ABCDEFGH23-1", "e", KEY)


def test_a_code_says_offline_which_ticket_of_which_event_it_is() -> None:
    from_the_endpoint = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key_text(PUBLIC)))
    assert verified(CODE, from_the_endpoint) == Admission("ABCDEFGH23-1", "e")


def test_a_code_begins_with_the_id_in_base32_and_is_always_the_same() -> None:
    assert CODE.startswith(base64.b32encode(b"ABCDEFGH23-1").decode().rstrip("=") + ".")
    assert signed_code("ABCDEFGH23-1", "e", KEY) == CODE


def test_another_key_signs_nothing_of_ours() -> None:
    assert verified(CODE, signing_key(bytes(32)).public_key()) is None


def test_a_signature_made_for_something_else_is_none_of_a_ticket() -> None:
    claim = CODE.rpartition(".")[0]
    for message in (claim.encode(), PURPOSE.replace(b"1", b"2") + claim.encode()):
        signature = base64.b32encode(KEY.sign(message)).decode().rstrip("=")
        assert verified(f"{claim}.{signature}", PUBLIC) is None


def test_the_parts_of_two_codes_make_no_third() -> None:
    other = signed_code("ABCDEFGH23-2", "f", KEY).split(".")
    mine = CODE.split(".")
    assert verified(".".join([mine[0], other[1], mine[2]]), PUBLIC) is None
    assert verified(".".join([other[0], mine[1], mine[2]]), PUBLIC) is None
    assert verified(".".join([other[0], other[1], mine[2]]), PUBLIC) is None


@settings(deadline=None)
@given(st.integers(0, len(CODE) - 1), st.characters())
def test_a_code_with_one_character_changed_is_none(place: int, character: str) -> None:
    changed = CODE[:place] + character + CODE[place + 1 :]
    assert changed == CODE or verified(changed, PUBLIC) is None


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_scanned(text: str) -> None:
    assert verified(text, PUBLIC) is None


@pytest.mark.parametrize("text", ["", ".", "..", "...", CODE + ".", "." + CODE, CODE + "=", CODE.lower(), CODE * 100])
def test_what_only_resembles_a_code_is_none(text: str) -> None:
    assert verified(text, PUBLIC) is None


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable()), st.integers(1, 50))
def test_events_of_any_name_are_carried(event_id: str, number: int) -> None:
    code = signed_code(ticket_id("ABCDEFGH23", number), event_id, KEY)
    assert verified(code, PUBLIC) == Admission(f"ABCDEFGH23-{number}", event_id)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_seed_that_is_no_key_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        signing_key(bytes(size))


def ticket(**fields: object) -> Ticket:
    known = {
        "id": "ABCDEFGH23-1",
        "event_id": "e",
        "uid": "ana",
        "ticket_type_id": "t",
        "number": 1,
        "code": CODE,
        "status": TicketStatus.VALID,
        "issued_at": NOON,
    }
    return Ticket(**(known | fields))  # type: ignore[arg-type]  # a test names the fields


def test_a_ticket_is_read_as_it_was_written() -> None:
    full = ticket(
        attendee=Attendee(name="Ana"),
        organization_id="acme",
        registration_id="ABCDEFGH23",
        payment_id="p",
        status=TicketStatus.VOID,
        voided_at=NOON + timedelta(days=1),
    )
    for each in (ticket(), full):
        assert parse_ticket(each.id, ticket_document(each)) == each


@pytest.mark.parametrize("field", ["eventId", "uid", "ticketTypeId", "number", "code", "status", "issuedAt"])
def test_a_damaged_ticket_is_none(field: str) -> None:
    damages: tuple[object, ...] = (None, [], True)
    for damage in damages:
        assert parse_ticket("t", {**ticket_document(ticket()), field: damage}) is None


def test_a_qr_code_is_dense_and_the_same_in_every_drawing() -> None:
    usual = signed_code("ABCDEFGH23-1", "e" * 20, KEY)
    drawn = segno.make(usual, error=ERROR_CORRECTION, micro=False)
    assert (drawn.mode, drawn.designator) == ("alphanumeric", "7-M")
    assert (qr_svg(CODE), qr_png(CODE)) == (qr_svg(CODE), qr_png(CODE))


def test_a_qr_code_in_svg_is_an_image_with_a_title_on_white() -> None:
    root = ET.fromstring(qr_svg(CODE, title="Ticket 1 of <2>"))  # noqa: S314  # ours
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert {"svg", "title", "path"} <= names
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "Ticket 1 of <2>"


def test_a_qr_code_in_png_shows_the_modules_of_the_code() -> None:
    drawn = segno.make(CODE, error=ERROR_CORRECTION, micro=False)
    width, rows = _png_rows(qr_png(CODE))
    expected = [[bool(module) for module in row] for row in drawn.matrix_iter(border=4)]
    scale = width // len(expected)
    assert [row[::scale] for row in rows[::scale]] == expected


def _png_rows(content: bytes) -> tuple[int, list[list[bool]]]:
    """Decode the only kind of PNG drawn here, a bit for each pixel, True is black."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        chunks[content[at + 4 : at + 8]] = content[at + 8 : at + 8 + size]
        at += size + 12
    width, height, depth = struct.unpack(">IIB", chunks[b"IHDR"][:9])
    assert depth == 1
    raw = zlib.decompress(chunks[b"IDAT"])
    stride = (width + 7) // 8 + 1
    lines, above = [], bytes(stride - 1)
    for number in range(height):
        kind, *line = raw[number * stride : (number + 1) * stride]
        assert kind in {0, 2}, "a filter that is not read here"
        above = bytes((byte + over) % 256 for byte, over in zip(line, above, strict=True)) if kind == 2 else bytes(line)
        lines.append(above)
    bits = [f"{int.from_bytes(line):0{len(line) * 8}b}"[:width] for line in lines]
    return width, [[bit == "0" for bit in row] for row in bits]

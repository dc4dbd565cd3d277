"""LevelDB's log: every length of record, whole and damaged."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from firewarden.firestore.exporting.checksum import crc32c, masked_crc32c
from firewarden.firestore.exporting.damage import Damaged
from firewarden.firestore.exporting.log import BLOCK_BYTES, LogWriter, records

HEAD = 7


def written(*data: bytes) -> bytes:
    log = LogWriter()
    text = b"".join(log.record(each) for each in data)
    assert log.size == len(text)
    return text


def blocks(text: bytes) -> Iterator[bytes]:
    return (text[at : at + BLOCK_BYTES] for at in range(0, len(text), BLOCK_BYTES))


@pytest.mark.parametrize(
    ("data", "checksum"),
    # RFC 3720, appendix B.4, and the usual check value of a CRC.
    [
        (b"\x00" * 32, 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_checksums_are_those_of_the_standard(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum


@pytest.mark.parametrize("before", range(BLOCK_BYTES - 3 * HEAD, BLOCK_BYTES - HEAD + 1))
def test_records_are_read_as_they_were_written_around_the_end_of_a_block(before: int) -> None:
    data = [b"a" * before, b"", b"b", b"c" * 3 * BLOCK_BYTES, b"d"]
    found = list(records(blocks(written(*data))))
    assert [each for _, each in found] == data
    assert found[0][0] == 0


def test_a_record_begins_where_it_is_said_to() -> None:
    data = [b"x" * size for size in (0, 1, 40_000, 7, 100_000)]
    starts = [len(written(*data[:number])) for number in range(len(data))]
    assert [at for at, _ in records(blocks(written(*data)))] == starts


def test_room_that_was_never_written_is_nothing() -> None:
    """LevelDB sets aside room that it has not used yet."""
    assert [each for _, each in records([written(b"a") + b"\0" * 1_000])] == [b"a"]


@pytest.mark.parametrize("seed", range(5))
def test_no_flipped_bit_is_taken_for_data(seed: int) -> None:
    chance = random.Random(seed)
    data = [chance.randbytes(chance.choice([1, 5, 300, 40_000])) for _ in range(6)]
    text = written(*data)
    for at in chance.sample(range(len(text)), 20):
        damaged = bytearray(text)
        damaged[at] ^= 1 << chance.randrange(8)
        with pytest.raises(Damaged) as caught:
            list(records(blocks(bytes(damaged))))
        assert 0 <= caught.value.offset <= len(text)


@pytest.mark.parametrize("size", [1, HEAD - 1, HEAD, HEAD + 1, 100, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 3])
def test_what_was_cut_off_is_missed(size: int) -> None:
    text = written(b"y" * 2 * BLOCK_BYTES)
    with pytest.raises(Damaged, match="the file ends inside"):
        list(records(blocks(text[:size])))


def fragment(kind: int, data: bytes) -> bytes:
    """One fragment of any type, its checksum right."""
    return masked_crc32c(kind, data).to_bytes(4, "little") + len(data).to_bytes(2, "little") + bytes([kind]) + data


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (fragment(3, b"a"), "a record goes on that never began"),
        (fragment(4, b"a"), "a record goes on that never began"),
        (fragment(2, b"a") + fragment(1, b"b"), "a record begins inside another"),
        (fragment(2, b"a") + fragment(2, b"b"), "a record begins inside another"),
        (fragment(9, b"a"), "a fragment of the unknown type 9"),
        (b"\x01\x02\x03\x04\xff\xff\x01" + b"a" * 90, "does not fit into its block"),
        (fragment(2, b"a"), "the file ends inside the record that begins at 0"),
    ],
)
def test_what_is_no_log_is_refused(text: bytes, problem: str) -> None:
    with pytest.raises(Damaged, match=problem):
        list(records([text]))

"""Bytes <-> packets: golden vectors whole and cut at every byte, round trips, bounds."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eit_rt.errors import ConfigError
from eit_rt.protocol import (
    MAX_PAYLOAD,
    Decoder,
    Fault,
    FaultKind,
    MessageType,
    Packet,
    encode,
    wire_size,
)
from tests.protocol.vectors import name_of, stream_cases

STREAMS = stream_cases()
# Check value of CRC-32/ISO-HDLC and a packet worked out by hand in SPEC.md, "A packet, byte by byte".
CRC_OF_123456789 = 0xCBF43926
PING_OF_SPEC = bytes.fromhex("06 01 07 02 01 03 01 01 02 aa 06 bb 62 f5 3d 13 00")


def plain(item: Packet | Fault) -> dict[str, Any]:
    if isinstance(item, Fault):
        return {"fault": item.word}
    packet = {
        "type": item.type,
        "seq": item.seq,
        "flags": item.flags,
        "payload": item.payload.hex(),
    }
    return {"packet": packet}


def expected(case: dict[str, Any], before: int, after: int) -> list[dict[str, Any]]:
    """What must be reported by the bytes before+1 .. after."""
    return [
        {key: value for key, value in row.items() if key != "at"}
        for row in case["expect"]
        if before < row["at"] <= after
    ]


@pytest.mark.parametrize("case", STREAMS, ids=name_of)
def test_stream_gives_exactly_its_packets_and_faults(case: dict[str, Any]) -> None:
    decoder, wire = Decoder(case["max_payload"]), bytes.fromhex(case["wire"])
    assert [plain(item) for item in decoder.feed(wire)] == expected(case, 0, len(wire))
    assert decoder.bytes_in == len(wire)
    assert decoder.packets == sum("packet" in row for row in case["expect"])
    assert decoder.n_faults == sum("fault" in row for row in case["expect"])


@pytest.mark.parametrize("case", STREAMS, ids=name_of)
def test_stream_cut_at_every_byte_gives_the_same(case: dict[str, Any]) -> None:
    wire = bytes.fromhex(case["wire"])
    # Every cut of the short streams; of the long ones those near their beginning, their end and each report.
    marks = [0, len(wire), *(row["at"] for row in case["expect"])]
    cuts = [
        k for k in range(len(wire) + 1) if len(wire) < 600 or min(abs(k - m) for m in marks) < 20
    ]
    for cut in cuts:
        decoder = Decoder(case["max_payload"])
        assert [plain(item) for item in decoder.feed(wire[:cut])] == expected(case, 0, cut)
        assert [plain(item) for item in decoder.feed(wire[cut:])] == expected(case, cut, len(wire))


@pytest.mark.parametrize("case", STREAMS, ids=name_of)
def test_stream_fed_byte_by_byte_reports_each_item_at_its_byte(case: dict[str, Any]) -> None:
    decoder, wire = Decoder(case["max_payload"]), bytes.fromhex(case["wire"])
    for at in range(len(wire)):
        found = [plain(item) for item in decoder.feed(wire[at : at + 1])]
        assert found == expected(case, at, at + 1)


def test_packet_of_the_specification_is_what_encode_writes() -> None:
    assert encode(MessageType.PING, 0x0102, b"\xaa\x00\xbb") == PING_OF_SPEC
    assert Decoder().feed(PING_OF_SPEC) == [Packet(MessageType.PING, 0x0102, 0, b"\xaa\x00\xbb")]


def test_crc_is_the_one_of_the_specification() -> None:
    # Neither this body nor its CRC holds a zero but the reserved byte, so both stand on the wire as they are.
    wire = encode(0x7F, 0x0101, b"x" * 0x0101, flags=1)
    body = bytes([1, 0x7F, 1, 1, 1, 1, 1, 0]) + b"x" * 0x0101
    assert wire[1:8] == body[:7]
    assert struct.pack("<I", _crc_bit_by_bit(body)) in wire
    assert _crc_bit_by_bit(b"123456789") == CRC_OF_123456789


def _crc_bit_by_bit(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


payloads = st.binary(max_size=700) | st.integers(0, MAX_PAYLOAD).map(bytes)
packets = st.builds(
    Packet, st.integers(0, 255), st.integers(0, 65535), st.integers(0, 255), payloads
)


@given(st.lists(packets, max_size=5), st.lists(st.integers(1, 900), min_size=1, max_size=8))
def test_what_is_encoded_is_decoded_whatever_the_cuts(sent: list[Packet], sizes: list[int]) -> None:
    wire = b"".join(encode(p.type, p.seq, p.payload, p.flags) for p in sent)
    decoder, found, at, turn = Decoder(), [], 0, 0
    while at < len(wire):
        size = sizes[turn % len(sizes)]
        found += decoder.feed(wire[at : at + size])
        at, turn = at + size, turn + 1
    assert found == sent


@given(packets)
def test_a_packet_holds_no_zero_but_its_last_byte_and_keeps_the_stated_size(packet: Packet) -> None:
    wire = encode(packet.type, packet.seq, packet.payload, packet.flags)
    assert wire.index(0) == len(wire) - 1
    assert len(wire) <= wire_size(len(packet.payload))


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_any_bytes_in_any_pieces_give_what_they_give_at_once(pieces: list[bytes]) -> None:
    bit_by_bit, at_once = Decoder(), Decoder()
    found = [item for piece in pieces for item in bit_by_bit.feed(piece)]
    assert found == at_once.feed(b"".join(pieces))
    assert bit_by_bit.faults == at_once.faults


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_may_come_in_any_buffer(kind: Any) -> None:
    assert Decoder().feed(kind(PING_OF_SPEC)) == [
        Packet(MessageType.PING, 0x0102, 0, b"\xaa\0\xbb")
    ]


def test_stream_without_zero_does_not_make_the_decoder_grow() -> None:
    decoder = Decoder(max_payload=256)
    for _ in range(1000):
        assert decoder.feed(b"\x41" * 1000) == []
        assert len(decoder._pending) <= wire_size(256)
    assert [plain(item) for item in decoder.feed(b"\0" + PING_OF_SPEC)] == [
        {"fault": "too_long"},
        plain(Packet(MessageType.PING, 0x0102, 0, b"\xaa\0\xbb")),
    ]


def test_reset_forgets_an_unfinished_packet_and_keeps_the_counts() -> None:
    decoder = Decoder()
    decoder.feed(b"\x09\x01\0" + PING_OF_SPEC[:7])
    decoder.reset()
    assert len(decoder.feed(PING_OF_SPEC)) == 1
    assert decoder.faults[FaultKind.BAD_COBS] == decoder.n_faults == 1


def test_a_payload_too_large_for_the_protocol_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="8193 bytes does not fit"):
        encode(MessageType.PING, 0, bytes(MAX_PAYLOAD + 1))


def test_another_version_says_which() -> None:
    case = next(case for case in STREAMS if case["name"] == "faults: version 2")
    fault = Decoder().feed(bytes.fromhex(case["wire"]))[0]
    assert isinstance(fault, Fault)
    assert fault.detail == "version 2, this side speaks 1"

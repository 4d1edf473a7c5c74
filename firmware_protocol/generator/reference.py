"""A second, slow decoder that takes one byte at a time, written from SPEC.md alone: the vectors' expected values.

Imports the standard library only and shares no line with eit_rt.protocol: COBS is a loop, the CRC goes bit by bit.
"""

import struct

HEADER_BYTES, CRC_BYTES, MAJOR = 8, 4, 1


def expectations(wire: bytes, max_payload: int) -> list[dict]:
    """What a receiver reports, and after how many bytes (`at`)."""
    found: list[dict] = []
    run = bytearray()
    for at, byte in enumerate(wire, start=1):
        if byte:
            run.append(byte)
        elif run:
            found.append({"at": at} | _judge(bytes(run), max_payload))
            run.clear()
    return found


def _judge(run: bytes, max_payload: int) -> dict:
    longest = HEADER_BYTES + max_payload + CRC_BYTES
    if len(run) > longest + longest // 254 + 1:
        return {"fault": "too_long"}
    message = cobs_decoded(run)
    if message is None:
        return {"fault": "bad_cobs"}
    if len(message) < HEADER_BYTES + CRC_BYTES:
        return {"fault": "bad_length"}
    body, tail = message[:-CRC_BYTES], message[-CRC_BYTES:]
    if struct.pack("<I", crc32(body)) != tail:
        return {"fault": "bad_crc"}
    version, kind, seq, length, flags, _ = struct.unpack("<BBHHBB", body[:HEADER_BYTES])
    payload = body[HEADER_BYTES:]
    if version != MAJOR:
        return {"fault": "bad_version"}
    if length != len(payload):
        return {"fault": "bad_length"}
    if length > max_payload:
        return {"fault": "too_long"}
    return {"packet": {"type": kind, "seq": seq, "flags": flags, "payload": payload.hex()}}


def cobs_decoded(run: bytes) -> bytes | None:
    """Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999) undone; None if a code byte points too far."""
    message, at = bytearray(), 0
    while at < len(run):
        code = run[at]
        block = run[at + 1 : at + code]
        if len(block) != code - 1:
            return None
        message += block
        at += code
        if code < 0xFF and at < len(run):
            message.append(0)
    return bytes(message)


def crc32(data: bytes) -> int:
    """CRC-32/ISO-HDLC: reflected polynomial 0xEDB88320, start and final exclusive-or 0xFFFFFFFF."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
    return value ^ 0xFFFFFFFF

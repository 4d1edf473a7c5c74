"""Bytes <-> packets: COBS between zero bytes, an 8-byte header, CRC-32. SPEC.md, "Packets".

Imports the generated numbers and errors. No I/O, no clock, no threads. The rule it keeps: every run of bytes between
two zeros gives exactly one Packet or Fault, at its closing zero, however the bytes are cut into pieces; nothing raises.
"""

from typing import NamedTuple
from zlib import crc32

from cobs import cobs

from eit_rt.errors import ConfigError
from eit_rt.protocol.generated import (
    CRC_BYTES,
    HEADER,
    HEADER_BYTES,
    MAJOR,
    MAX_PAYLOAD,
    FaultKind,
)

__all__ = ["DELIMITER", "Decoder", "Fault", "Packet", "encode", "wire_size"]

DELIMITER = b"\0"
_OVERHEAD = HEADER_BYTES + CRC_BYTES
_CRC_RESIDUE = 0x2144DF1C
"""CRC-32 over any message followed by its own CRC-32, least significant byte first."""


class Packet(NamedTuple):
    """One intact message, whatever its meaning: `parse` tells that."""

    type: int
    """MessageType; RESPONSE_BIT is set in answers."""
    seq: int
    flags: int
    """PacketFlag."""
    payload: bytes


class Fault(NamedTuple):
    """Something that could not be used. Noise on a wire is a value, not an exception."""

    kind: FaultKind
    detail: str
    """One phrase for people."""

    @property
    def word(self) -> str:
        """The kind as it stands in counters and reports, for example bad_crc."""
        return self.kind.name.lower()


def encode(type: int, seq: int, payload: bytes = b"", flags: int = 0) -> bytes:
    """One packet as it goes over the wire, with its closing zero.

    seq is taken modulo 2^16. Send DELIMITER first after opening a port or a silence: line noise then costs nothing.
    Raises ConfigError if the payload is larger than MAX_PAYLOAD.
    """
    if len(payload) > MAX_PAYLOAD:
        raise ConfigError(
            f"a payload of {len(payload)} bytes does not fit; EITP carries at most {MAX_PAYLOAD}, split it"
        )
    message = HEADER.pack(MAJOR, type, seq & 0xFFFF, len(payload), flags) + payload
    message += crc32(message).to_bytes(CRC_BYTES, "little")
    return bytes(cobs.encode(message)) + DELIMITER


def wire_size(payload_bytes: int) -> int:
    """Most bytes that a packet with such a payload takes on the wire, its closing zero included."""
    message = payload_bytes + _OVERHEAD
    return message + message // 254 + 2


class Decoder:
    """Bytes in, packets and faults out, in their order.

    Bounded memory: of an unfinished packet it keeps at most wire_size(max_payload) bytes, so a stream without zeros
    cannot make it grow. One decoder belongs to one direction of one link.
    """

    def __init__(self, max_payload: int = MAX_PAYLOAD) -> None:
        self.max_payload = max_payload
        self.bytes_in = 0
        self.packets = 0
        self.faults = dict.fromkeys(FaultKind, 0)
        """How many of each kind so far."""
        self._longest_run = wire_size(max_payload) - 1
        self._pending = bytearray()

    def feed(self, data: bytes | bytearray | memoryview) -> list[Packet | Fault]:
        """What the bytes up to the last zero in `data` mean. Never raises on any bytes."""
        self.bytes_in += len(data)
        *runs, rest = bytes(data).split(DELIMITER)
        if runs and self._pending:
            runs[0] = bytes(self._pending) + runs[0]
            self._pending.clear()
        found = [self._decode(run) for run in runs if run]
        # One byte above the limit is enough to know that the run is too long.
        self._pending += rest[: self._longest_run + 1 - len(self._pending)]
        return found

    def reset(self) -> None:
        """Forget an unfinished packet, for example after the port was opened anew. Counters stay."""
        self._pending.clear()

    @property
    def n_faults(self) -> int:
        return sum(self.faults.values())

    def _decode(self, run: bytes) -> Packet | Fault:
        if len(run) > self._longest_run:
            return self._fault(FaultKind.TOO_LONG, f"more than {self._longest_run} bytes")
        try:
            message = cobs.decode(run)
        except cobs.DecodeError:
            return self._fault(FaultKind.BAD_COBS, f"{len(run)} bytes")
        size = len(message) - _OVERHEAD
        if size < 0:
            return self._fault(FaultKind.BAD_LENGTH, f"a message of {len(message)} bytes")
        if crc32(message) != _CRC_RESIDUE:
            return self._fault(FaultKind.BAD_CRC, f"a message of {len(message)} bytes")
        version, type_, seq, length, flags = HEADER.unpack_from(message)
        if version != MAJOR:
            return self._fault(
                FaultKind.BAD_VERSION, f"version {version}, this side speaks {MAJOR}"
            )
        if length != size:
            return self._fault(FaultKind.BAD_LENGTH, f"{size} bytes, the header says {length}")
        if size > self.max_payload:
            return self._fault(FaultKind.TOO_LONG, f"a payload of {size} bytes")
        self.packets += 1
        return Packet(type_, seq, flags, message[HEADER_BYTES:-CRC_BYTES])

    def _fault(self, kind: FaultKind, detail: str) -> Fault:
        self.faults[kind] += 1
        return Fault(kind, detail)

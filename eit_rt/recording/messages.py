"""Messages: a frame, event or status as the bytes of one record, and back. Each frame carries its own checksum.

Imports frames and errors. The rule it keeps: `unpack_frame(pack_frame(f))` is f, bit by bit, NaN and complex included.
"""

import json
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import RecordingError
from eit_rt.frames import Event, Frame, Severity

FRAME_TOPIC = "/eit/frame"
EVENT_TOPIC = "/eit/event"
STATUS_TOPIC = "/eit/status"

FRAME_SCHEMA = """\
eit-rt frame, version 1. All numbers little-endian, no padding.
offset size  field
0      1     u8  version: 1
1      1     u8  dtype of the values: 1 = float32, 2 = complex64 (real, imaginary)
2      2     u16 reserved, 0
4      4     u32 count: number of values, in the order of the pattern in metadata "eit-rt/about"
8      8     u64 sequence: the board's frame counter, unwrapped
16     8     i64 t_board_ns: start of the frame on the board's clock
24     8     i64 t_host_ns: monotonic clock of the host when the last byte of the frame was read
32     4     u32 dropped_total: frames that the board says it dropped so far
36     4     u32 status: status bits of the board, 0 = good
40     n     values: n = count * 4 (float32) or count * 8 (complex64); NaN = missing
40+n   4     u32 CRC-32 (zlib, IEEE 802.3) of the 40+n bytes before it
The record's log_time is the wall clock (Unix, ns) at t_host_ns; its sequence is the frame's number in this file.
"""
EVENT_SCHEMA = """\
{"type": "object", "required": ["kind", "text", "t_host_ns", "severity", "count"], "properties": {
"kind": {"type": "string"}, "text": {"type": "string"}, "t_host_ns": {"type": "integer"},
"severity": {"enum": ["info", "warning", "error"]}, "count": {"type": "integer"}}}"""
STATUS_SCHEMA = '{"type": "object", "description": "counters of the program at that moment"}'

_HEAD = struct.Struct("<BBHIQqqII")
_CRC = struct.Struct("<I")
_VERSION = 1
_DTYPES: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 2: np.dtype("<c8")}
_CODES = {dtype: code for code, dtype in _DTYPES.items()}
OVERHEAD = _HEAD.size + _CRC.size
"""Bytes of a frame message beside its values."""


def pack_frame(frame: Frame) -> bytes:
    """Bytes of one frame.

    Raises RecordingError for values that are not (n,) float32 or complex64, and for numbers beyond their fields.
    """
    code = _CODES.get(frame.values.dtype)
    if code is None or frame.values.ndim != 1:
        raise RecordingError(
            f"frame {frame.sequence} has values {frame.values.shape} {frame.values.dtype}; "
            "expected (n_meas,) float32 or complex64"
        )
    try:
        head = _HEAD.pack(
            _VERSION,
            code,
            0,
            len(frame.values),
            frame.sequence,
            frame.t_board_ns,
            frame.t_host_ns,
            frame.dropped_total,
            frame.status,
        )
    except struct.error as error:
        raise RecordingError(
            f"frame {frame.sequence} (board's clock {frame.t_board_ns} ns, {frame.dropped_total} dropped, status "
            f"{frame.status}) has a number that does not fit its field: {error}; the board's driver must keep to them"
        ) from error
    body = head + frame.values.tobytes()
    return body + _CRC.pack(zlib.crc32(body))


def is_whole_frame(message: bytes | memoryview) -> bool:
    """True if length and checksum are right."""
    if len(message) < OVERHEAD:
        return False
    version, code, _, count = _HEAD.unpack_from(message)[:4]
    dtype = _DTYPES.get(code)
    if version != _VERSION or dtype is None or len(message) != OVERHEAD + count * dtype.itemsize:
        return False
    (crc,) = _CRC.unpack_from(message, len(message) - _CRC.size)
    return bool(zlib.crc32(message[: -_CRC.size]) == crc)


def unpack_frame(message: bytes) -> Frame:
    """Frame from its bytes. Raises RecordingError if they are damaged."""
    if not is_whole_frame(message):
        raise RecordingError(
            f"a frame of {len(message)} bytes is damaged (checksum or length); "
            "`eit-rt recover` writes a copy without it"
        )
    _, code, _, count, sequence, t_board_ns, t_host_ns, dropped, status = _HEAD.unpack_from(message)
    values: NDArray[Any] = np.frombuffer(message, _DTYPES[code], count, _HEAD.size)
    return Frame(values, sequence, t_board_ns, t_host_ns, dropped, status)


def pack_event(event: Event) -> bytes:
    return json.dumps(
        {
            "kind": event.kind,
            "text": event.text,
            "t_host_ns": event.t_host_ns,
            "severity": str(event.severity),
            "count": event.count,
        },
        ensure_ascii=False,
    ).encode("utf-8", "replace")


def unpack_event(message: bytes) -> Event:
    """Event from its bytes. Raises RecordingError if they are no event."""
    plain = _object(message, "event")
    try:
        return Event(
            str(plain["kind"]),
            str(plain["text"]),
            int(plain["t_host_ns"]),
            Severity(plain["severity"]),
            int(plain["count"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise RecordingError(f"not an event: {error!r} in {message[:80]!r}") from error


def is_whole_event(message: bytes | memoryview) -> bool:
    """True if it can be unpacked; a changed letter in its text goes unseen."""
    try:
        unpack_event(bytes(message))
    except RecordingError:
        return False
    return True


def pack_status(status: dict[str, Any]) -> bytes:
    """Raises RecordingError if it holds what JSON cannot."""
    try:
        return json.dumps(status, ensure_ascii=False).encode("utf-8", "replace")
    except (TypeError, ValueError) as error:
        raise RecordingError(f"a status must be plain data: {error}") from error


def unpack_status(message: bytes) -> dict[str, Any]:
    """Status from its bytes. Raises RecordingError if they are no JSON object."""
    return _object(message, "status")


def _object(message: bytes, what: str) -> dict[str, Any]:
    try:
        plain = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"not a {what}: {error}") from error
    if not isinstance(plain, dict):
        raise RecordingError(f"not a {what}: {plain!r}")
    return plain


def is_whole_object(message: bytes | memoryview) -> bool:
    """True if the bytes are a JSON object: events and statuses carry no checksum of their own."""
    try:
        return isinstance(json.loads(bytes(message)), dict)
    except (ValueError, RecursionError):
        return False

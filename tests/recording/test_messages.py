"""Frames, events and statuses as bytes."""

import struct
import zlib

import numpy as np
import pytest

from eit_rt.errors import RecordingError
from eit_rt.frames import Event, Frame, Severity
from eit_rt.recording.messages import (
    is_whole_event,
    is_whole_frame,
    is_whole_object,
    pack_event,
    pack_frame,
    pack_status,
    unpack_event,
    unpack_frame,
    unpack_status,
)
from tests.recording.samples import bits, some_frames


@pytest.mark.parametrize("is_complex", [False, True])
def test_frame_comes_back_bit_by_bit(is_complex: bool) -> None:
    for frame in some_frames(5, is_complex=is_complex):
        back = unpack_frame(pack_frame(frame))
        assert bits(back) == bits(frame)
        assert not back.values.flags.writeable


def test_bytes_are_laid_out_as_the_schema_says() -> None:
    frame = Frame(np.array([1.5, np.nan], dtype=np.float32), 2**40, 3, 4, 5, 6)
    head = bytes([1, 1, 0, 0]) + struct.pack("<IQqqII", 2, 2**40, 3, 4, 5, 6)
    body = head + struct.pack("<f", 1.5) + bytes.fromhex("0000c07f")
    assert pack_frame(frame) == body + struct.pack("<I", zlib.crc32(body))


def test_every_flipped_bit_is_noticed() -> None:
    message = pack_frame(some_frames(1)[0])
    for position in range(len(message) * 8):
        damaged = bytearray(message)
        damaged[position // 8] ^= 1 << position % 8
        assert not is_whole_frame(damaged)
    with pytest.raises(RecordingError, match="damaged"):
        unpack_frame(bytes(damaged))


def test_every_shorter_message_is_noticed() -> None:
    message = pack_frame(some_frames(1)[0])
    assert is_whole_frame(message)
    assert not any(is_whole_frame(message[:size]) for size in range(len(message)))


@pytest.mark.parametrize(
    "values", [np.zeros(4), np.zeros((2, 2), np.float32), np.zeros(4, np.int16)]
)
def test_other_arrays_are_refused(values: np.ndarray) -> None:
    with pytest.raises(RecordingError, match="expected \\(n_meas,\\) float32 or complex64"):
        pack_frame(Frame(values, 0, 0, 0))


def test_event_comes_back() -> None:
    event = Event("link-lost", 'port "weg" \n→', 2**62, Severity.ERROR, 17)
    assert unpack_event(pack_event(event)) == event


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"kind":"a","text":"b"}',
        b'{"kind":"a","text":"b","t_host_ns":Infinity,"severity":"info","count":1}',
        b'{"kind":"a","text":"b","t_host_ns":1,"severity":"inFo","count":1}',
    ],
)
def test_what_is_no_event_is_refused(message: bytes) -> None:
    assert not is_whole_event(message)
    with pytest.raises(RecordingError, match=r"not an? event"):
        unpack_event(message)


def test_whole_events_and_objects_are_known() -> None:
    message = pack_event(Event("note", "x", 1))
    assert is_whole_event(message)
    assert is_whole_object(message)
    assert not is_whole_object(b"{" + b'"a":{' * 100_000)


def test_a_file_name_in_no_encoding_can_be_told() -> None:
    event = Event("gap", "r\udcff.mcap begins here", 1)
    assert unpack_event(pack_event(event)).text == "r?.mcap begins here"


def test_status_comes_back_and_must_be_plain() -> None:
    assert unpack_status(pack_status({"received": 3})) == {"received": 3}
    with pytest.raises(RecordingError, match="plain data"):
        pack_status({"received": object()})

"""Reader of Swisstom's .eit (Pioneer set, BB2), formats LQ4 (2015 on) and LQ2 (2013-2014): 32 electrodes, complex.

Source: EIDORS, `eidors_readdata` (the maker has published nothing). LQ4 is little-endian. Header: i32 4, i32 its own
size, at 24 i32 number of frames, at 2428 f32 frames per second, amplitude, frequency and settling time, at 2444 i16
electrodes skipped, at 2448 i16 electrodes. Records: i64 ms, i32 type (0 frame, 1 event), i32 length, content. LQ2:
big-endian i32 3, at 20 i32 number of frames, 2264 bytes in all; records i64 ms, i32 length, big-endian, content.
A frame's content, little-endian in both: 15 i32, the 5th its time in us, 12 bytes, 64 i32 contacts, 2048 i32 I and Q.
An event's content begins with i32, its number.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.frames import BoardIdentity, Event, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.about import About
from eit_rt.recording.readers.reader import (
    ASSUMED_RATE_HZ,
    Detection,
    ImportedFrames,
    ImportOptions,
    layout_for,
)

summary = "Swisstom .eit (Pioneer set, BB2), LQ4 and LQ2: 32 electrodes, complex, times in the file"
options = frozenset({"layout"})

N_ELECTRODES, N_MEAS = 32, 1024
ASSUMED_SKIP = 4
CONTENT_BYTES = 8520
"""Of a frame, at least: 60 header, 12 position, 256 contacts, 8192 voltages."""
TIME_AT, VALUES_AT = 16, 328
VOLT_PER_COUNT = 2.048 / (2**20 * 360 * 1000)
"""EIDORS: a guess."""
LARGEST_CONTENT_BYTES = 1 << 20
LARGEST_HEADER_BYTES = 1 << 20
LARGEST_TYPE = 255
LONGEST_MS = 10**12
FASTEST_HZ = 1000.0


@dataclass(frozen=True, slots=True)
class _Format:
    name: str
    record: struct.Struct
    """ms, (type,) length."""
    count_at: int
    """Place of the number of frames in the header."""
    header_bytes: int
    """0: the file says it."""


LQ4 = _Format("LQ4", struct.Struct("<qii"), 24, 0)
LQ2 = _Format("LQ2", struct.Struct(">qi"), 20, 2264)


@dataclass(frozen=True, slots=True)
class _Header:
    format: _Format
    n_bytes: int
    n_frames: int
    rate_hz: float = 0.0
    skip: int = ASSUMED_SKIP
    n_electrodes: int = N_ELECTRODES


@dataclass(slots=True)
class _Records:
    """Where the frames are, and what else the file holds."""

    places: list[int] = field(default_factory=list)
    """Of each frame's content."""
    times_ms: list[int] = field(default_factory=list)
    times_us: list[int] = field(default_factory=list)
    """Of each frame, unsigned, wraps at 2^32."""
    events: list[tuple[int, int, int | None]] = field(default_factory=list)
    """(frames before it, ms, number or None)."""
    n_other: int = 0
    problem: str = ""
    """Why reading stopped before the end."""


def detect(path: Path) -> Detection:
    with path.open("rb") as file:
        header, problem = _header(file)
        if header is None:
            return Detection(False, problem)
        place, kind, _, problem = _record(file, header, header.n_bytes, None)
    if place is None or kind not in (0, 1):
        return Detection(False, problem or f"its first record is of type {kind}, not 0 or 1")
    return Detection(True, f"Swisstom {header.format.name}")


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    with path.open("rb") as file:
        header, problem = _header(file)
        if header is None:
            raise ReaderError(f"{path} is no Swisstom .eit file: {problem}")
        _check_electrodes(header, path)
        records = _scan(file, header)
    if not records.places:
        raise ReaderError(
            f"{path} holds no whole frame: {records.problem or 'events only'}; use a whole copy"
        )
    notes = _notes(header, records)
    times_ns, host_ns, rate_hz = _times(header, records, notes)
    layout, assumed = layout_for(options, N_ELECTRODES, Layout.ring(N_ELECTRODES))
    if assumed:
        notes.append("layout assumed: round, electrode 1 at 12 o'clock, clockwise, equally spaced")
    about = About(
        pattern=Pattern.by_name(f"skip{header.skip}-all", N_ELECTRODES),
        layout=layout,
        identity=BoardIdentity(
            "swisstom", f"Swisstom {header.format.name}", max_electrodes=N_ELECTRODES
        ),
        value_kind=ValueKind.COMPLEX,
        rate_hz=rate_hz,
        unit="V",
        source="; ".join([f"imported from {path.name} (swisstom)", *notes]),
    )
    frames = _frames(path, records.places, times_ns, host_ns)
    events = _events(records, host_ns)
    return ImportedFrames(about, frames, len(records.places), tuple(notes), events)


def _frames(
    path: Path, places: list[int], times_ns: NDArray[np.int64], host_ns: NDArray[np.int64]
) -> Iterator[Frame]:
    with path.open("rb") as file:
        stamps = zip(places, times_ns.tolist(), host_ns.tolist(), strict=True)
        for number, (place, board, host) in enumerate(stamps):
            file.seek(place + VALUES_AT)
            counts = np.frombuffer(file.read(8 * N_MEAS), dtype="<i4")
            if counts.size != 2 * N_MEAS:
                raise ReaderError(f"{path} became shorter while it was read; import it again")
            volts = VOLT_PER_COUNT * (counts[0::2] + 1j * counts[1::2])
            yield Frame(volts.astype(np.complex64), number, board, host)


# -- header and records ----------------------------------------------------------------------------------------


def _header(file: BinaryIO) -> tuple[_Header | None, str]:
    """The header, or None and why it is none."""
    size = file.seek(0, 2)
    file.seek(0)
    first = file.read(2450)
    if first[:4] == b"\0\0\0\4":
        return None, "Swisstom's early LQ4, of which no layout is known; export the file again"
    if first[:4] == b"\0\0\0\3":
        format_, n_bytes = LQ2, LQ2.header_bytes
    elif first[:4] == b"\4\0\0\0" and len(first) == 2450:
        format_, n_bytes = LQ4, struct.unpack_from("<i", first, 4)[0]
    else:
        return None, "does not begin with the number of LQ2 or LQ4"
    smallest = len(first) if format_ is LQ4 else n_bytes
    if not smallest <= n_bytes <= LARGEST_HEADER_BYTES or size <= n_bytes:
        return None, f"{size} bytes, with a header said to have {n_bytes}"
    order = format_.record.format[0]
    (n_frames,) = struct.unpack_from(f"{order}i", first, format_.count_at)
    if format_ is LQ2:
        return _Header(format_, n_bytes, n_frames), ""
    (rate_hz,), (skip, _, n_electrodes) = (
        struct.unpack_from("<f", first, 2428),
        struct.unpack_from("<3h", first, 2444),
    )
    return _Header(format_, n_bytes, n_frames, rate_hz, skip, n_electrodes), ""


def _check_electrodes(header: _Header, path: Path) -> None:
    if header.n_electrodes != N_ELECTRODES or not 0 <= header.skip < N_ELECTRODES - 1:
        raise ReaderError(
            f"{path} says {header.n_electrodes} electrodes, {header.skip} skipped; only 32 electrodes are known of "
            "this format; export the frames as .npz"
        )


def _record(
    file: BinaryIO, header: _Header, offset: int, frame_bytes: int | None
) -> tuple[int | None, int, tuple[int, int], str]:
    """(place of the content or None, type, (ms, length), why not). frame_bytes: length that frames have."""
    file.seek(offset)
    head = file.read(header.format.record.size)
    if len(head) < header.format.record.size:
        return None, 0, (0, 0), "it is cut off"
    time_ms, *kinds, length = header.format.record.unpack(head)
    kind = kinds[0] if kinds else 0
    if not (0 <= kind <= LARGEST_TYPE and 0 <= length <= LARGEST_CONTENT_BYTES):
        return None, kind, (time_ms, length), f"byte {offset} is not the beginning of a record"
    if kind == 0 and (length < CONTENT_BYTES or frame_bytes not in (None, length)):
        return None, kind, (time_ms, length), f"a frame of {length} bytes at byte {offset}"
    return offset + len(head), kind, (time_ms, length), ""


def _scan(file: BinaryIO, header: _Header) -> _Records:
    """All records, up to the end or to where the file is damaged."""
    records, size, offset = _Records(), file.seek(0, 2), header.n_bytes
    frame_bytes = None
    while offset < size:
        place, kind, (time_ms, length), problem = _record(file, header, offset, frame_bytes)
        if place is None or place + length > size:
            records.problem = problem or "it is cut off"
            break
        content = file.read(20)
        if kind == 0:
            frame_bytes = length
            records.places.append(place)
            records.times_ms.append(time_ms)
            records.times_us.append(struct.unpack_from("<I", content, TIME_AT)[0])
        elif kind == 1:
            number = struct.unpack_from("<i", content)[0] if length >= 4 else None
            records.events.append((len(records.places), time_ms, number))
        else:
            records.n_other += 1
        offset = place + length
    return records


# -- what is told ----------------------------------------------------------------------------------------------


def _notes(header: _Header, records: _Records) -> list[str]:
    said = "by the header" if header.format is LQ4 else "assumed"
    notes = [
        f"{header.skip} electrodes skipped ({said}); order and sign are EIDORS', values touching driven electrodes are "
        f"kept: models of clean values take --as-pattern skip{header.skip}-next1",
        "volts by EIDORS' guess of the scale; contact impedances and position are left out",
    ]
    if records.problem:
        notes.append(f"after {len(records.places)} frames the rest is not read: {records.problem}")
    if header.n_frames != len(records.places):
        notes.append(f"the header says {header.n_frames} frames, {len(records.places)} were read")
    if records.n_other:
        notes.append(f"{records.n_other} records of unknown type left out")
    return notes


def _events(records: _Records, host_ns: NDArray[np.int64]) -> tuple[tuple[int, Event], ...]:
    """At their own time, as far as it lies between those of the frames around."""
    start_ms, events = records.times_ms[0], []
    for n_before, time_ms, number in records.events:
        earliest = int(host_ns[n_before - 1]) if n_before else 0
        latest = int(host_ns[min(n_before, len(host_ns) - 1)])
        time_ns = min(max((time_ms - start_ms) * 1_000_000, earliest), max(earliest, latest))
        text = "event of the device" + ("" if number is None else f", number {number}")
        events.append((n_before, Event("note", text, time_ns)))
    return tuple(events)


def _times(
    header: _Header, records: _Records, notes: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """((n,) ns of the device's clock, of its calendar clock, nominal rate), since the first frame."""
    steps_us = [(after - before) % (1 << 32) for before, after in pairwise(records.times_us)]
    device_ns = np.concatenate([[0], np.cumsum(np.array(steps_us, dtype=np.int64))]) * 1000
    times_ms = records.times_ms
    is_ascending = all(before <= after for before, after in pairwise(times_ms))
    if is_ascending and times_ms[-1] - times_ms[0] < LONGEST_MS:
        calendar_ns = (np.array([t - times_ms[0] for t in times_ms], dtype=np.int64)) * 1_000_000
    else:
        notes.append("the calendar times in the file do not ascend and are not used")
        calendar_ns = device_ns
    if not any(steps_us):
        device_ns = calendar_ns
    rate_hz = header.rate_hz
    if not 0 < rate_hz < FASTEST_HZ:
        steps_ns = np.diff(device_ns)
        typical_ns = float(np.median(steps_ns)) if len(steps_ns) else 0.0
        rate_hz = 1e9 / typical_ns if typical_ns > 0 else ASSUMED_RATE_HZ
        how = "that of the times" if typical_ns > 0 else "assumed"
        notes.append(f"no frame rate in the header: {rate_hz:g} frame/s, {how}")
    return device_ns, calendar_ns, rate_hz

"""Reader of .et3 and .erd: complex frames of a 16-electrode system with opposite drive, as pyEIT describes them.

Source: pyEIT, `pyeit/io/et3.py` (FMMU, Xi'an). Little-endian, 5120 bytes a frame, old files 4096 bytes before them:

| offset | field                                                                                           |
|--------|-------------------------------------------------------------------------------------------------|
| 0      | u32 version (1 to 3: et3, 4: erd), u32 frame counter                                            |
| 8      | time: f64 days since 1899-12-30; erd: f64 or u64 ms since 1970                                  |
| 360    | u32 switching delays (2), steps of drive and sense, frequency Hz, current uA, gain, electrodes  |
| 392    | f32 electrode size, f32 frame interval s                                                        |
| 1024   | 256 f64 real parts, 256 f64 imaginary parts: 16 drives (k, k + 8) x 16 senses from k on         |

The file has V[m] - V[n]; the sign is turned, as pyEIT does, and erd counts electrodes the other way round. The time
zone of its dates is not known.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.frames import BoardIdentity, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.about import About
from eit_rt.recording.readers.frame_times import FASTEST_HZ, LONGEST_S
from eit_rt.recording.readers.reader import (
    Detection,
    ImportedFrames,
    ImportOptions,
    as_values,
    layout_for,
)
from eit_rt.recording.readers.steady_rate import steady_rate, steady_time_ns

summary = "pyEIT's .et3 and .erd: 16 electrodes, opposite drive, complex, times in the file"
options = frozenset({"layout", "rate_hz"})

HEAD_BYTES, FRAME_BYTES, FILE_HEAD_BYTES = 1024, 5120, 4096
N_ELECTRODES, N_MEAS = 16, 256
ERD = 4
ERD_SCALE = 4096 / 65536 / 29.9 * 1000 / 1250
"""Counts of an .erd file to ohm (its gain is fixed)."""
DAY_MS = 86_400_000
DAYS_TO_1970 = 25_569
"""From 1899-12-30."""
DATES_MS = (631_152_000_000, 4_102_444_800_000)
"""1990 and 2100, since 1970: what is outside is no date of a measurement."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What a frame says of itself."""

    version: int
    counter: int
    time_ms: float
    """Since an epoch of the format's own; NaN if it is no time."""
    posix_ms: int | None
    """The same since 1970; None if it is no date of a measurement."""
    drive_step: int
    frequency_hz: int
    current_ua: int
    n_electrodes: int
    interval_s: float

    @property
    def is_plausible(self) -> bool:
        return (
            1 <= self.version <= ERD
            and self.n_electrodes == N_ELECTRODES
            and 1 <= self.frequency_hz <= 100_000_000
        )


def detect(path: Path) -> Detection:
    with path.open("rb") as file:
        start, problem = _start(file)
    if start is None:
        return Detection(False, problem)
    return Detection(True, "frames of 5120 bytes with pyEIT's ET3 header, 16 electrodes")


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    with path.open("rb") as file:
        start, problem = _start(file)
        if start is None:
            raise ReaderError(f"{path} is no ET3 or ERD file: {problem}")
        n_frames, rest = divmod(file.seek(0, 2) - start, FRAME_BYTES)
        heads = [_head(file, start + k * FRAME_BYTES) for k in range(n_frames)]
    first = heads[0]
    if first.drive_step not in (0, N_ELECTRODES // 2):
        raise ReaderError(
            f"{path} was driven over {first.drive_step} electrodes; only opposite drive (8) is known of this format"
        )
    is_erd = first.version == ERD
    notes = [
        f"values in ohm by pyEIT's scale, sign {'of the file kept (erd)' if is_erd else 'turned as pyEIT does'}; "
        "contact and temperature channels are left out"
    ]
    if rest:
        notes.append(f"the file ends within a frame: its last {rest} bytes are left out")
    times_ns, rate_hz = _times(heads, path, options, notes)
    started_ns = None if first.posix_ms is None else first.posix_ms * 1_000_000
    if started_ns is not None:
        date = datetime.fromtimestamp(started_ns / 1e9, UTC)
        notes.append(f"measured {date:%Y-%m-%d %H:%M:%S} by the file, taken as UTC")
    layout, assumed = layout_for(options, N_ELECTRODES, _layout(is_erd))
    if assumed:
        notes.append(
            "layout assumed: worn on a body and seen from the feet, electrode 1 at the "
            f"{'right' if is_erd else 'left'} side, 5 in front; equally spaced"
        )
    about = About(
        pattern=Pattern.by_name("opposite-all-rotated", N_ELECTRODES),
        layout=layout,
        identity=BoardIdentity("et3", "erd" if is_erd else "et3", max_electrodes=N_ELECTRODES),
        value_kind=ValueKind.COMPLEX,
        rate_hz=rate_hz,
        unit="ohm",
        source="; ".join([f"imported from {path.name} (et3)", *notes]),
    )
    numbers = _numbers(heads)
    scale = ERD_SCALE if is_erd else -1.0
    return ImportedFrames(
        about,
        _frames(path, start, numbers, times_ns, scale),
        n_frames,
        tuple(notes),
        started_ns=started_ns,
    )


def _frames(
    path: Path, start: int, numbers: list[int], times_ns: NDArray[np.int64], scale: float
) -> Iterator[Frame]:
    with path.open("rb") as file:
        file.seek(start)
        for number, time_ns in zip(numbers, times_ns.tolist(), strict=True):
            content = file.read(FRAME_BYTES)
            if len(content) < FRAME_BYTES:
                raise ReaderError(f"{path} became shorter while it was read; import it again")
            parts = np.frombuffer(content, dtype="<f8", offset=HEAD_BYTES)
            # Part by part: a product with 1j would make NaN of an infinite number.
            ohms = np.empty(N_MEAS, dtype=np.complex128)
            with np.errstate(over="ignore", invalid="ignore"):
                ohms.real, ohms.imag = scale * parts[:N_MEAS], scale * parts[N_MEAS:]
            yield Frame(as_values(ohms, f"frame {number}", path), number, time_ns, time_ns)


# -- heads -----------------------------------------------------------------------------------------------------


def _start(file: BinaryIO) -> tuple[int | None, str]:
    """Where the first frame begins, or None and why there is none."""
    size = file.seek(0, 2)
    if size < FRAME_BYTES:
        return None, f"{size} bytes, less than a frame of {FRAME_BYTES}"
    for start in (0, FILE_HEAD_BYTES):
        if size >= start + FRAME_BYTES and _head(file, start).is_plausible:
            return start, ""
    return None, (
        "no frame header (version 1 to 4, frequency, 16 electrodes) at its beginning; "
        "the older .et0 is not read"
    )


def _head(file: BinaryIO, offset: int) -> _Head:
    file.seek(offset)
    head = file.read(HEAD_BYTES)
    version, counter = struct.unpack_from("<II", head)
    _, _, drive_step, _, frequency_hz, current_ua, _, n_electrodes = struct.unpack_from(
        "<8I", head, 360
    )
    (interval_s,) = struct.unpack_from("<f", head, 396)
    # The two highest bytes of a double near today's date are never zero; those of milliseconds in 64 bits always are.
    is_integer = head[14:16] == b"\0\0"
    (time,) = struct.unpack_from("<Q" if is_integer else "<d", head, 8)
    time_ms = float(time) if version == ERD or is_integer else time * DAY_MS
    if not 0 < time_ms < 1e14:
        time_ms = float("nan")
    return _Head(
        version,
        counter,
        time_ms,
        _posix_ms(time_ms, version, is_integer=is_integer),
        drive_step,
        frequency_hz,
        current_ua,
        n_electrodes,
        interval_s,
    )


def _posix_ms(time_ms: float, version: int, *, is_integer: bool) -> int | None:
    """Milliseconds since 1970; None where the epoch is not known, or gives no date of a measurement."""
    if version != ERD:
        # Only erd is known to count from 1970.
        time_ms = float("nan") if is_integer else time_ms - DAYS_TO_1970 * DAY_MS
    return round(time_ms) if DATES_MS[0] <= time_ms < DATES_MS[1] else None


def _numbers(heads: list[_Head]) -> list[int]:
    """The file's own counter where it counts up in every frame, else 0, 1, 2..."""
    counters = np.array([head.counter for head in heads], dtype=np.int64)
    return counters.tolist() if (np.diff(counters) > 0).all() else list(range(len(heads)))


def _times(
    heads: list[_Head], path: Path, options: ImportOptions, notes: list[str]
) -> tuple[NDArray[np.int64], float]:
    """((n,) ns since the first frame, nominal rate): by --rate, else the file's times, its interval, or 1 Hz."""
    n_frames = len(heads)
    if options.rate_hz is None and n_frames > 1:
        since_ms = np.round(np.array([head.time_ms for head in heads]) - heads[0].time_ms)
        if (np.diff(since_ms) > 0).all() and since_ms[-1] < LONGEST_S * 1e3:
            return (since_ms * 1e6).astype(np.int64), 1e3 / float(np.median(np.diff(since_ms)))
        notes.append("the times in the file do not ascend and are not used")
    interval_s = heads[0].interval_s
    stated = 1 / interval_s if 1 / FASTEST_HZ < interval_s < LONGEST_S else None
    rate_hz = steady_rate(options, n_frames, path, notes, stated=stated)
    times_ns = [steady_time_ns(k, rate_hz) for k in range(n_frames)]
    return np.array(times_ns, dtype=np.int64), rate_hz


def _layout(is_erd: bool) -> Layout:
    """et3: electrode 1 left, 5 in front, 9 right, 13 behind; erd: 1 right, 5 in front; seen from the feet."""
    if is_erd:
        return Layout.ring(N_ELECTRODES, 180.0, "clockwise")
    return Layout.ring(N_ELECTRODES, 0.0, "counterclockwise")

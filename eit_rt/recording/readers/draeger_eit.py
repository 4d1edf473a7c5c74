"""Reader of Draeger PulmoVista voltages, `.eit`, formats 31, 32 and 51: 16 electrodes, adjacent, rotating order.

u32 format, u32 offset, text with `Framerate [Hz]:`; from the offset on frames of a size that the format gives: 16
bytes of time, then float64 numbers d; value m = 0.00098242 d[m] - 0.00019607 d[322 + m], an estimate of EIDORS'
authors. Source: EIDORS `read_draeger_file`, pyEIT `io/daeger_eit.py`. Little-endian.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.frames import BoardIdentity
from eit_rt.layout import Layout
from eit_rt.recording.about import About
from eit_rt.recording.readers.binary_frames import BinaryFrames
from eit_rt.recording.readers.reader import Detection, ImportedFrames, ImportOptions, layout_for
from eit_rt.recording.readers.rotating_order import (
    FIXED,
    N_ELECTRODES,
    N_MEAS,
    REORDERED,
    to_fixed,
    what_is_wrong,
)
from eit_rt.recording.readers.steady_rate import steady_frames, steady_rate

summary = "Draeger PulmoVista voltages, formats 31, 32, 51, 16 electrodes (.eit)"
options = frozenset({"layout", "rate_hz"})

FRAME_BYTES = {31: 4112, 32: 5200, 51: 5495}
LONGEST_HEADER = 1 << 16
PLACES = (16, 24)
"""Byte of d[0] in a frame; some writers put one more number before it. The order proves which."""
SECOND_SET = 322
WEIGHTS = (0.00098242, 0.00019607)
_TITLE = re.compile(rb"Dr(?:ae|\xe4|\xc3\xa4)ger", re.IGNORECASE)
_RATE = re.compile(rb"^\s*Frame ?rate[^:\r\n]*:\s*([0-9.]+)\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _File:
    """One file: where its frames are and what its text says."""

    format: int
    frames: BinaryFrames
    rate_hz: float | None

    def n_numbers(self, place: int) -> int:
        """Numbers from this byte of a frame on that are needed and there; format 31 ends within the second set."""
        return min(SECOND_SET + N_MEAS, (self.frames.frame_bytes - place) // 8)


def detect(path: Path) -> Detection:
    try:
        file = _open(path)
        place = _place(file)
    except ReaderError as error:
        return Detection(False, str(error))
    if place is None:
        return Detection(False, f"format {file.format} by its head, but {_wrong(file, PLACES[0])}")
    return Detection(
        True, f"Draeger format {file.format}, {file.frames.n_frames} frames of 208 voltages"
    )


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    file = _open(path)
    place = _place(file)
    if place is None:
        raise ReaderError(
            f"{path} has the head of Draeger format {file.format}, but its numbers are no voltages: "
            f"{_wrong(file, PLACES[0])}; a damaged head? Use another copy"
        )
    layout, is_assumed = layout_for(options, N_ELECTRODES, Layout.ring(N_ELECTRODES))
    notes = _notes(file, place)
    if is_assumed:
        notes.append("layout assumed: electrode 1 at 12 o'clock, clockwise, equally spaced")
    n_frames = file.frames.n_frames
    rate_hz = steady_rate(options, n_frames, path, notes, stated=file.rate_hz)
    about = About(
        pattern=FIXED,
        layout=layout,
        identity=BoardIdentity("draeger", "PulmoVista", max_electrodes=N_ELECTRODES),
        rate_hz=rate_hz,
        source="; ".join([f"imported from {path.name} (draeger)", *notes]),
    )
    return ImportedFrames(
        about, steady_frames(_blocks(file, place), rate_hz), n_frames, tuple(notes)
    )


def _open(path: Path) -> _File:
    """Raises ReaderError: what of the head is missing."""
    with path.open("rb") as stream:
        head = stream.read(LONGEST_HEADER)
    number, offset = struct.unpack("<II", head[:8]) if len(head) >= 8 else (0, 0)
    if number not in FRAME_BYTES:
        raise ReaderError(f"{path} does not begin with a Draeger format number (31, 32 or 51)")
    if not 8 <= offset <= len(head):
        raise ReaderError(
            f"{path} begins with {number}, but its text would end at byte {offset} of {len(head)}"
        )
    text = head[8:offset]
    found = _RATE.search(text)
    if not (found or _TITLE.search(text)):
        raise ReaderError(
            f"{path} begins with {number}, but its text names neither Draeger nor a frame rate"
        )
    frames = BinaryFrames.of(path, offset, FRAME_BYTES[number])
    if not frames.n_frames:
        raise ReaderError(
            f"{path} (Draeger format {number}) has no whole frame of {frames.frame_bytes} bytes"
        )
    return _File(number, frames, _number(found[1]) if found else None)


def _number(text: bytes) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _place(file: _File) -> int | None:
    """Byte of d[0] in a frame; None if no place gives voltages."""
    return next((place for place in PLACES if not _wrong(file, place)), None)


def _wrong(file: _File, place: int) -> str:
    return what_is_wrong(next(_blocks(file, place)))


def _blocks(file: _File, place: int) -> Iterator[NDArray[Any]]:
    """(n, 208) float32 in fixed order; NaN where a number is not finite, too large or not in the frame."""
    first_weight, second_weight = WEIGHTS
    count = file.n_numbers(place)
    for numbers in file.frames.numbers("<f8", place, count):
        second = np.full((len(numbers), N_MEAS), np.nan)
        second[:, : count - SECOND_SET] = numbers[:, SECOND_SET:]
        with np.errstate(over="ignore", invalid="ignore"):
            values = first_weight * numbers[:, :N_MEAS] - second_weight * second
            small = to_fixed(values).astype(np.float32)
        yield np.where(np.isfinite(small), small, np.float32(np.nan)).astype(np.float32)


def _notes(file: _File, place: int) -> list[str]:
    notes = [REORDERED, "scaled by EIDORS' estimate: proportional to volt, not volt"]
    if place != PLACES[0]:
        notes.append("one more number than documented stands before the voltages of a frame")
    n_absent = N_MEAS - (file.n_numbers(place) - SECOND_SET)
    if n_absent:
        notes.append(
            f"frames of format {file.format} end before the last {n_absent} numbers: these values are missing"
        )
    n_missing = sum(int(np.isnan(block).sum()) for block in _blocks(file, place))
    if n_missing := n_missing - n_absent * file.frames.n_frames:
        notes.append(f"{n_missing} values are not finite and count as missing")
    # Eight bytes that end the text may be counted here; more than that is a frame cut off.
    if file.frames.n_left_over > 8:
        notes.append(
            f"{file.frames.n_left_over} bytes behind the last whole frame were left out (cut off?)"
        )
    return notes

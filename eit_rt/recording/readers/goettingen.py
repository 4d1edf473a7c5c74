"""Reader of Goettingen voltages, `.get`: MCEIT, Goe-MF II, and old Draeger files, which put a text before the same.

A frame is 256 little-endian float32: 208 voltages in rotating order, 16 currents, 16 voltages at the injecting pairs,
16 more. Devices that measure each reciprocal pair once leave the other half zero. No magic number, no rate.
Source: EIDORS `eidors_readdata` (formats mceit, draeger-get).
"""

from collections.abc import Iterator
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
    SECOND,
    to_fixed,
    what_is_wrong,
    with_second_half,
)
from eit_rt.recording.readers.steady_rate import steady_frames, steady_rate

summary = "Goettingen, MCEIT, Goe-MF II and old Draeger voltages, 16 electrodes (.get)"
options = frozenset({"layout", "rate_hz"})

FRAME_BYTES = 1024
ASSUMED_HZ = 13.0
TITLE = b"---Draeger EIT-Software---"
HEADER_END = b"\r\n\r\n\r\n"
LONGEST_HEADER = 1 << 16
HALF = np.count_nonzero(SECOND) // 2


def detect(path: Path) -> Detection:
    try:
        frames = _frames_of(path)
    except ReaderError as error:
        return Detection(False, str(error))
    if not frames.start and frames.n_left_over:
        return Detection(
            False,
            f"{frames.size} bytes are no whole number of frames of {FRAME_BYTES} "
            "(of a .get file that was cut off, --reader goettingen imports the whole ones)",
        )
    first, is_half = _first(frames)
    if wrong := what_is_wrong(first):
        return Detection(False, f"no voltages as float32: {wrong}")
    title = "the title of Draeger's .get, " if frames.start else ""
    half = ", each reciprocal pair once" if is_half else ""
    return Detection(True, f"{title}{frames.n_frames} frames of 208 reciprocal voltages{half}")


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    frames = _frames_of(path)
    first, is_half = _first(frames)
    if wrong := what_is_wrong(first):
        raise ReaderError(
            f"{path} holds no Goettingen voltages: {wrong}; expected frames of 256 float32, 208 of them voltages; "
            "save numbers of another kind as .npz"
        )
    layout, is_assumed = layout_for(options, N_ELECTRODES, Layout.ring(N_ELECTRODES))
    notes = _notes(frames, is_half)
    if is_assumed:
        notes.append("layout assumed: electrode 1 at 12 o'clock, clockwise, equally spaced")
    rate_hz = steady_rate(
        options, frames.n_frames, path, notes, assumed=ASSUMED_HZ, why="the Goe-MF II's"
    )
    about = About(
        pattern=FIXED,
        layout=layout,
        identity=BoardIdentity("goettingen", "16 electrodes", max_electrodes=N_ELECTRODES),
        rate_hz=rate_hz,
        source="; ".join([f"imported from {path.name} (goettingen)", *notes]),
    )
    return ImportedFrames(
        about, steady_frames(_blocks(frames, is_half), rate_hz), frames.n_frames, tuple(notes)
    )


def _frames_of(path: Path) -> BinaryFrames:
    """Raises ReaderError if there is no whole frame, or a text before the frames has no end."""
    with path.open("rb") as file:
        head = file.read(LONGEST_HEADER)
    start = 0
    if head.startswith(TITLE):
        start = head.find(HEADER_END) + len(HEADER_END)
        if start < len(HEADER_END):
            raise ReaderError(
                f"{path} begins as a Draeger .get file, but its text has no end (two empty lines); use a whole copy"
            )
    frames = BinaryFrames.of(path, start, FRAME_BYTES)
    if not frames.n_frames:
        raise ReaderError(
            f"{path} has {frames.size - start} bytes of measurements; expected frames of {FRAME_BYTES} bytes"
        )
    return frames


def _first(frames: BinaryFrames) -> tuple[NDArray[np.float32], bool]:
    """((n, 208) first frames in fixed order, True if the device measured each reciprocal pair once)."""
    values = to_fixed(next(frames.numbers("<f4", 0, N_MEAS)))
    with np.errstate(invalid="ignore"):
        n_zero = np.count_nonzero(values[:, SECOND] == 0, axis=1)
        is_half = bool(np.median(n_zero) > HALF and np.any(values[:, ~SECOND] != 0))
    return (with_second_half(values) if is_half else values), is_half


def _blocks(frames: BinaryFrames, is_half: bool) -> Iterator[NDArray[Any]]:
    """(n, 208) in fixed order; NaN for numbers that are not finite."""
    for block in frames.numbers("<f4", 0, N_MEAS):
        values = to_fixed(block)
        values = with_second_half(values) if is_half else values
        yield np.where(np.isfinite(values), values, np.float32(np.nan)).astype(np.float32)


def _notes(frames: BinaryFrames, is_half: bool) -> list[str]:
    notes = [REORDERED]
    if is_half:
        notes.append(
            "each reciprocal pair was measured once: the other half is filled with the same values"
        )
    if n_missing := sum(int(np.isnan(block).sum()) for block in _blocks(frames, is_half)):
        notes.append(f"{n_missing} values are not finite and count as missing")
    if frames.n_left_over:
        notes.append(
            f"{frames.n_left_over} bytes behind the last whole frame were left out (cut off?)"
        )
    return notes

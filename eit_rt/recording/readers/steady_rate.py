"""Frames at equal distances in time: the rate that the user, the file or an assumption gives, and the times from it.

Imports reader, frame_times and errors. The rule it keeps: an assumed rate is a note.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.frames import Frame
from eit_rt.recording.readers.frame_times import FASTEST_HZ, LONGEST_S
from eit_rt.recording.readers.reader import ASSUMED_RATE_HZ, ImportOptions


def steady_rate(
    options: ImportOptions,
    n_slots: int,
    path: Path,
    notes: list[str],
    *,
    stated: float | None = None,
    assumed: float = ASSUMED_RATE_HZ,
    why: str = "",
) -> float:
    """Frames per second: the user's, else the one that the file states, else the assumed one, with a note.

    n_slots: frames from the first to the last, lost ones included. why: what the assumption rests on.
    Raises ReaderError for a rate or a duration that no measurement has.
    """
    rate_hz = options.rate_hz if options.rate_hz is not None else stated
    if rate_hz is None:
        rate_hz = assumed
        unit = "frame/s" if rate_hz == 1 else "frames/s"
        reason = f", {why}" if why else ""
        notes.append(f"no times in the file: {rate_hz:.4g} {unit} assumed{reason} (--rate sets it)")
    if not (0 < rate_hz < FASTEST_HZ and n_slots / rate_hz < LONGEST_S):
        raise ReaderError(
            f"{rate_hz:g} frames per second for {n_slots} frames in {path}; expected more than 0 and less than "
            f"{FASTEST_HZ:g}, and less than {LONGEST_S:g} s in all; --rate sets it"
        )
    return rate_hz


def steady_frames(blocks: Iterable[NDArray[np.float32]], rate_hz: float) -> Iterator[Frame]:
    """Frames without gaps from blocks (n, n_meas) of values."""
    for k, values in enumerate(row for block in blocks for row in block):
        time_ns = steady_time_ns(k, rate_hz)
        yield Frame(values.copy(), k, time_ns, time_ns)


def steady_time_ns(slot: int, rate_hz: float) -> int:
    """Nanoseconds from the first frame to this one."""
    return round(slot * 1e9 / rate_hz)

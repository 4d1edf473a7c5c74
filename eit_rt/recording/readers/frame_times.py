"""When each frame of a file was taken, and its number: from clocks and counters of the file, or from a rate.

Imports reader, npz_archive. The rule it keeps: a counter or clock that does not ascend is refused, unless the file says
how often the board began anew (`restarts`): a damaged number must not look like a frame.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.recording.readers.npz_archive import Arrays, number
from eit_rt.recording.readers.reader import ASSUMED_RATE_HZ, ImportOptions

FASTEST_HZ = 1e6
LONGEST_S = 1e9
"""Longer than any measurement (31 years), and nanoseconds still fit into 64 bits."""
_LIMITS = {
    "sequence": (0, 2**63 - 1),
    "t_board_ns": (-(2**62), 2**62),
    "t_host_ns": (-(2**62), 2**62),
    "dropped_total": (0, 2**32 - 1),
    "status": (0, 2**32 - 1),
}
_EXACT_IN_FLOAT64 = 2.0**53


@dataclass(frozen=True, slots=True, eq=False)
class FrameTimes:
    """Numbers and times of all frames of a file; (n,) int64 each."""

    sequence: NDArray[np.int64]
    t_board_ns: NDArray[np.int64]
    t_host_ns: NDArray[np.int64]
    """Since the first frame."""
    dropped_total: NDArray[np.int64]
    status: NDArray[np.int64]
    rate_hz: float
    """Nominal; 0 if there is none."""

    def columns(self) -> tuple[list[int], ...]:
        """The arguments of `Frame` after its values."""
        parts = (self.sequence, self.t_board_ns, self.t_host_ns, self.dropped_total, self.status)
        return tuple(part.tolist() for part in parts)


def frame_times(
    arrays: Arrays, options: ImportOptions, n_frames: int, path: Path, notes: list[str]
) -> FrameTimes:
    """By the user's rate, else the file's clocks (`t_board_ns`, `t_host_ns`), its `time_s`, its `rate_hz`, or 1 Hz."""
    zeros = np.zeros(n_frames, dtype=np.int64)
    sequence = _integers(arrays, "sequence", n_frames, path)
    if sequence is not None:
        _check_ascending(sequence, arrays, path)
    board_ns = _integers(arrays, "t_board_ns", n_frames, path)
    if options.rate_hz is None and board_ns is not None:
        host_ns = _integers(arrays, "t_host_ns", n_frames, path)
        host_ns = _arrival(board_ns, arrays, path) if host_ns is None else host_ns - host_ns[0]
        if (np.diff(host_ns) < 0).any():
            raise ReaderError(
                f"`{'t_host_ns' if 't_host_ns' in arrays else 't_board_ns'}` in {path} is not ascending; expected the "
                "time of each frame, in nanoseconds"
            )
        _check_span(float(host_ns[-1]) / 1e9, path)
        rate_hz = number(arrays, path, "rate_hz") or 0.0
        if not 0 <= rate_hz < FASTEST_HZ:
            raise _unlikely_rate(rate_hz)
    else:
        host_ns, rate_hz = _relative_times(arrays, options, n_frames, path, notes)
        board_ns = host_ns
    dropped = _integers(arrays, "dropped_total", n_frames, path)
    status = _integers(arrays, "status", n_frames, path)
    return FrameTimes(
        np.arange(n_frames) if sequence is None else sequence,
        board_ns,
        host_ns,
        zeros if dropped is None else dropped,
        zeros if status is None else status,
        rate_hz,
    )


def _relative_times(
    arrays: Arrays, options: ImportOptions, n_frames: int, path: Path, notes: list[str]
) -> tuple[NDArray[np.int64], float]:
    """((n,) ns since the first frame, nominal rate). An explicit rate comes before the file's times."""
    if options.rate_hz is None and "time_s" in arrays:
        times_s = arrays["time_s"]
        if times_s.shape != (n_frames,) or times_s.dtype.kind not in "iuf":
            raise ReaderError(
                f"`time_s` in {path} has shape {times_s.shape}, {times_s.dtype}; expected ({n_frames},) numbers"
            )
        steps_s = np.diff(times_s.astype(np.float64))
        if not np.isfinite(times_s).all() or (steps_s < 0).any():
            raise ReaderError(
                f"`time_s` in {path} is not finite and ascending; expected seconds of each frame"
            )
        typical_s = float(np.median(steps_s)) if len(steps_s) else 0.0
        since_s = times_s.astype(np.float64) - float(times_s[0])
        _check_span(float(since_s[-1]), path)
        if 0 < typical_s <= 1 / FASTEST_HZ:
            raise _unlikely_rate(1 / max(typical_s, 1e-300))
        return np.round(since_s * 1e9).astype(np.int64), 1 / typical_s if typical_s else 0.0
    rate_hz = number(arrays, path, "rate_hz") if options.rate_hz is None else options.rate_hz
    if rate_hz is None:
        rate_hz = ASSUMED_RATE_HZ
        notes.append(f"no times in the file: {rate_hz:g} frame/s assumed (--rate sets it)")
    if not 0 < rate_hz < FASTEST_HZ:
        raise _unlikely_rate(rate_hz)
    _check_span((n_frames - 1) / rate_hz, path)
    return np.round(np.arange(n_frames) * (1e9 / rate_hz)).astype(np.int64), rate_hz


def _arrival(board_ns: NDArray[np.int64], arrays: Arrays, path: Path) -> NDArray[np.int64]:
    """Where only the board's clock is known; one that began anew stands still until it has caught up."""
    since_ns = board_ns - board_ns[0]
    has_restarts = bool(number(arrays, path, "restarts"))
    return np.maximum.accumulate(since_ns) if has_restarts else since_ns


def _unlikely_rate(rate_hz: float) -> ReaderError:
    return ReaderError(
        f"{rate_hz:g} frames per second; expected more than 0 and less than {FASTEST_HZ:g}"
    )


def _check_span(duration_s: float, path: Path) -> None:
    """Times are kept as 64-bit nanoseconds. Raises ReaderError."""
    if not duration_s < LONGEST_S:
        raise ReaderError(
            f"the frames in {path} span {duration_s:g} s; expected times in seconds, less than {LONGEST_S:g} s in all"
        )


def _integers(arrays: Arrays, name: str, n_frames: int, path: Path) -> NDArray[np.int64] | None:
    """Whole numbers, one a frame, also if they are stored as float64; None if the file has none of the name."""
    array = arrays.get(name)
    if array is None:
        return None
    if array.shape != (n_frames,) or array.dtype.kind not in "iuf":
        raise ReaderError(
            f"`{name}` in {path} has shape {array.shape}, {array.dtype}; expected {n_frames} whole numbers, one a frame"
        )
    least, most = _LIMITS[name]
    is_exact = array.dtype.kind != "f" or bool(
        (np.abs(array) <= _EXACT_IN_FLOAT64).all() and (array == np.rint(array)).all()
    )
    if not is_exact or int(array.min()) < least or int(array.max()) > most:
        raise ReaderError(f"`{name}` in {path} is not all whole numbers of {least} to {most}")
    return array.astype(np.int64)


def _check_ascending(sequence: NDArray[Any], arrays: Arrays, path: Path) -> None:
    restarts, said = int((np.diff(sequence) <= 0).sum()), number(arrays, path, "restarts") or 0
    if restarts != said:
        raise ReaderError(
            f"`sequence` in {path} does not ascend at {restarts} places, {said:g} restarts of the board are announced; "
            "leave `sequence` out to count the frames anew"
        )

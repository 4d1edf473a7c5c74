"""Reader of NumPy's .npz: array `frames` (n, n_meas), and what else is known about them.

| array                                   | meaning                                                                  |
|-----------------------------------------|--------------------------------------------------------------------------|
| frames                                  | (n, n_meas) or (n_meas,), real or complex; NaN = missing                 |
| reference or ref                        | (n_meas,), optional: frame of the empty tank                             |
| pattern_table                           | (n_meas, 4) integers i+, i-, v+, v-, electrodes counted from 0           |
| stim_pattern, meas_pattern, meas_stim   | (n_stim, n_elec), (n_meas, n_elec), (n_meas,): EIDORS' form, from 0      |
| n_elec or n_electrodes                  | optional                                                                 |
| time_s, rate_hz                         | (n,) seconds, ascending; or frames per second; optional                  |
| value_kind, unit                        | text, optional                                                           |

Nothing is ever unpickled.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.frames import BoardIdentity, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.recording.about import About
from eit_rt.recording.readers.npz_archive import Arrays, load, names_in, number, text
from eit_rt.recording.readers.npz_pattern import pattern_of
from eit_rt.recording.readers.reader import (
    ASSUMED_RATE_HZ,
    FLOAT32_INTEGERS,
    Detection,
    ImportedFrames,
    ImportOptions,
    as_values,
    layout_for,
)

summary = (
    "NumPy archive with array `frames` (n, n_meas) and, if known, pattern, reference and times"
)
options = frozenset(
    {
        "pattern",
        "electrodes",
        "layout",
        "reference",
        "rate_hz",
        "value_kind",
        "unit",
    }
)


FASTEST_HZ = 1e6
LONGEST_S = 1e9
"""Longer than any measurement (31 years), and nanoseconds still fit into 64 bits."""


def detect(path: Path) -> Detection:
    names = names_in(path)
    if names is None:
        return Detection(False, "not a NumPy archive (.npz)")
    if "frames" in names:
        return Detection(True, "has an array `frames`")
    return Detection(
        False, f"no array `frames` (n, n_meas); has {', '.join(names) or 'no arrays at all'}"
    )


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    arrays = load(path)
    frames = _frame_values(arrays, path)
    notes: list[str] = []
    if _is_rounded(arrays["frames"]):
        notes.append("integers above 2^24 are rounded to float32")
    pattern = pattern_of(arrays, options, frames.shape[1], path, notes)
    layout, assumed = layout_for(options, pattern.n_electrodes, Layout.ring(pattern.n_electrodes))
    if assumed:
        notes.append("layout assumed: electrode 1 at 12 o'clock, clockwise, equally spaced")
    times_ns, rate_hz = _times(arrays, options, len(frames), path, notes)
    about = About(
        pattern=pattern,
        layout=layout,
        identity=BoardIdentity("import", path.stem, max_electrodes=pattern.n_electrodes),
        value_kind=_value_kind(arrays, options, frames, path),
        rate_hz=rate_hz,
        unit=options.unit or text(arrays, "unit"),
        reference=_reference(arrays, options, frames, path),
        source="; ".join([f"imported from {path.name} (npz)", *notes]),
    )
    return ImportedFrames(about, _frames(frames, times_ns), len(frames), tuple(notes))


def _frames(frames: NDArray[Any], times_ns: NDArray[np.int64]) -> Iterator[Frame]:
    for k, (values, time_ns) in enumerate(zip(frames, times_ns.tolist(), strict=True)):
        yield Frame(values, k, time_ns, time_ns)


# -- arrays ----------------------------------------------------------------------------------------------------


def _frame_values(arrays: Arrays, path: Path) -> NDArray[Any]:
    """(n, n_meas) float32 or complex64."""
    if "frames" not in arrays:
        raise ReaderError(f"{path} has no array `frames` (n, n_meas), only a reference")
    frames = as_values(arrays["frames"], "frames", path)
    frames = frames[np.newaxis] if frames.ndim == 1 else frames
    if frames.ndim != 2 or not frames.size:
        raise ReaderError(
            f"`frames` in {path} has shape {arrays['frames'].shape}; expected (n, n_meas), n at least 1"
        )
    return frames


def _is_rounded(frames: NDArray[Any]) -> bool:
    return frames.dtype.kind in "iu" and bool(
        frames.max() > FLOAT32_INTEGERS or frames.min() < -FLOAT32_INTEGERS
    )


# -- time, kind, reference -------------------------------------------------------------------------------------


def _times(
    arrays: Arrays,
    options: ImportOptions,
    n_frames: int,
    path: Path,
    notes: list[str],
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
    rate_hz = options.rate_hz or number(arrays, path, "rate_hz")
    if rate_hz is None:
        rate_hz = ASSUMED_RATE_HZ
        notes.append(f"no times in the file: {rate_hz:g} frame/s assumed (--rate sets it)")
    if not 0 < rate_hz < FASTEST_HZ:
        raise _unlikely_rate(rate_hz)
    _check_span((n_frames - 1) / rate_hz, path)
    return np.round(np.arange(n_frames) * (1e9 / rate_hz)).astype(np.int64), rate_hz


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


def _value_kind(
    arrays: Arrays, options: ImportOptions, frames: NDArray[Any], path: Path
) -> ValueKind:
    is_complex = np.iscomplexobj(frames)
    said = options.value_kind or text(arrays, "value_kind")
    if not said:
        return ValueKind.COMPLEX if is_complex else ValueKind.REAL
    try:
        kind = ValueKind(said)
    except ValueError as error:
        raise ReaderError(
            f"value_kind {said!r} in {path}; expected {', '.join(ValueKind)}"
        ) from error
    if (kind is ValueKind.COMPLEX) != is_complex:
        raise ReaderError(
            f"`frames` in {path} is {frames.dtype}, its value kind is said to be {kind}"
        )
    if kind is ValueKind.MAGNITUDE and (frames < 0).any():
        raise ReaderError(f"`frames` in {path} has negative values; magnitudes have none")
    return kind


def _reference(
    arrays: Arrays, options: ImportOptions, frames: NDArray[Any], path: Path
) -> NDArray[Any] | None:
    """Frame of the empty tank: from the file, or from another (its reference, else the median of its frames)."""
    if options.reference is not None:
        path, arrays = options.reference, load(options.reference)
    name = next((name for name in ("reference", "ref") if name in arrays), None)
    if name is None and options.reference is None:
        return None
    if name is not None:
        reference = as_values(arrays[name], name, path)
    else:
        name, reference = "frames", _median(_frame_values(arrays, path))
    if reference.shape != frames.shape[1:] or np.iscomplexobj(reference) != np.iscomplexobj(frames):
        raise ReaderError(
            f"`{name}` in {path} gives a reference of shape {reference.shape}, {reference.dtype}; "
            f"expected ({frames.shape[1]},) {frames.dtype} like the frames"
        )
    return reference


def _median(frames: NDArray[Any]) -> NDArray[Any]:
    """(n_meas,) median over the frames, NaN left out where others are there; real and imaginary part apart."""
    if np.iscomplexobj(frames):
        median = np.empty(frames.shape[1], dtype=frames.dtype)
        median.real, median.imag = _median(frames.real), _median(frames.imag)
        return median
    present = ~np.isnan(frames).all(axis=0)
    middle = np.full(frames.shape[1], np.nan, dtype=frames.dtype)
    middle[present] = np.nanmedian(frames[:, present], axis=0)
    return middle

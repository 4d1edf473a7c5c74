"""From named arrays to frames: what the readers of .npz, HDF5, .mat and .csv share. docs/importing.md has the names.

Imports about, frames, layout, npz_archive, npz_pattern, frame_times. A reader turns its file into a mapping of these
names to arrays and texts; everything is checked here, once.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, ReaderError
from eit_rt.frames import BoardIdentity, Event, Frame, Severity, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.about import About
from eit_rt.recording.readers.frame_times import LONGEST_S, FrameTimes, frame_times
from eit_rt.recording.readers.npz_archive import Arrays, number, text
from eit_rt.recording.readers.npz_pattern import pattern_of
from eit_rt.recording.readers.reader import (
    FLOAT32_INTEGERS,
    ImportedFrames,
    ImportOptions,
    as_values,
    layout_for,
)

OPTIONS = frozenset(
    {"pattern", "electrodes", "layout", "reference", "rate_hz", "value_kind", "unit"}
)
"""What a user may say about a file of named arrays."""
LONGEST_NS = round(LONGEST_S * 1e9)
_NAMELESS = ("table", "general")

Load = Callable[[Path], Mapping[str, NDArray[Any]]]


def imported(
    arrays: Arrays, options: ImportOptions, path: Path, reader_name: str, load: Load
) -> ImportedFrames:
    """Frames of a file whose arrays have these names. load: reads a file of the same kind, for `options.reference`.

    Raises ReaderError, PatternError, LayoutError or MismatchError.
    """
    frames = frame_values(arrays, path)
    notes: list[str] = []
    if _is_rounded(arrays["frames"]):
        notes.append("integers above 2^24 are rounded to float32")
    pattern = _renamed(pattern_of(arrays, options, frames.shape[1], path, notes), arrays)
    layout, assumed = _layout(arrays, options, pattern, path)
    if assumed:
        notes.append("layout assumed: electrode 1 at 12 o'clock, clockwise, equally spaced")
    times = frame_times(arrays, options, len(frames), path, notes)
    started_ns = _started_ns(arrays, path)
    about = About(
        pattern=pattern,
        layout=layout,
        identity=_board(arrays, path, pattern),
        value_kind=_value_kind(arrays, options, frames, path),
        rate_hz=times.rate_hz,
        unit=options.unit or text(arrays, "unit"),
        saturation=number(arrays, path, "saturation"),
        profile=text(arrays, "profile") or None,
        reference=_reference(arrays, options, frames, path, load),
        source="; ".join(
            filter(
                None, [text(arrays, "source"), f"imported from {path.name} ({reader_name})", *notes]
            )
        ),
        **_created(arrays),
    )
    return ImportedFrames(
        about,
        _frames(frames, times),
        len(frames),
        tuple(notes),
        _events(arrays, path, len(frames), started_ns),
        started_ns,
    )


def _frames(frames: NDArray[Any], times: FrameTimes) -> Iterator[Frame]:
    for values, *numbers in zip(frames, *times.columns(), strict=True):
        yield Frame(values, *numbers)


def _started_ns(arrays: Arrays, path: Path) -> int | None:
    if "started_ns" not in arrays:
        return None
    array = arrays["started_ns"]
    if array.size != 1 or array.dtype.kind not in "iu" or not 0 <= array.item() < 1 << 62:
        raise ReaderError(f"`started_ns` in {path} is no time; expected nanoseconds since 1970")
    return int(array.item())


# -- arrays ----------------------------------------------------------------------------------------------------


def frame_values(arrays: Arrays, path: Path) -> NDArray[Any]:
    """(n, n_meas) float32 or complex64. Raises ReaderError."""
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
    arrays: Arrays, options: ImportOptions, frames: NDArray[Any], path: Path, load: Load
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
        name, reference = "frames", _median(frame_values(arrays, path))
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


# -- what else a file may say ----------------------------------------------------------------------------------


def _renamed(pattern: Pattern, arrays: Arrays) -> Pattern:
    """The pattern under the name that the file gives it, if it has no common one."""
    name = text(arrays, "pattern_name")
    return replace(pattern, name=name) if name and pattern.name in _NAMELESS else pattern


def _layout(
    arrays: Arrays, options: ImportOptions, pattern: Pattern, path: Path
) -> tuple[Layout, bool]:
    """(layout, True if it was assumed): the user's, else the file's, else a ring."""
    if options.layout is not None or "angles_deg" not in arrays:
        return layout_for(options, pattern.n_electrodes, Layout.ring(pattern.n_electrodes))
    angles = arrays["angles_deg"]
    if angles.shape != (pattern.n_electrodes,) or angles.dtype.kind not in "iuf":
        raise ReaderError(
            f"`angles_deg` in {path} has shape {angles.shape}, {angles.dtype}; expected one angle for each of the "
            f"{pattern.n_electrodes} electrodes"
        )
    plain: dict[str, Any] = {"angles_deg": angles.tolist()}
    for name in ("width_deg", "radius_m"):
        if (value := number(arrays, path, name)) is not None:
            plain[name] = value
    return Layout.from_dict(plain), False


def _board(arrays: Arrays, path: Path, pattern: Pattern) -> BoardIdentity:
    if not (said := text(arrays, "board")):
        return BoardIdentity("import", path.stem, max_electrodes=pattern.n_electrodes)
    try:
        identity = BoardIdentity.from_dict(dict(json.loads(said)))
        # As the recording will write it: no infinite number, no half of a character.
        json.dumps(identity.to_dict(), allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError, ConfigError) as error:
        raise ReaderError(
            f"`board` in {path} is no board identity: {error}; leave it out"
        ) from error
    return identity


def _created(arrays: Arrays) -> dict[str, str]:
    """When it was measured, if the file says so; else the time of the import."""
    created = text(arrays, "created")
    return {"created": created} if created else {}


def _events(
    arrays: Arrays, path: Path, n_frames: int, started_ns: int | None
) -> tuple[tuple[int, Event], ...]:
    """(number of frames before it, event) in order. started_ns: wall clock at the first frame, if it is known."""
    if not (said := text(arrays, "events")):
        return ()
    try:
        events = [
            (
                int(plain["frame"]),
                Event(
                    str(plain["kind"]),
                    str(plain["text"]),
                    int(plain["t_host_ns"]),
                    Severity(plain["severity"]),
                    int(plain["count"]),
                ),
            )
            for plain in json.loads(said)
        ]
        for _, event in events:
            (event.kind + event.text).encode()
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ReaderError(f"`events` in {path} are no events: {error!r}; leave them out") from error
    places = [place for place, _ in events]
    if places != sorted(places) or not all(0 <= place <= n_frames for place in places):
        raise ReaderError(
            f"`events` in {path} are not in the order of its {n_frames} frames; leave them out"
        )
    earliest_ns = -LONGEST_NS if started_ns is None else -started_ns
    if not all(earliest_ns <= event.t_host_ns <= LONGEST_NS for _, event in events):
        raise ReaderError(
            f"`events` in {path} have impossible times; expected nanoseconds since the first frame: leave them out"
        )
    return tuple(events)

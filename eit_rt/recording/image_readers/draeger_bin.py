"""Reader of Dräger PulmoVista 500's .bin: 32 x 32 pictures with what the ventilator said. No voltages are in it.

Little-endian frames without a header; 4358 bytes, or 4382 with a pressure pod:

| type          | field                                                                        |
|---------------|------------------------------------------------------------------------------|
| f64           | time of day as a fraction of a day: begins again at midnight                 |
| f32           | not used                                                                     |
| f32[1024]     | pixels, row by row from the top                                              |
| i32, i32      | 1 at a maximum of the breath, -1 at a minimum; number of the newest event    |
| char[30]      | text of the event                                                            |
| i32           | not 0: the device noticed a timing error                                     |
| f32[52 or 58] | MEDIBUS values of the ventilator, below -1e30 where there is none            |

The file has no mark of its own, so it is known by what all of its fields must be like.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.recording.image_readers.medibus import FIELDS, POD_FIELDS
from eit_rt.recording.image_readers.pictures import clinical_album
from eit_rt.recording.images import Album
from eit_rt.recording.readers.reader import Detection

summary = "Dräger PulmoVista 500 .bin: 32 x 32 pictures and the ventilator's values"

DAY_S = 86_400.0
LONGEST_STEP_S = 3600.0
"""A longer one is a damaged time, not a pause."""
LATEST_DAYS = 1e5
"""Later than any calendar's day number; a fraction of a day is below 1."""
LARGEST_PIXEL = 1e9
NO_VALUE = -1e30
ZIP = b"PK\x03\x04"
LOOKED_AT = 8
"""Frames that are judged at the beginning, and as many at the end."""


def layout(n_medibus: int) -> np.dtype[Any]:
    """One frame, packed."""
    return np.dtype(
        [
            ("time", "<f8"),
            ("unused", "<f4"),
            ("pixels", "<f4", (32, 32)),
            ("min_max", "<i4"),
            ("marker", "<i4"),
            ("text", "S30"),
            ("timing", "<i4"),
            ("medibus", "<f4", (n_medibus,)),
        ]
    )


LAYOUTS = {layout(len(fields)): fields for fields in (FIELDS, POD_FIELDS)}


def detect(path: Path) -> Detection:
    try:
        found = _layout_of(path)
    except OSError as error:
        return Detection(False, str(error.strerror or error))
    if found is None:
        return Detection(False, "not frames of 4358 or 4382 bytes with time, pixels and flags")
    return Detection(True, f"frames of {found.itemsize} bytes as PulmoVista writes them")


def read(path: Path) -> Album:
    kind = _layout_of(path)
    if kind is None:
        raise ReaderError(
            f"{path} ({path.stat().st_size} bytes) is no PulmoVista .bin: expected frames of 4358 or 4382 bytes, each "
            "with a time, 32 x 32 pixels and flags; use a whole copy of the device's own file"
        )
    count, rest = divmod(path.stat().st_size, kind.itemsize)
    frames = np.memmap(path, dtype=kind, mode="r", shape=(count,))
    notes = []
    if rest:
        notes.append(f"the file is cut off: the {rest} bytes after frame {count} are left out")
    time_s, rate_hz = _times(np.array(frames["time"]), notes)
    if n_late := np.count_nonzero(frames["timing"]):
        notes.append(f"the device noticed a timing error in {n_late} frames: see `timing_error`")
    return clinical_album(
        path,
        "Dräger PulmoVista .bin",
        np.array(frames["pixels"]),
        time_s,
        rate_hz,
        traces=_traces(frames, LAYOUTS[kind]),
        events=_events(frames),
        notes=notes,
    )


# -- is it one? ------------------------------------------------------------------------------------------------


def _layout_of(path: Path) -> np.dtype[Any] | None:
    """The layout that all frames looked at fit; a file that ends within a frame needs two whole ones."""
    with path.open("rb") as file:
        if file.read(len(ZIP)) == ZIP:  # an .npz of hardly anything but zeros fits, too
            return None
    size = path.stat().st_size
    for kind in LAYOUTS:
        count, rest = divmod(size, kind.itemsize)
        if count >= (2 if rest else 1) and _is_likely(_ends_of(path, kind, count)):
            return kind
    return None


def _ends_of(path: Path, kind: np.dtype[Any], count: int) -> NDArray[Any]:
    """The first and the last frames."""
    with path.open("rb") as file:
        first = np.frombuffer(file.read(min(count, LOOKED_AT) * kind.itemsize), kind)
        n_last = min(count - len(first), LOOKED_AT)
        file.seek((count - n_last) * kind.itemsize, os.SEEK_SET)
        return np.concatenate([first, np.frombuffer(file.read(n_last * kind.itemsize), kind)])


def _is_likely(frames: NDArray[Any]) -> bool:
    """Whether frames are what they must be like; one in four may be damaged."""
    time, pixels = frames["time"], frames["pixels"].reshape(len(frames), -1)
    with np.errstate(invalid="ignore"):
        is_good = (
            np.isfinite(time) & (time >= 0) & (time < LATEST_DAYS)
            & (np.abs(pixels) < LARGEST_PIXEL).all(axis=1)
            & (np.abs(frames["min_max"]) <= 1)
            & (frames["marker"] >= 0)
            & np.array([_is_text(bytes(text)) for text in frames["text"]])
        )  # fmt: skip
        # Zeros fit everything; pictures have something in them, and the clock goes on.
        is_alive = (pixels != 0).any() and (len(frames) == 1 or len(np.unique(time)) > 1)
    return bool(is_alive) and 4 * int(np.count_nonzero(~is_good)) <= len(frames)


def _is_text(field: bytes) -> bool:
    text = field.split(b"\0", 1)[0]
    return all(byte >= 0x20 and byte != 0x7F for byte in text)


# -- what is in it ---------------------------------------------------------------------------------------------


def _times(days: NDArray[np.float64], notes: list[str]) -> tuple[NDArray[np.float64], float]:
    """(seconds since the first frame, frames per second by regression). Unreadable times give evenly spaced ones."""
    n = len(days)
    if n == 1:
        return np.zeros(1), 0.0
    is_good = np.isfinite(days) & (np.abs(days) < LATEST_DAYS)
    clock = np.where(is_good, days, np.nan)
    midnights = np.cumsum(np.diff(clock, prepend=clock[:1]) < -0.5)
    # Milliseconds are what the device means: the rest is rounding of a fraction of a day.
    time_s = np.round((clock - clock[0] + midnights) * DAY_S, 3)
    steps = np.diff(time_s)
    is_rising = (steps >= 0) & (steps < LONGEST_STEP_S)
    if is_rising.all() and time_s[-1] > 0:
        if midnights.any():
            notes.append("the recording runs over midnight: times go on rising there")
        return time_s, _slope_hz(np.arange(n), time_s)
    rate_hz = _usual_rate_hz(clock * DAY_S)
    notes.append(
        f"the times in the file are not usable (from frame {int(np.argmin(is_rising)) + 1} to the next they jump): "
        f"evenly spaced ones at {rate_hz:.4g} frames/s are given"
    )
    return np.arange(n) / rate_hz, rate_hz


def _slope_hz(number: NDArray[np.intp], time_s: NDArray[np.float64]) -> float:
    """Frames per second, by least squares over all times."""
    number_off, time_off = number - number.mean(), time_s - time_s.mean()
    return round(float(number_off @ number_off / (number_off @ time_off)), 4)


def _usual_rate_hz(time_s: NDArray[np.float64]) -> float:
    steps = np.diff(time_s)
    steps = steps[(steps > 1e-4) & (steps < 1e3)]
    return round(1 / float(np.median(steps)), 4) if len(steps) else 1.0


def _traces(frames: NDArray[Any], fields: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Flags, and the ventilator's values of which there are any."""
    traces: dict[str, NDArray[Any]] = {
        "min_max_flag": np.array(frames["min_max"]),
        "event_marker": np.array(frames["marker"]),
        "timing_error": np.array(frames["timing"]),
    }
    for k, name in enumerate(fields):
        values = np.array(frames["medibus"][:, k])
        with np.errstate(invalid="ignore"):
            values[~np.isfinite(values) | (values < NO_VALUE)] = np.nan
        if np.isfinite(values).any():
            traces[name] = values
    return traces


def _events(frames: NDArray[Any]) -> tuple[tuple[int, str], ...]:
    """Where the number of the newest event rises; in the first frame, where it has a text."""
    marker = np.array(frames["marker"], dtype=np.int64)
    rises = np.flatnonzero(np.diff(marker, prepend=marker[:1]) > 0).tolist()
    first = [0] if _text(frames[0]) else []
    return tuple((k, _text(frames[k]) or f"event {marker[k]}") for k in [*first, *rises])


def _text(frame: Any) -> str:
    text = bytes(frame["text"]).split(b"\0", 1)[0].decode("latin-1").strip()
    return "".join(character for character in text if character.isprintable())

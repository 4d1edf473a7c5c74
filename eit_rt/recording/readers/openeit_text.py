"""Reader of what OpenEIT boards (Spectra, EIT32) print, and of the plain lines of the OpenEIT_UET variant.

One line a frame: `magnitudes: ` and 32, 192 or 896 numbers separated by commas: opposite drive, adjacent sense, 8, 16
or 32 electrodes. UET: 40 or 208 numbers separated by spaces: adjacent, 8 or 16 electrodes. Between them stand menus,
failures and half lines. Sources: OpenEIT `backend/serialhandler.py`, EIT_Firmware `OpenEIT.c`, `lookup.h`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.frames import BoardIdentity, Frame, ValueKind
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
from eit_rt.recording.readers.steady_rate import steady_rate, steady_time_ns
from eit_rt.recording.readers.text_lines import Line, text_lines

summary = "OpenEIT boards' text lines `magnitudes: v,v,...`, 8, 16 or 32 electrodes; OpenEIT_UET's"
options = frozenset({"layout", "rate_hz"})

LABELLED = {32: ("opposite", 8), 192: ("opposite", 16), 896: ("opposite", 32)}
PLAIN = {40: ("adjacent", 8), 208: ("adjacent", 16)}
SATURATED_OHM = 1e8
"""As in the driver: where it is clipped the firmware prints 0x7FFFFFFF in 1/16 ohm; no tank comes near."""
UART_BYTES_PER_S = 115200 / 10
DETECT_BYTES = 1 << 18

_LABEL = re.compile(r"\s*magnitudes\s*:", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")
_PLAIN_START = re.compile(r"\s*[+-]?\.?\d")


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A line that is a frame, if so many values are the file's count."""

    values: NDArray[np.float32]
    is_labelled: bool
    is_ended: bool

    @property
    def kind(self) -> tuple[bool, int]:
        return self.is_labelled, len(self.values)


@dataclass(frozen=True, slots=True)
class _Fault:
    """A line that is no frame."""

    reason: str
    is_frame: bool
    """True if the board meant it as a frame."""
    is_labelled: bool = False
    """It begins with `magnitudes:`."""


@dataclass(slots=True)
class _Tally:
    """What is in a file."""

    rows: Counter[tuple[bool, int]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    n_labelled_faults: int = 0
    signed: set[tuple[bool, int]] = field(default_factory=set)
    open: Counter[tuple[bool, int]] = field(default_factory=Counter)
    saturated: Counter[tuple[bool, int]] = field(default_factory=Counter)
    last: tuple[bool, int] | None = None
    """Kind of a last line without line end: it counts only among others of its kind."""

    def kind(self) -> tuple[bool, int] | None:
        """The most frequent; labelled lines come before plain ones. None: there is no frame."""
        labelled = {kind: n for kind, n in self.rows.items() if kind[0]}
        rows = labelled or self.rows
        return max(rows, key=lambda kind: (rows[kind], kind[1])) if rows else None

    def n_frames(self, kind: tuple[bool, int]) -> int:
        return self.rows[kind] + (self.last == kind)

    def add(self, row: _Row) -> None:
        if row.is_ended:
            self.rows[row.kind] += 1
        else:
            self.last = row.kind
        is_saturated = _is_saturated(row.values)
        # A number that overflowed has lost its sign with its value.
        if (row.values[~is_saturated] < 0).any():
            self.signed.add(row.kind)
        self.open[row.kind] += int(np.count_nonzero(row.values == 0))
        self.saturated[row.kind] += int(np.count_nonzero(is_saturated))


def detect(path: Path) -> Detection:
    tally = _tally(path, DETECT_BYTES)
    kind = tally.kind()
    if kind is None:
        if tally.faults["spectroscopy, not an image"]:
            return Detection(False, "lines of OpenEIT's spectroscopy, no frames of an image")
        if tally.n_labelled_faults:
            return Detection(
                False, "lines `magnitudes:`, but none with 32, 192 or 896 numbers and a line end"
            )
        return Detection(False, "no line `magnitudes: v,v,...` as OpenEIT boards print it")
    is_labelled, count = kind
    if not is_labelled and tally.rows[kind] <= sum(tally.faults.values()):
        return Detection(False, f"lines of {count} numbers, but more that are none")
    form = "`magnitudes:` and" if is_labelled else "OpenEIT_UET's"
    return Detection(True, f"lines of {form} {count} numbers")


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    tally = _tally(path)
    kind = tally.kind()
    if kind is None:
        raise ReaderError(
            f"{path} has no line with a whole frame{_listed(tally.faults)}; expected `magnitudes: ` and 32, 192 or 896 "
            "numbers with commas between them, or 40 or 208 numbers with spaces, and a line end"
        )
    name, n_electrodes = (LABELLED if kind[0] else PLAIN)[kind[1]]
    layout, is_assumed = layout_for(options, n_electrodes, Layout.ring(n_electrodes))
    notes = _notes(tally, kind)
    if not kind[0]:
        notes.append(
            f"taken as what an OpenEIT_UET prints, {name} of {n_electrodes} electrodes without sign, 0 = open; any "
            "other table of numbers: --reader csv"
        )
    if is_assumed:
        notes.append("layout assumed: electrode 1 at 12 o'clock, clockwise, equally spaced")
    n_slots = tally.n_frames(kind) + sum(tally.faults.values())
    fastest_hz = UART_BYTES_PER_S / (14 * kind[1] + 14)
    rate_hz = steady_rate(
        options,
        n_slots,
        path,
        notes,
        assumed=fastest_hz if kind[0] else ASSUMED_RATE_HZ,
        why="the most that the board's serial line carries" if kind[0] else "",
    )
    about = About(
        pattern=Pattern.by_name(name, n_electrodes),
        layout=layout,
        identity=BoardIdentity("openeit", path.stem, max_electrodes=n_electrodes),
        value_kind=ValueKind.REAL if kind in tally.signed else ValueKind.MAGNITUDE,
        rate_hz=rate_hz,
        unit="ohm" if kind[0] else "",
        source="; ".join([f"imported from {path.name} (openeit)", *notes]),
    )
    frames = _frames(path, kind, rate_hz)
    return ImportedFrames(about, frames, tally.n_frames(kind), tuple(notes))


def _frames(path: Path, kind: tuple[bool, int], rate_hz: float) -> Iterator[Frame]:
    """The frames; what the board meant as a frame and is none leaves a gap in sequence and time."""
    slot = -1
    for found in _rows(path):
        is_frame = isinstance(found, _Row) and found.kind == kind
        if slot < 0 and not is_frame:
            continue
        slot += is_frame or (isinstance(found, _Fault) and found.is_frame)
        if isinstance(found, _Row) and is_frame:
            values = found.values.copy()
            values[(values == 0) | _is_saturated(values)] = np.nan
            time_ns = steady_time_ns(slot, rate_hz)
            yield Frame(values, slot, time_ns, time_ns)


def _tally(path: Path, most_bytes: int | None = None) -> _Tally:
    tally = _Tally()
    for found in _rows(path, most_bytes):
        if isinstance(found, _Fault):
            tally.faults[found.reason] += 1
            tally.n_labelled_faults += found.is_labelled
        else:
            tally.add(found)
    return tally


def _notes(tally: _Tally, kind: tuple[bool, int]) -> list[str]:
    notes = []
    faults = tally.faults + Counter(
        {
            f"{count} numbers instead of {kind[1]}": n
            for (is_labelled, count), n in tally.rows.items()
            if (is_labelled, count) != kind
        }
    )
    if tally.last not in (None, kind):
        faults["cut off at the end of the file"] += 1
    if faults:
        notes.append(f"{sum(faults.values())} lines are no frames{_listed(faults)}")
    if n_open := tally.open[kind]:
        notes.append(f"{n_open} values are 0 (open circuit) and count as missing")
    if n_saturated := tally.saturated[kind]:
        notes.append(f"{n_saturated} values are saturated and count as missing")
    return notes


def _listed(faults: Counter[str]) -> str:
    if not faults:
        return ""
    return " (" + ", ".join(f"{n} x {reason}" for reason, n in faults.most_common(8)) + ")"


def _is_saturated(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray(np.abs(values) >= SATURATED_OHM)


# -- lines -----------------------------------------------------------------------------------------------------


def _rows(path: Path, most_bytes: int | None = None) -> Iterator[_Row | _Fault]:
    return (found for line in text_lines(path, most_bytes) if (found := _row(line)) is not None)


def _row(line: Line) -> _Row | _Fault | None:
    """None for an empty line."""
    if not line.text:
        return _Fault("too long", False)
    if not line.text.strip():
        return None
    if label := _LABEL.match(line.text):
        found = _labelled(line.text[label.end() :], line.is_ended)
        return found if isinstance(found, _Row) else replace(found, is_labelled=True)
    if _PLAIN_START.match(line.text):
        return _plain(line)
    # A frame whose label is damaged still shows that the board sent one.
    return _Fault("text", line.text.count(",") >= min(LABELLED) - 1)


def _labelled(text: str, is_ended: bool) -> _Row | _Fault:
    if ";" in text:
        return _Fault("spectroscopy, not an image", False)
    if "fail" in text.lower():
        return _Fault("a measurement failed", True)
    items = [item for item in text.split(",") if item.strip()]
    if not is_ended and not text.rstrip(" ").endswith(","):
        return _Fault("cut off at the end of the file", True)
    if len(items) not in LABELLED:
        return _Fault(f"{len(items)} numbers", True)
    return _numbers(items, True, is_ended)


def _plain(line: Line) -> _Row | _Fault:
    items = line.text.split()
    if not line.is_ended:
        return _Fault("cut off at the end of the file", True)
    if len(items) not in PLAIN:
        return _Fault(f"{len(items)} numbers", len(items) > 1)
    return _numbers(items, False, True)


def _numbers(items: list[str], is_labelled: bool, is_ended: bool) -> _Row | _Fault:
    if not all(_NUMBER.fullmatch(item) for item in items):
        return _Fault("not numbers", True)
    with np.errstate(over="ignore"):
        values = np.array([float(item.strip()) for item in items]).astype(np.float32)
    if not np.isfinite(values).all():
        return _Fault("a number too large", True)
    return _Row(values, is_labelled, is_ended)

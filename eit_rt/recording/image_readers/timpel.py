"""Reader of Timpel's .csv: 32 x 32 pictures, airway pressure, flow, volume and flags. No voltages are in it.

A line is a frame of 1030 numbers with commas between, no header and no time: 1024 pixels row by row (-1000: outside the
lungs), airway pressure in cmH2O, flow in L/s, volume in L, and three flags that are 1 at the beginning of a breath, at
its end, and at a heart beat. 50 frames per second.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.recording.image_readers.pictures import clinical_album
from eit_rt.recording.images import Album
from eit_rt.recording.readers.reader import Detection

summary = (
    "Timpel .csv: 1030 columns, 32 x 32 pictures at 50 frames/s with pressure, flow and volume"
)

SIDE, PIXELS, COLUMNS = 32, 1024, 1030
RATE_HZ = 50.0
OUTSIDE = -1000.0
WAVES = (
    "airway_pressure_cmh2o",
    "flow_l_per_s",
    "volume_l",
    "breath_begins",
    "breath_ends",
    "heart_beats",
)
LONGEST_LINE = COLUMNS * 40
SHORTEST_LINE = 2 * COLUMNS - 1
LINES_AT_ONCE = 200


def detect(path: Path) -> Detection:
    try:
        with path.open("rb") as file:
            line = file.readline(LONGEST_LINE)
    except OSError as error:
        return Detection(False, str(error.strerror or error))
    columns = line.count(b",") + 1
    if columns != COLUMNS:
        return Detection(False, f"the first line has {columns} columns, not {COLUMNS}")
    if _numbers([line]) is None:
        return Detection(False, f"{COLUMNS} columns, but the first line is not all numbers")
    return Detection(True, f"lines of {COLUMNS} numbers")


def read(path: Path) -> Album:
    most = path.stat().st_size // SHORTEST_LINE + 1
    with path.open("rb") as file:
        n_lines = min(most, sum(1 for _ in _lines(file)))
    rows = np.empty((n_lines, COLUMNS), dtype=np.float32)
    notes = [f"no times in the file: {RATE_HZ:g} frames/s assumed"]
    count = 0
    with path.open("rb") as file:
        lines = _lines(file)
        while block := list(islice(lines, LINES_AT_ONCE)):
            if count + len(block) > n_lines:  # every line of numbers is longer than the shortest
                raise ReaderError(_wrong_line(path, count, block))
            values = _numbers(block)
            if values is None and count + len(block) == n_lines and n_lines > 1:
                block, values = block[:-1], _numbers(block[:-1])
                notes.append(f"the file is cut off within line {n_lines}, which is left out")
            if values is None:
                raise ReaderError(_wrong_line(path, count, block))
            rows[count : count + len(block)] = values
            count += len(block)
    if not count:
        raise ReaderError(f"{path} has no lines; expected {COLUMNS} numbers a line")
    return _album(path, rows[:count], notes)


def _album(path: Path, rows: NDArray[np.float32], notes: list[str]) -> Album:
    pixels = np.ascontiguousarray(rows[:, :PIXELS]).reshape(-1, SIDE, SIDE)
    pixels[pixels == OUTSIDE] = np.nan
    return clinical_album(
        path,
        "Timpel .csv",
        pixels,
        np.arange(len(rows)) / RATE_HZ,
        RATE_HZ,
        traces={name: np.array(rows[:, PIXELS + k]) for k, name in enumerate(WAVES)},
        notes=notes,
    )


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines that are not empty; one that is too long comes in pieces, which are no lines of numbers."""
    while line := file.readline(LONGEST_LINE):
        if line.strip():
            yield line


def _numbers(lines: Sequence[bytes]) -> NDArray[np.float32] | None:
    """(n, COLUMNS), or None if a line is not so many numbers."""
    if not lines:
        return np.empty((0, COLUMNS), dtype=np.float32)
    try:
        text = [line.decode("ascii") for line in lines]
        with np.errstate(over="ignore"):
            values = np.loadtxt(text, delimiter=",", ndmin=2, comments=None).astype(np.float32)
    except (ValueError, OverflowError):
        return None
    return values if values.shape == (len(lines), COLUMNS) else None


def _wrong_line(path: Path, before: int, lines: Sequence[bytes]) -> str:
    number, line = next(
        ((k, line) for k, line in enumerate(lines) if _numbers([line]) is None), (0, lines[0])
    )
    columns = line.count(b",") + 1
    what = f"has {columns} columns" if columns != COLUMNS else "holds something that is no number"
    return (
        f"line {before + number + 1} of {path} (empty ones not counted) {what}; expected {COLUMNS} numbers with commas "
        "between; use a whole copy of Timpel's own export"
    )

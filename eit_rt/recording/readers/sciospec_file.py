"""One Sciospec text file, `.eit`: its head, and the complex potentials of one frame.

Line 1 is the number of head lines; then version, name, date, frequencies, current, rate, settings, channels. Then, for
each injection, a line `a b` (electrodes from 1) and, for each frequency, a line of tab-separated real and imaginary
parts, a pair a channel. Source: Sciospec's MATLAB example, sciopy `doteit.py`. Imports errors only.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError

MOST_BYTES = 1 << 27
"""128 channels, 128 injections and 128 frequencies are 84 MB of text; a larger file is no frame."""
FIRST_BYTES = 4096
HEAD_LINES = range(17, 65)
MOST_FREQUENCIES = 128
CHANNELS = "MeasurementChannels:"
_NAME, _DATE = 2, 3
"""Lines of the head that differ from frame to frame; counted from 0."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_ENDS = re.compile(r"\r\n|\n|\r")
_PAIR = re.compile(r"(\d{1,4}) (\d{1,4})")


@dataclass(frozen=True, slots=True)
class SciospecHead:
    """What a file says of itself."""

    lines: tuple[str, ...]
    """All of them; `settings` are those that must agree within a run."""
    taken: datetime | None
    """None if the date is no date."""
    lowest_hz: float
    highest_hz: float
    is_logarithmic: bool
    n_frequencies: int
    current_a: float
    rate_hz: float
    channels: tuple[int, ...]
    """Electrodes of the ring, counted from 1, in order."""

    @property
    def settings(self) -> tuple[str, ...]:
        return tuple(line for k, line in enumerate(self.lines) if k not in (_NAME, _DATE))

    def frequencies_hz(self) -> NDArray[np.float64]:
        """(n_frequencies,)"""
        if self.n_frequencies == 1:
            return np.array([self.lowest_hz])
        space = np.geomspace if self.is_logarithmic else np.linspace
        return np.asarray(space(self.lowest_hz, self.highest_hz, self.n_frequencies))


@dataclass(frozen=True, slots=True, eq=False)
class SciospecFrame:
    """One file."""

    head: SciospecHead
    injections: tuple[tuple[int, int], ...]
    """Electrodes that the current goes into and out of, counted from 1."""
    potentials: NDArray[np.complex128]
    """(n_injections, n_frequencies, n_columns), V against ground; a column a channel, from channel 1 on."""


def read_head(path: Path) -> SciospecHead:
    """The head alone, from the first 4096 bytes. Raises ReaderError: what is missing."""
    with path.open("rb") as file:
        text = file.read(FIRST_BYTES).decode("latin-1")
    return _head(_lines(text), path)


def read_frame(path: Path) -> SciospecFrame:
    """The whole file. Raises ReaderError if anything in it is damaged or missing."""
    if path.stat().st_size > MOST_BYTES:
        raise ReaderError(f"{path} is larger than 128 MiB; a Sciospec file holds one frame")
    text = path.read_bytes().decode("latin-1")
    lines = _lines(text)
    head = _head(lines, path)
    if not text.endswith(("\n", "\r")):
        raise ReaderError(
            f"{path} is cut off: line {len(lines)}, its last one, has no end; use a whole copy"
        )
    body = lines[len(head.lines) :]
    step = 1 + head.n_frequencies
    if not body or len(body) % step:
        raise ReaderError(
            f"{path} has {len(body)} lines behind the {len(head.lines)} of its head; expected {step} for each "
            f"injection ({head.n_frequencies} frequencies): it is cut off or damaged"
        )
    before = len(head.lines) + 1
    places = range(0, len(body), step)
    injections = tuple(_pair(body[k], before + k, head, path) for k in places)
    rows, width = [], 0
    for k in (place + f for place in places for f in range(1, step)):
        rows.append(_row(body[k], before + k, path))
        width = width or len(rows[0])
        if len(rows[-1]) != width or width < max(head.channels):
            raise ReaderError(
                f"line {before + k} of {path} has {len(rows[-1])} channels; expected the same number in all lines, at "
                f"least {max(head.channels)}: it is cut off or damaged"
            )
    potentials = np.array(rows).reshape(len(injections), head.n_frequencies, -1)
    return SciospecFrame(head, injections, potentials)


def _lines(text: str) -> list[str]:
    """Ended by CR LF, LF or CR; a name in UTF-8 may hold what else counts as an end in latin-1."""
    lines = _ENDS.split(text)
    return lines if lines[-1] else lines[:-1]


def _head(lines: list[str], path: Path) -> SciospecHead:
    n_lines = int(lines[0]) if lines and re.fullmatch(r"\d{1,2}", lines[0].strip()) else 0
    if n_lines not in HEAD_LINES or len(lines) < n_lines:
        first = lines[0][:20] if lines else ""
        raise ReaderError(
            f"line 1 of {path} is {first!r}; expected the number of head lines (18), and that many lines"
        )
    place = next((k for k in range(n_lines) if lines[k].startswith(CHANNELS)), None)
    if place is None:
        raise ReaderError(
            f"{path} has no line `{CHANNELS}` among its first {n_lines}; no Sciospec file"
        )
    numbers = [_number(lines[k], k, path) for k in range(4, 10)]
    lowest_hz, highest_hz, scale, count, current_a, rate_hz = numbers
    if not 1 <= count <= MOST_FREQUENCIES or count != int(count):
        raise ReaderError(
            f"line 8 of {path} names {count:g} frequencies; expected 1 to {MOST_FREQUENCIES}"
        )
    if not (0 < lowest_hz <= highest_hz and rate_hz > 0):
        raise ReaderError(
            f"lines 5, 6 and 10 of {path} say {lowest_hz:g} to {highest_hz:g} Hz and {rate_hz:g} frames/s; expected "
            "numbers above 0, the second no less than the first"
        )
    return SciospecHead(
        tuple(lines[:n_lines]),
        _date(lines[_DATE]),
        lowest_hz,
        highest_hz,
        scale == 1,
        int(count),
        current_a,
        rate_hz,
        _channels(lines[place], place + 1, path),
    )


def _number(text: str, k: int, path: Path) -> float:
    if not _NUMBER.fullmatch(text.strip()):
        raise ReaderError(f"line {k + 1} of {path} is {text[:40]!r}; expected a number")
    number = float(text.strip())
    if not math.isfinite(number):
        raise ReaderError(f"line {k + 1} of {path} is {text[:40]!r}: the number is too large")
    return number


def _date(text: str) -> datetime | None:
    """`2025.02.12. 13:19:58.685`"""
    try:
        return datetime.strptime(text.strip(), "%Y.%m.%d. %H:%M:%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def _channels(line: str, number: int, path: Path) -> tuple[int, ...]:
    parts = [part.strip() for part in line[len(CHANNELS) :].split(",")]
    numbers = tuple(int(part) for part in parts if re.fullmatch(r"\d{1,3}", part))
    if len(numbers) != len(parts) or len(set(numbers)) != len(numbers) or min(numbers) < 1:
        raise ReaderError(
            f"line {number} of {path}: `{line[:60]}` is no list of different electrodes, from 1 on"
        )
    if len(numbers) < 4:
        raise ReaderError(
            f"line {number} of {path} has {len(numbers)} electrodes; expected at least 4"
        )
    return numbers


def _pair(line: str, number: int, head: SciospecHead, path: Path) -> tuple[int, int]:
    found = _PAIR.fullmatch(line.strip())
    pair = (int(found[1]), int(found[2])) if found else (0, 0)
    if not found or pair[0] == pair[1] or not set(pair) <= set(head.channels):
        raise ReaderError(
            f"line {number} of {path} is {line[:40]!r} where the injecting electrodes should stand; expected two of "
            f"{head.channels[0]}..{head.channels[-1]}: it is cut off or damaged"
        )
    return pair


def _row(line: str, number: int, path: Path) -> NDArray[np.complex128]:
    """(n_columns,)"""
    parts = line.split()
    if not parts or len(parts) % 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ReaderError(
            f"line {number} of {path} is no list of real and imaginary parts ({line[:40]!r}): it is cut off or damaged"
        )
    # A view, not an addition: infinite numbers must not warn.
    return np.array(parts, dtype=np.float64).view(np.complex128)

"""The contract of a reader of foreign files, and what it hands over.

Imports about, frames, pattern, layout. The rule it keeps: what a file does not say (rate, layout) is assumed in the
open: every assumption is a note that the user sees and that the recording keeps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import MismatchError, ReaderError
from eit_rt.frames import Event, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.about import About

ASSUMED_RATE_HZ = 1.0
FLOAT32_INTEGERS = 1 << 24
"""Integers up to here are exact in float32."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user says about a file. Each reader takes some of them; giving it another is refused."""

    pattern: str | Pattern | None = None
    """A name (`Pattern.by_name`) or a pattern."""
    electrodes: int | None = None
    layout: Layout | Mapping[str, Any] | None = None
    """A layout, or arguments of `Layout.ring` without the number of electrodes."""
    reference: Path | None = None
    """File with the frame of the empty tank."""
    rate_hz: float | None = None
    value_kind: ValueKind | None = None
    unit: str | None = None
    removed: int | None = None
    """Electrodes 1..removed were taken away: their measurements are missing."""
    frequency_hz: float | None = None
    """Which of several frequencies in the file."""

    def given(self) -> set[str]:
        """Names of the options that were set."""
        return {f.name for f in fields(self) if getattr(self, f.name) is not None}


def as_typed(names: Iterable[str]) -> str:
    """Options as the command line has them: `--rate` for rate_hz."""
    return ", ".join(sorted("--" + name.removesuffix("_hz").replace("_", "-") for name in names))


@dataclass(frozen=True, slots=True, eq=False)
class ImportedFrames:
    """Frames of a foreign file, ready to be recorded."""

    about: About
    frames: Iterable[Frame]
    """Read once. `t_host_ns` and `t_board_ns` count from the first frame."""
    n_frames: int
    notes: tuple[str, ...] = ()
    """What was assumed or changed, a sentence each."""
    events: tuple[tuple[int, Event], ...] = ()
    """(number of frames before it, event), in order; their `t_host_ns` counts as the frames' does."""
    started_ns: int | None = None
    """Wall clock (Unix, ns) of the first frame, if the file tells."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Whether a reader takes a file, and why (not)."""

    is_match: bool
    reason: str


class Reader(Protocol):
    """A module or object that reads one kind of file. Third parties register one as entry point `eit_rt.readers`.

    One with `takes_folders = True` is also asked about folders (a recording of one file a frame).
    """

    summary: str
    """One line for people."""
    options: frozenset[str]
    """Fields of ImportOptions that it takes."""

    def detect(self, path: Path) -> Detection:
        """Judge by content, cheaply. Never raises for a strange file."""

    def read(self, path: Path, options: ImportOptions) -> ImportedFrames:
        """Raises ReaderError: what is wrong in the file, what was expected, what to do."""


def layout_for(options: ImportOptions, n_electrodes: int, default: Layout) -> tuple[Layout, bool]:
    """(layout, True if it was assumed). Raises LayoutError, or MismatchError for another number of electrodes."""
    if options.layout is None:
        return default, True
    layout = options.layout
    if not isinstance(layout, Layout):
        layout = Layout.from_dict({"n_electrodes": n_electrodes, **layout})
    if layout.n_electrodes != n_electrodes:
        raise MismatchError(
            f"the layout has {layout.n_electrodes} electrodes, the pattern has {n_electrodes}; "
            "give the layout of this tank"
        )
    return layout, False


def as_values(array: NDArray[Any], name: str, path: Path) -> NDArray[Any]:
    """float32 or complex64 values of any shape; NaN = missing. The array itself if it is that already.

    Raises ReaderError for other things than numbers, infinities, and numbers beyond float32.
    """
    if array.dtype.kind not in "iufc":
        raise ReaderError(
            f"`{name}` in {path} is of type {array.dtype}; expected real or complex numbers"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        kind = np.complex64 if array.dtype.kind == "c" else np.float32
        values = array.astype(kind, copy=False)
    if _has_infinities(values):
        bad = np.isinf(values)
        where = ", ".join(map(str, np.argwhere(bad)[0].tolist()))
        raise ReaderError(
            f"`{name}` in {path} is infinite, or too large for float32, at [{where}] ({np.count_nonzero(bad)} in all); "
            "write NaN where a measurement is missing"
        )
    return values


def _has_infinities(values: NDArray[Any]) -> bool:
    """Without an array as large as they are: there may be gigabytes of them."""
    parts = (values.real, values.imag) if np.iscomplexobj(values) else (values,)
    return bool(values.size) and any(
        np.isinf(extreme.reduce(part, axis=None))
        for part in parts
        for extreme in (np.fmax, np.fmin)
    )

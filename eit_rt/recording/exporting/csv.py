"""Text that any program reads: one line a frame, everything else in lines that begin with `#`.

Imports selection. `# name = JSON` lines tell what the reader `csv` needs; the last of them names the columns. Written
block by block. A value has as many digits as give the same float32 back, and `nan` where it is missing.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from eit_rt.recording.exporting.selection import Block, Selection

summary = "text: time_s, sequence, then the values (complex: re, im); facts in lines with #"

FIRST_LINE = "# eit-rt frames, format 1"
BLOCK_FRAMES = 64
"""Text of a block takes some 20 times the room of its values."""


def write(selection: Selection, file: BinaryIO) -> None:
    for line in _head(selection):
        file.write(line.encode() + b"\n")
    first_ns = 0
    for number, block in enumerate(selection.blocks(BLOCK_FRAMES)):
        if not number:
            first_ns = int(block.t_board_ns[0])
        file.write(_rows(block, first_ns))


def _head(selection: Selection) -> Iterator[str]:
    yield FIRST_LINE
    yield "# one line a frame; a line with # is no frame; electrodes count from 0; nan is missing"
    facts: dict[str, Any] = dict(selection.texts())
    facts |= {name: _plain(array) for name, array in selection.numbers().items()}
    facts["n_frames"] = len(selection)
    facts["first_board_ns"] = selection.recording.frame(selection.start).t_board_ns
    for name, fact in facts.items():
        yield f"# {name} = {json.dumps(fact, allow_nan=False)}"
    yield "# " + ",".join(_columns(selection))


def _columns(selection: Selection) -> list[str]:
    """time_s: the board's clock, since the first frame. Measurements count from 1."""
    numbers = range(1, selection.recording.about.pattern.n_meas + 1)
    values = [f"{part}{k}" for k in numbers for part in ("re", "im")]
    return [
        "time_s",
        "sequence",
        *(values if selection.is_complex else [f"v{k}" for k in numbers]),
    ]


def _plain(array: NDArray[Any]) -> Any:
    """Lists and numbers; missing ones are null."""
    if np.iscomplexobj(array):
        return {"real": _plain(array.real), "imag": _plain(array.imag)}
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return [None if np.isnan(x) else x for x in array.tolist()]
    return array.tolist()


def _rows(block: Block, first_ns: int) -> bytes:
    values = block.frames
    if np.iscomplexobj(values):
        values = np.ascontiguousarray(values).view(np.float32)
    texts = shortest(values)
    lines = []
    for t_ns, sequence, row in zip(
        block.t_board_ns.tolist(), block.sequence.tolist(), texts, strict=True
    ):
        lines.append(b",".join([_seconds(t_ns - first_ns), b"%d" % sequence, *row.tolist()]))
    return b"\n".join(lines) + b"\n"


def _seconds(ns: int) -> bytes:
    """Exact: a nanosecond is a digit."""
    sign, (whole, rest) = b"-" if ns < 0 else b"", divmod(abs(ns), 10**9)
    return b"%s%d.%09d" % (sign, whole, rest)


def shortest(values: NDArray[np.float32]) -> NDArray[np.bytes_]:
    """Text of each value: the shortest that, read as float64 and rounded, gives the same float32 again."""
    texts = values.astype("S32")
    back = texts.astype(np.float64).astype(np.float32)
    # The shortest text of a float32 may lie so near the middle between two that reading it in two steps misses.
    for place in np.argwhere((back != values) & ~np.isnan(values)):
        texts[tuple(place)] = repr(float(values[tuple(place)])).encode()
    return texts

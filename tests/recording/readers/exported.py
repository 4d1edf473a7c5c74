"""A small recording in each format of voltages, as bytes, and what is in it: for the readers' contracts."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from eit_rt.frames import Frame
from eit_rt.recording import Recording
from eit_rt.recording.exporting import Selection, export_recording
from tests.recording.readers.contract import Expected
from tests.recording.samples import SMALL, STEP_NS, some_about, some_frames, write_all

LOST = 3
"""Frames that are lost after the fourth."""


def frames() -> list[Frame]:
    """12 frames, 100 a second, with a gap; clocks from 0."""
    numbers = [k + LOST * (k > 3) for k in range(12)]
    return [
        replace(frame, sequence=n, t_board_ns=n * STEP_NS, t_host_ns=n * STEP_NS)
        for n, frame in zip(numbers, some_frames(12), strict=True)
    ]


@cache
def content(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        reference = np.arange(10, dtype=np.float32)
        about = some_about(reference=reference)
        path = write_all(Path(folder) / "r.mcap", frames(), about)
        out = Path(folder) / f"out{suffix}"
        with Recording.open(path) as recording:
            export_recording(Selection(recording), out)
        return out.read_bytes()


def expected() -> Expected:
    mine = frames()
    return Expected(
        np.stack([frame.values for frame in mine]),
        SMALL,
        rate_hz=100.0,
        unit="V",
        sequence=tuple(frame.sequence for frame in mine),
    )

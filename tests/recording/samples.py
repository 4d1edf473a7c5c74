"""Frames and files that several tests of the room use."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from eit_rt.frames import BoardIdentity, Event, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recorder

SMALL = Pattern.by_name("adjacent", 5)
"""10 measurements: small files, quick to cut at every byte."""
ADJACENT16 = Pattern.by_name("adjacent", 16)
STEP_NS = 10_000_000


def some_frames(
    n: int, n_meas: int = 10, *, is_complex: bool = False, seed: int = 1
) -> list[Frame]:
    """Random frames, 100 a second, each with one NaN; every field differs from frame to frame."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, n_meas)).astype(np.float32)
    values[np.arange(n), rng.integers(n_meas, size=n)] = np.nan
    if is_complex:
        values = (values + 1j * rng.normal(size=(n, n_meas))).astype(np.complex64)
    return [
        Frame(row.copy(), 7 + k, 5_000 + k * STEP_NS, 10**15 + k * STEP_NS, k // 3, k % 2)
        for k, row in enumerate(values)
    ]


def some_about(pattern: Pattern = SMALL, **more: Any) -> About:
    fields = {
        "layout": Layout.ring(pattern.n_electrodes, 30.0, "counterclockwise"),
        "identity": BoardIdentity("eitp", "sim16", "S-1", "1.2", 16, ("scan",)),
        "rate_hz": 100.0,
        "unit": "V",
    }
    return About(pattern, **(fields | more))


def write_all(path: Path, items: Iterable[Frame | Event], about: About | None = None) -> Path:
    with Recorder(path, about or some_about()) as recorder:
        for item in items:
            recorder.write(item)
    return path


def bits(frame: Frame) -> tuple[Any, ...]:
    """Everything in a frame, comparable bit by bit (NaN equals NaN)."""
    return (
        frame.values.dtype.str,
        frame.values.tobytes(),
        frame.sequence,
        frame.t_board_ns,
        frame.t_host_ns,
        frame.dropped_total,
        frame.status,
    )


COMPLEX_ABOUT = {"value_kind": ValueKind.COMPLEX}

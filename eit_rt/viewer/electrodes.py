"""Electrodes as shapes around the tank, and which of them are of no use now. Numbers only, no Qt."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from eit_rt.frames import Stream
from eit_rt.layout import Layout

INNER, OUTER, TEXT = 1.012, 1.062, 1.135
"""Radii in tank radii: an electrode lies outside the circle, its number outside the electrode."""
POINT_WIDTH_DEG = 3.0
"""A point electrode has no width; this much is drawn."""
UNUSABLE_ABOVE = 0.75
"""An electrode is greyed when more than this part of its measurements is invalid. Half would not do: a neighbour of a
dead electrode in the adjacent pattern shares more than half of its measurements with it."""


def outline(layout: Layout, electrode: int) -> NDArray[np.float64]:
    """(n, 2) corners of a ring sector in tank radii. electrode: counted from 0."""
    half = max(layout.width_deg, POINT_WIDTH_DEG) / 2
    centre = layout.angles_deg[electrode]
    angle = np.deg2rad(np.linspace(centre - half, centre + half, 9))
    arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.vstack([INNER * arc, OUTER * arc[::-1]])


def number_positions(layout: Layout) -> NDArray[np.float64]:
    """(n_electrodes, 2) centres of the numbers, in tank radii."""
    return TEXT * layout.positions()


def number_step(layout: Layout) -> int:
    """Every how many-th electrode has its number written: more than 32 numbers run into each other."""
    return math.ceil(layout.n_electrodes / 32)


class ElectrodeUse:
    """Which electrodes are of no use in a frame: most of what they take part in is invalid."""

    def __init__(self, stream: Stream) -> None:
        pattern = stream.pattern
        touches = [pattern.touches(e) for e in range(pattern.n_electrodes)]
        self._touches = np.array(touches, dtype=np.float32)
        self._totals = np.maximum(self._touches.sum(axis=1), 1.0)

    def unusable(self, valid: NDArray[np.float32]) -> NDArray[np.bool_]:
        """(n_electrodes,) from (n_meas,) `valid` as in Difference."""
        invalid = self._touches @ (1.0 - valid)
        return np.asarray(invalid / self._totals > UNUSABLE_ABOVE)


def drive_starts(stream: Stream) -> list[int]:
    """Measurements, counted from 0, at which another stimulation begins; for light lines in a plot."""
    stimulation = stream.pattern.stimulation.tolist()
    return [m + 1 for m, (this, following) in enumerate(pairwise(stimulation)) if following != this]

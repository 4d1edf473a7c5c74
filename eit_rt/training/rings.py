"""What a ring of equal electrodes means for a network: which measurement is which when the tank is turned by one
electrode, and points that turn with it. No torch.

Imports pattern, layout, physics' pixel grid, errors. The rule it keeps: electrode by electrode, in the order of their
numbers, and each sees in its row exactly what the first one sees in the first row.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import KDTree

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import PixelGrid

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

EQUAL_DEG = 1e-6
DECIMALS = 9
"""In which two weights of a pattern are the same."""


def check_equal_spacing(layout: Layout) -> None:
    """Raises ConfigError unless the electrodes are equally spaced, numbered round the tank."""
    steps = np.diff(np.append(layout.angles_deg, layout.angles_deg[0]))
    off = (steps - _direction(layout) * 360.0 / layout.n_electrodes + 180.0) % 360.0 - 180.0
    if np.abs(off).max() > EQUAL_DEG:
        raise ConfigError(
            "network.symmetry: the electrodes are not equally spaced; leave symmetry out"
        )


# -- measurements ----------------------------------------------------------------------------------------------


def turned(pattern: Pattern) -> Ints:
    """(n_meas,): what measurement m is to its electrodes, measurement turned[m] is to those one further.

    Signs and the exchange of drive and sense do not count: normalised differences do not know them. Raises ConfigError
    if the pattern is not the same for every electrode.
    """
    rows = [
        (pattern.currents[k], sense)
        for k, sense in zip(pattern.stimulation, pattern.senses, strict=True)
    ]
    # As they are and without signs: the latter may meet in patterns that drive a pair both ways.
    known = {_keys(*row)[k]: m for m, row in enumerate(rows) for k in (1, 0)}
    found = []
    for drive, sense in rows:
        keys = _keys(np.roll(drive, 1), np.roll(sense, 1))
        found.append(next((known[key] for key in keys if key in known), -1))
    if sorted(found) != list(range(pattern.n_meas)):
        raise ConfigError(
            f"network.symmetry: the pattern {pattern.name} is not the same for every electrode, or has a measurement "
            "twice; leave symmetry out"
        )
    return np.array(found, dtype=np.int64)


def _keys(drive: Floats, sense: Floats) -> tuple[tuple[bytes, ...], ...]:
    """A measurement as it is; without signs; and with drive and sense exchanged."""
    signed = _digits(drive), _digits(sense)
    plain = tuple(_digits(row * np.sign(row[np.flatnonzero(row)[0]])) for row in (drive, sense))
    return (b"signed", *signed), plain, plain[::-1]


def _digits(row: Floats) -> bytes:
    digits: Floats = np.round(row, DECIMALS) + 0.0  # no negative zeros
    return digits.tobytes()


def orbits(pattern: Pattern, value_of: Ints) -> Ints:
    """(n_electrodes, k): the values of a front, dealt out to the electrodes.

    value_of: (n_meas,) the value that each measurement enters. Values that half a turn brings back come twice.
    """
    after = turned(pattern)
    place = np.empty((pattern.n_electrodes, pattern.n_meas), dtype=np.int64)
    place[0] = np.arange(pattern.n_meas)
    for earlier, later in pairwise(place):
        later[:] = after[earlier]
    seen, columns = set[int](), []
    for column in value_of[place].T:
        if int(column[0]) not in seen:
            seen.update(column.tolist())
            columns.append(column)
    return np.stack(columns, axis=1)


# -- points ----------------------------------------------------------------------------------------------------


def points_of_rings(n_electrodes: int, side: int) -> list[int]:
    """Of each ring, from the centre outwards: how many points an electrode has. As dense as side x side pixels."""
    n_rings = (side + 1) // 2
    around = 2 * np.pi * (np.arange(n_rings) + 0.5)
    return [max(1, int(np.ceil(pixels / n_electrodes))) for pixels in around]


def ring_pictures(matrix: Floats, side: int, layout: Layout, pattern: Pattern) -> Floats:
    """(n_electrodes, k * points, n_meas): k linear pictures, read at the points of rings instead of pixels.

    matrix: (k * pixels inside, n_meas), of normalised differences. Pixels are not the same for every electrode: so only
    what the first electrode's points say is taken, and is turned to all others.
    """
    grid = PixelGrid(side, side)
    centres = grid.centres[grid.inside]
    points = _points_of_first(layout, points_of_rings(layout.n_electrodes, side))
    shares = LinearNDInterpolator(centres, np.eye(len(centres)))(points)
    lost = np.isnan(shares[:, 0])
    shares[lost] = np.eye(len(centres))[KDTree(centres).query(points[lost])[1]]
    first = (shares @ matrix.reshape(-1, len(centres), pattern.n_meas)).reshape(-1, pattern.n_meas)
    rows = np.empty((layout.n_electrodes, *first.shape))
    after, place = turned(pattern), np.arange(pattern.n_meas)
    for electrode in rows:
        electrode[:, place] = first
        place = after[place]
    return rows


def blending(layout: Layout, side: int) -> Floats:
    """(n_electrodes * points, pixels inside): share of each point in each pixel, linear in radius and in angle.

    Inside the innermost ring the line between two points leads across the centre; there it is the mean of the ring.
    """
    counts = np.array(points_of_rings(layout.n_electrodes, side))
    grid = PixelGrid(side, side)
    centres = grid.centres[grid.inside]
    angle = np.degrees(np.arctan2(centres[:, 1], centres[:, 0]))
    along = _direction(layout) * (angle - layout.angles_deg[0]) * layout.n_electrodes / 360.0
    radius = np.hypot(*centres.T) * len(counts) - 0.5
    within = np.floor(radius).astype(np.int64)
    opposite = np.where(within < 0, layout.n_electrodes / 2, 0.0)
    rows = np.zeros((layout.n_electrodes, counts.sum(), len(centres)))
    for ring, share, turn in (
        (np.maximum(within, 0), within + 1 - radius, opposite),
        (np.minimum(within + 1, len(counts) - 1), radius - within, 0.0),
    ):
        _blend(rows, counts, ring, share, along + turn)
    centre = radius < EQUAL_DEG - 0.5
    rows[:, :, centre] = 0.0
    rows[:, : counts[0], centre] = 1.0 / (layout.n_electrodes * counts[0])
    return rows.reshape(-1, len(centres))


def _blend(rows: Floats, counts: Ints, ring: Ints, share: Floats, along: Floats) -> None:
    """Add each pixel's share of its ring. along: (pixels,) electrodes from the first one."""
    start, count = np.cumsum(counts) - counts, counts[ring]
    place = along * count
    low = np.floor(place).astype(np.int64)
    for point, weight in ((low, low + 1 - place), (low + 1, place - low)):
        electrode, rank = np.divmod(point % (len(rows) * count), count)
        np.add.at(rows, (electrode, start[ring] + rank, np.arange(len(ring))), share * weight)


def _points_of_first(layout: Layout, counts: Sequence[int]) -> Floats:
    """(points, 2) x and y of the first electrode's points, from it towards the second."""
    along = np.concatenate([np.arange(count) / count for count in counts])
    angle = np.radians(
        layout.angles_deg[0] + _direction(layout) * along * 360.0 / layout.n_electrodes
    )
    radius = np.repeat((np.arange(len(counts)) + 0.5) / len(counts), counts)
    return np.asarray(radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1))


def _direction(layout: Layout) -> int:
    return 1 if layout.direction == "counterclockwise" else -1

"""A made-up tank: voltages that obey reciprocity and fall off with distance, without a mesh."""

import numpy as np
from numpy.typing import NDArray

from eit_rt.pattern import Pattern


def transfer_impedance(n_electrodes: int, n_frames: int, seed: int = 1) -> NDArray[np.float64]:
    """(n_frames, n_electrodes, n_electrodes), symmetric: a disc with point electrodes, other in each frame."""
    chance = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(n_electrodes) / n_electrodes
    apart = np.abs(np.exp(1j * angle)[:, None] - np.exp(1j * angle))
    # On the electrode itself: as if half a step away.
    np.fill_diagonal(apart, np.pi / n_electrodes)
    change = chance.normal(scale=0.01, size=(n_frames, n_electrodes, n_electrodes))
    return -np.log(apart) * (1 + change + change.transpose(0, 2, 1))


def tank_voltages(pattern: Pattern, n_frames: int, seed: int = 1) -> NDArray[np.float64]:
    """(n_frames, n_meas)"""
    z = transfer_impedance(pattern.n_electrodes, n_frames, seed)
    return np.asarray(pattern.voltages(z), dtype=np.float64)


def rotating(volts: np.ndarray) -> np.ndarray:
    """(n, 208) from fixed to rotating order, by the definition: inject (k, k+1), measure (k+2+j, k+3+j)."""
    place = {}
    for k in range(16):
        for j in range(16):
            if not {j, (j + 1) % 16} & {k, (k + 1) % 16}:
                place[k, j] = len(place)
    order = [place[k, (k + 2 + j) % 16] for k in range(16) for j in range(13)]
    return volts[:, order]

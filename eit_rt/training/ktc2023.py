"""The measurements of the Kuopio Tomography Challenge 2023: 76 injections, 31 channels, 7 levels of lost electrodes.

Imports pattern and layout; no torch. The numbers are the device's settings as the challenge's files state them
(Räsänen et al., "KTC2023 open EIT data set", Zenodo 10.5281/zenodo.8252370, CC BY 4.0). Only the 16 odd electrodes are
driven, so all injections are combinations of 15 currents: what a level measures is brought to those by least squares.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from eit_rt.layout import Layout
from eit_rt.pattern import Pattern

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

N_ELECTRODES = 32
LEVELS = 7
SOURCE_MA = {
    1: 1.472, 3: 1.4952, 5: 1.4502, 7: 1.4876, 9: 1.5142, 11: 1.4906, 13: 1.41, 15: 1.439,
    17: 1.4368, 19: 1.448, 21: 1.4502, 23: 1.4524, 25: 1.4838, 27: 1.4742, 29: 1.454, 31: 1.5052,
}  # fmt: skip
"""Current by source electrode, counted from 1."""
HUBS = (1, 9, 17, 25)
"""Electrodes into which all others inject in turn."""
FAULTY = (29, 30)
"""Channels, counted from 0, that read electrode 31: they break the linearity in the current tenfold."""


@cache
def pattern() -> Pattern:
    """76 injections x 31 channels, injection after injection; milliampere. What the reader of .mat files makes."""
    odd = list(SOURCE_MA)
    pairs = list(zip(odd, [*odd[1:], odd[0]], strict=True))
    pairs += [(source, hub) for hub in HUBS for source in odd if source != hub]
    currents = np.zeros((len(pairs), N_ELECTRODES))
    for row, (source, sink) in zip(currents, pairs, strict=True):
        row[source - 1], row[sink - 1] = SOURCE_MA[source], -SOURCE_MA[source]
    channels = np.eye(N_ELECTRODES)[:-1] - np.eye(N_ELECTRODES)[1:]
    stimulation = np.repeat(np.arange(len(pairs)), len(channels))
    return Pattern("ktc2023", currents, stimulation, np.tile(channels, (len(pairs), 1)))


def layout() -> Layout:
    """The tank: electrode 1 at 12 o'clock, counter-clockwise, half of the wall covered, radius 0.115 m."""
    return Layout.ring(N_ELECTRODES, 90.0, "counterclockwise", 0.5, 0.115)


def injections_kept(level: int) -> Bools:
    """(76,) injections that touch none of the electrodes removed at a level, 1 to 7."""
    return np.asarray((pattern().currents[:, : 2 * (level - 1)] == 0).all(axis=1))


def channels_kept(level: int) -> Bools:
    """(31,) channels that touch none of them."""
    return np.arange(N_ELECTRODES - 1) >= 2 * (level - 1)


def masks() -> Bools:
    """(7, 76, 31) measurements that each level has."""
    return np.stack([np.outer(injections_kept(k), channels_kept(k)) for k in range(1, LEVELS + 1)])


def basis() -> Floats:
    """(15, 32) orthonormal currents of sum zero on the odd electrodes: cosines and sines, so smooth ones come first."""
    n = len(SOURCE_MA)
    angle = 2 * np.pi * np.arange(n) / n
    waves = [f(k * angle) for k in range(1, n // 2 + 1) for f in (np.cos, np.sin)][: n - 1]
    rows = np.zeros((n - 1, N_ELECTRODES))
    rows[:, ::2] = np.stack(waves)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def projections() -> Floats:
    """(7, 15, 76) what the basis currents (1 mA) would measure = matrix @ what the injections of a level measured.

    Least squares over the injections kept; of what they do not determine, nothing is assumed (least norm).
    """
    mix = pattern().currents @ basis().T
    kept = [injections_kept(k)[:, None] * mix for k in range(1, LEVELS + 1)]
    return np.stack([np.linalg.pinv(rows, rcond=1e-9) for rows in kept])


def site_currents(level: int) -> Floats:
    """(16, 32) mA: one into each odd electrode that a level has left, and out of all of these alike."""
    left = np.zeros(N_ELECTRODES)
    left[2 * (level - 1) :: 2] = 1.0
    return np.asarray((left[:, None] * (np.eye(N_ELECTRODES) - left / left.sum()))[::2])


def site_projections() -> Floats:
    """(7, 16, 76) the same for the currents of sites; rows of lost ones are zero. Exact: a level's injections give all
    currents between the electrodes that it has left."""
    return np.stack(
        [
            site_currents(k)
            @ np.linalg.pinv(injections_kept(k)[:, None] * pattern().currents, rcond=1e-9)
            for k in range(1, LEVELS + 1)
        ]
    )


def site_channels() -> tuple[Bools, Bools]:
    """(7, 16) sites and (7, 32) channels that each level has; the last channel, which would close the ring, none."""
    sites = np.stack([site_currents(k).any(axis=1) for k in range(1, LEVELS + 1)])
    return sites, np.pad(used_channels(), ((0, 0), (0, 1)))


def seen_from_sites() -> tuple[Ints, Ints]:
    """(16, 32) values of (16, 32) and (16, 48) flags of 16 sites and 32 channels, both in the order in which a site
    sees them: itself first, then on in the direction of the numbers."""
    n = len(SOURCE_MA)
    site = np.arange(n)[:, None]
    channels = (2 * site + np.arange(N_ELECTRODES)) % N_ELECTRODES
    sites = (site + np.arange(n)) % n
    return N_ELECTRODES * site + channels, np.concatenate([sites, n + channels], axis=1)


def used_channels() -> Bools:
    """(7, 31) channels that a level has, less the two faulty ones."""
    used = np.stack([channels_kept(k) for k in range(1, LEVELS + 1)])
    used[:, FAULTY] = False
    return used

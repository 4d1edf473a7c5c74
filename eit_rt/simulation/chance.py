"""Chance: random numbers by seed, purpose and counter, so that any frame can be made again alone, in any order.

Imports numpy. Source: Philox 4x64, Salmon et al. 2011, a counter-based generator: the counter is the frame number.
"""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What numbers are drawn for; each has its own stream."""

    CONTACT = 1
    GAIN = 2
    FRAME = 3
    DROP = 4
    FLIP = 5
    BURST = 6
    DIRT = 7
    QUADRATURE = 8


def numbers(seed: int, purpose: Purpose, counter: int = 0) -> np.random.Generator:
    """Generator that depends on these three alone."""
    return np.random.Generator(
        np.random.Philox(key=[seed, int(purpose)], counter=[0, 0, 0, counter])
    )

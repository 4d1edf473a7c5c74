"""What all parts of the experiment with the ten discs share: noises, meshes, tanks and methods. Imports this room."""

from functools import lru_cache

import numpy as np

from eit_rt.study.experiments.diagonal.disc_row import DiscRow, RowTank, count
from eit_rt.study.experiments.diagonal.imagers import Imagers

SPACING = 0.13
"""Of EIDORS' pictures, tank radii."""
NOISE = {"none": np.inf, "60 dB": 60.0, "40 dB": 40.0, "20 dB": 20.0}
"""How far below the change of the voltages."""
DATA, SOLVING, TRAINING = (0.004, 1), (0.006, 2), (0.008, 3)
"""Finest element and seed of three different meshes."""


@lru_cache(maxsize=1)
def imagers() -> Imagers:
    return Imagers()


@lru_cache(maxsize=2)
def tank(spacing: float) -> RowTank:
    """The one that data come from, with as many discs as fit, ten at most."""
    return RowTank(DiscRow(count(spacing), spacing), *DATA)

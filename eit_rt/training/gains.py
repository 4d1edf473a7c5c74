"""Gains that bring a real tank's plain differences to the scale of simulated ones; they end up in the exported graph.

Imports physics, calibration's rule, the readers of measured files and this room.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.calibration.fit import model_gain
from eit_rt.errors import MismatchError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, disc_mesh
from eit_rt.recording.readers import import_file
from eit_rt.training.recipe import Front

ELEMENTS = 8000
Z_CONTACT = 1e-4


def gains_of(front: Front, pattern: Pattern, layout: Layout) -> NDArray[np.float64] | None:
    """(n_meas,) factors of measured differences, or None without a measured empty tank.

    Raises ReaderError or MismatchError for a file that does not fit.
    """
    if front.empty_tank is None:
        return None
    empty = import_file(Path(front.empty_tank))
    if empty.about.pattern != pattern:
        raise MismatchError(
            f"{front.empty_tank} has the pattern {empty.about.pattern.describe()}, the recipe "
            f"{pattern.describe()}; give the empty tank measured with the recipe's pattern"
        )
    return model_gain(next(iter(empty.frames)).values, homogeneous(pattern, layout))


def homogeneous(pattern: Pattern, layout: Layout) -> NDArray[np.float64]:
    """(n_meas,) voltages of the empty tank, background 1."""
    return ForwardModel(disc_mesh(layout, n_elements=ELEMENTS), Z_CONTACT).voltages(1.0, pattern)

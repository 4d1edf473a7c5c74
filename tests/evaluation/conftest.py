"""Pictures with known objects, and a few small simulated tanks, that the tests of this room share."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from eit_rt.evaluation import EvaluationSet
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.training.tank_recipe import DatasetRecipe, Objects
from eit_rt.training.testset import simulated

Floats = NDArray[np.float64]
Disc = tuple[float, float, float, float]
"""x, y, radius, value."""

TANKS = DatasetRecipe(
    name="tiny",
    electrodes=8,
    elements=500,
    count=4,
    shard=4,
    picture=32,
    objects=Objects(count=(0, 1), kinds={"disc": 1}, radius=(0.2, 0.3), resistive=(1e-3, 0.2)),
    thorax_share=0.0,
    background=0.0,
)
PATTERN = Pattern.by_name("adjacent", 8)


def picture_of(discs: list[Disc], size: int = 64) -> Floats:
    """(size, size) of discs, NaN outside the tank: a pixel has the value of the disc that its centre lies in."""
    x = (np.arange(size) + 0.5) / (size / 2) - 1
    y = -x[:, None]
    picture = np.where(x**2 + y**2 <= 1, 0.0, np.nan)
    for cx, cy, radius, value in discs:
        picture[(x - cx) ** 2 + (y - cy) ** 2 <= radius**2] = value
    return picture


@pytest.fixture
def picture() -> Callable[..., Floats]:
    return picture_of


@pytest.fixture(scope="session")
def tanks() -> EvaluationSet:
    """Six tanks with eight electrodes, a disc in each."""
    return _set(0, 6)


@pytest.fixture(scope="session")
def other_tanks() -> EvaluationSet:
    """Six more of the same kind."""
    return _set(1, 6)


def _set(seed: int, count: int) -> EvaluationSet:
    made = simulated(TANKS, PATTERN, seed, count)
    return EvaluationSet(
        f"tiny {seed}",
        PATTERN,
        made.layout,
        made.reference,
        made.frames,
        truth=made.truth.astype(float),
        captions=tuple(f"tank {k + 1}" for k in range(count)),
    )


def blank_set(n: int, **more: object) -> EvaluationSet:
    """n tanks without anything measured that matters."""
    ones = np.ones((n, PATTERN.n_meas))
    return EvaluationSet("blank", PATTERN, Layout.ring(8), ones[:1], ones, **more)  # type: ignore[arg-type]

"""Simulated tanks to judge models on: drawn like a data set's, measured with stated noise, never trained on.

Imports this room, pattern and layout; no torch. The rule it keeps: recipe, seed and count decide everything, and the
seeds of test sets (`TEST_SEEDS`) are refused to data sets.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import SeedSequence, default_rng
from numpy.typing import NDArray

from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.training.scenes import impedances
from eit_rt.training.shard import STEPS, Tanks
from eit_rt.training.tank_recipe import DatasetRecipe

Floats = NDArray[np.float64]

TEST_SEEDS = 2**31
"""Seeds from here on belong to test sets."""


@dataclass(frozen=True, slots=True)
class BoardNoise:
    """What stands between a simulated voltage and what a board reports."""

    level: float = 1e-3
    """Standard deviation of each measurement over the largest voltage: 60 dB, a fair bench board."""
    reference_frames: int = 20
    """Frames that the reference is the mean of."""
    scale_sd: float = 0.01
    """Common change of scale between reference and frame (source, temperature)."""


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedTanks:
    """Frames of simulated tanks."""

    layout: Layout
    pattern: Pattern
    reference: Floats
    """(n, n_meas)"""
    frames: Floats
    """(n, n_meas)"""
    truth: NDArray[np.float32]
    """(n, size, size) contrast, NaN outside the tank."""
    impedances: NDArray[np.float32]
    """(n, k) of the regions, over the water's; k is 0 for tanks with objects."""


def simulated(
    recipe: DatasetRecipe,
    pattern: Pattern,
    seed: int,
    count: int,
    noise: BoardNoise | None = None,
) -> SimulatedTanks:
    """`count` tanks of a recipe's kind, from a seed of their own (0, 1, ...), on meshes that no data set has."""
    how = noise or BoardNoise()
    random = default_rng(SeedSequence([TEST_SEEDS + seed]))
    tanks = Tanks(recipe.model_copy(update={"turns": 1}), random)
    references, frames, pictures, targets = [], [], [], []
    for _ in range(count):
        scene = tanks.scene()
        z_reference, z = tanks.impedances(scene)
        reference, frame = (np.asarray(pattern.voltages(one)) for one in (z_reference, z))
        largest = how.level * np.abs(reference).max()
        frame = frame * np.exp(how.scale_sd * random.normal())
        frames.append(frame + largest * random.normal(size=frame.shape))
        few = largest / np.sqrt(how.reference_frames)
        references.append(reference + few * random.normal(size=frame.shape))
        pictures.append(tanks.pictures(scene)[0])
        targets.append(impedances(scene) if recipe.regions else [])
    truth = np.stack(pictures).astype(np.float32) / np.float32(STEPS)
    truth[:, ~tanks.inside] = np.nan
    return SimulatedTanks(
        recipe.make_layout(),
        pattern,
        np.stack(references),
        np.stack(frames),
        truth,
        np.array(targets, dtype=np.float32),
    )

"""Tanks with regions as arrays: voltages, impedances, and the scale in which a network sees them.

Imports torch, training, pattern and shipped recipes. The rule it keeps: all voltages that are compared are of one
measurement, so that a choice of them differs in nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eit_rt import shipped
from eit_rt.pattern import Pattern
from eit_rt.training.generation import generate
from eit_rt.training.measuring import Measuring
from eit_rt.training.recipe import Noise
from eit_rt.training.samples import Samples
from eit_rt.training.tank_recipe import DatasetRecipe, load_dataset_recipe

Floats = NDArray[np.float64]
RECIPE = "tanks-zhou10"
NOISE = Noise(level=(1e-4, 1e-3))
"""Over the strongest voltage, as the shipped network has it; each tank is measured once."""
SHARD = 100
QUARTILES = 1.349
"""Distance of the quartiles of a normal distribution, in standard deviations."""


@dataclass(frozen=True, slots=True, eq=False)
class Tanks:
    """Measured tanks of regions."""

    voltages: Floats
    """(n, n_meas) v / v_ref - 1 of all measurements of the adjacent pattern."""
    impedances: Floats
    """(n, n_regions), over the water's."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Some of the voltages -> impedances, in the scale that networks see: training tanks set it."""

    x: Tensor
    """(n, inputs) float32"""
    y: Tensor
    """(n, regions) float32: mean 0, standard deviation 1."""
    x_test: Tensor
    test: Floats
    """(n_test, regions), over the water's."""
    mean: Floats
    """(regions,)"""
    deviation: Floats
    """(regions,)"""

    @classmethod
    def of(cls, train: Tanks, test: Tanks, columns: Sequence[int]) -> "Task":
        """The inputs are standardised by their quartiles, then compressed by asinh, as `eit-rt train` does it."""
        chosen, r = train.voltages[:, columns], train.impedances
        low, middle, high = np.quantile(chosen, (0.25, 0.5, 0.75), axis=0)
        spread = (high - low) / QUARTILES
        mean, deviation = r.mean(axis=0), r.std(axis=0)

        def inputs(voltages: Floats) -> Tensor:
            return torch.as_tensor(np.arcsinh((voltages - middle) / spread), dtype=torch.float32)

        return cls(
            inputs(chosen),
            torch.as_tensor((r - mean) / deviation, dtype=torch.float32),
            inputs(test.voltages[:, columns]),
            test.impedances,
            mean,
            deviation,
        )

    def impedances(self, outputs: Tensor) -> Floats:
        """(..., n, regions), over the water's, of outputs in the network's scale."""
        return np.asarray(outputs.numpy()) * self.deviation + self.mean


def recipe_for(n_electrodes: int, count: int, seed: int) -> DatasetRecipe:
    """The shipped recipe with as many regions as electrodes."""
    recipe = load_dataset_recipe(shipped.find("models/recipes", RECIPE, ".yaml"))
    assert recipe.regions is not None
    changes = {
        "electrodes": n_electrodes,
        "regions": recipe.regions.model_copy(update={"count": n_electrodes}),
        # Nobody looks at the pictures.
        "picture": 8,
        "shard": SHARD,
        "count": count,
        "seed": seed,
    }
    return recipe.model_copy(update=changes)


def tanks(folder: Path, recipe: DatasetRecipe) -> Tanks:
    """Simulated, or taken from the folder's .npz files if they are there; then measured."""
    generate(recipe, folder, workers=1)
    samples = Samples.load(folder)
    measuring = Measuring.of(Pattern.by_name("adjacent", recipe.electrodes), NOISE)
    dv, _ = measuring(
        torch.as_tensor(samples.z_reference),
        torch.as_tensor(samples.z),
        torch.Generator().manual_seed(recipe.seed),
    )
    return Tanks(dv.double().numpy(), samples.targets.astype(np.float64))


def columns_apart(n_electrodes: int, *apart: int) -> list[int]:
    """Of the adjacent pattern: drive k and k + 1, sense the pair j further on; all k for the first j, then the next."""
    table = Pattern.by_name("adjacent", n_electrodes).table
    assert table is not None
    places = {(int(row[1]), int(row[2])): m for m, row in enumerate(table)}
    return [places[k, (k + j) % n_electrodes] for j in apart for k in range(n_electrodes)]


def linear(task: Task, numbers: int | None = None) -> Floats:
    """(n_test, regions) of least squares on all training tanks; through so many numbers, or as many as there are.

    Reduced-rank regression: the fit's strongest directions are kept (A. Izenman 1975).
    """
    x = np.column_stack([task.x.double().numpy(), np.ones(len(task.x))])
    x_test = np.column_stack([task.x_test.double().numpy(), np.ones(len(task.x_test))])
    matrix = np.linalg.lstsq(x, task.y.double().numpy(), rcond=None)[0]
    directions = np.linalg.svd(x @ matrix, full_matrices=False)[2][:numbers]
    scaled: Floats = x_test @ matrix @ directions.T @ directions
    return scaled * task.deviation + task.mean


def condition(train: Tanks, columns: Sequence[int]) -> float:
    """Largest over smallest singular value of the voltages' dependence on ln(impedance), by least squares."""
    log = np.log(train.impedances)
    x = np.column_stack([log - log.mean(axis=0), np.ones(len(log))])
    slopes = np.linalg.lstsq(x, train.voltages[:, columns], rcond=None)[0][:-1]
    values = np.linalg.svd(slopes, compute_uv=False)
    return float(values[0] / values[-1])

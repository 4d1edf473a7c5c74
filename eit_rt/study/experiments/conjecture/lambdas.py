"""Errors with one choice of lambdas against another, seed by seed. Imports numpy and the study's tables.

Lambdas are compared at the same tasks, samples, noises and seeds; the mean over all but the seed is geometric.
"""

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.statistics import Interval, ratio
from eit_rt.study.table import Table

Lambdas = tuple[float, float, float]
ALONE: Lambdas = (1.0, 0.0, 0.0)
LIGHT: Lambdas = (0.98, 0.02, 0.0)
HALF: Lambdas = (0.5, 0.5, 0.0)
WITH_WEIGHTS: Lambdas = (0.98, 0.01, 0.01)
HEAVY: Lambdas = (0.8, 0.1, 0.1)
REGULARISED = (LIGHT, HALF, WITH_WEIGHTS, HEAVY)


def against(table: Table, a: Lambdas, b: Lambdas, looks: int = 1) -> Interval:
    """e with lambdas a over e with lambdas b. looks: from so many was a picked (all intervals hold together)."""
    return ratio(_errors(of(table, a)), _errors(of(table, b)), looks)


def of(table: Table, lambdas: Lambdas) -> Table:
    return table.where(**dict(zip(("lambda1", "lambda2", "lambda3"), lambdas, strict=True)))


def told(lambdas: Lambdas) -> str:
    return "({:g}, {:g}, {:g})".format(*lambdas)


def _errors(table: Table) -> NDArray[np.float64]:
    """(seeds,) geometric mean over all else."""
    log, seeds = np.log(table["e"]), sorted(table.values("seed"))
    return np.exp([log[table["seed"] == seed].mean() for seed in seeds])

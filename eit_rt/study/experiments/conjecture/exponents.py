"""Powers with which one column of the minima goes over another, a seed each. Imports numpy and this room."""

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.statistics import Interval, mean, power
from eit_rt.study.table import Table


def exponents(table: Table, of: str, over: str) -> NDArray[np.float64]:
    """(seeds,) the power with which one column goes over another, mean over tasks, lambdas, and n or noise."""
    rest = ["task", "lambda1", "lambda2", "lambda3", "noise" if over == "n" else "n"]
    return np.array([
        np.mean([power(rows[over], rows[of]).value for _, rows in own.groups(*rest)])
        for _, own in table.sorted_by("seed").groups("seed")
    ])  # fmt: skip


def exponent(table: Table, of: str, over: str) -> Interval:
    """Mean over the seeds."""
    return mean(exponents(table, of, over))

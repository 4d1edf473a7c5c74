"""Losses compared at the same lambdas and seeds, from the table of what they selected. Imports this room and numpy.

A table has the columns task, measure, p (a setting), loss, lambda1..3, seed, C, r, train, test. The independent unit is
the seed: everything else is averaged first.
"""

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.statistics import Interval, mean, ratio
from eit_rt.study.table import Table

SETTING = ("task", "measure", "p")
PLAIN = "none"
"""The loss without the term of complexity."""
FLAT = 0.9
"""A test error above this is about that of a constant, which is 1."""
Floats = NDArray[np.float64]


def inside(table: Table) -> Table:
    """The lambdas at which error and complexity both count."""
    return table.rows((table["lambda1"] > 0.001) & (table["lambda2"] > 0))


def by_seed(table: Table, column: str) -> Floats:
    """(seeds,) mean over all else; of the logarithm, except for C."""
    value = table[column] if column == "C" else np.log(table[column])
    return np.array([value[table["seed"] == seed].mean() for seed in sorted(table.values("seed"))])


def change(table: Table, a: str, b: str, column: str) -> Interval:
    """Loss a against loss b at the same lambdas: difference of C, ratio of anything else."""
    of_a, of_b = (by_seed(table.where(loss=name), column) for name in (a, b))
    return mean(of_a - of_b) if column == "C" else ratio(np.exp(of_a), np.exp(of_b))


def learned(table: Table) -> tuple[Table, int, int]:
    """The rows at lambdas where a loss learns more than a constant; at how many none does; of how many.

    None does where the median test error over settings and seeds is above FLAT with each loss.
    """
    kept = np.zeros(len(table), dtype=np.bool_)
    none, points = 0, list(table.groups("lambda2", "lambda3"))
    for (b, c), rows in points:
        if all(np.median(one["test"]) > FLAT for _, one in rows.groups("loss")):
            none += 1
        else:
            kept |= (table["lambda2"] == b) & (table["lambda3"] == c)
    return table.rows(kept), none, len(points)


def at_its_best(table: Table, loss: str) -> Floats:
    """(seeds,) test error, geometric mean over settings, each at the lambdas that are best for the other seeds."""
    found = []
    for _, rows in table.where(loss=loss).groups(*SETTING):
        grid = np.array([by_seed(one, "test") for _, one in rows.groups("lambda2", "lambda3")])
        others = grid.sum(axis=1, keepdims=True) - grid
        found.append(np.take_along_axis(grid, others.argmin(axis=0)[None], axis=0)[0])
    error: Floats = np.exp(np.mean(found, axis=0))
    return error


def halves(table: Table) -> tuple[Table, Table]:
    """In each setting the half of the lambdas at which the plain loss leaves the larger C, and the other half."""
    kept = np.zeros(len(table), dtype=np.bool_)
    for key, rows in table.groups(*SETTING):
        plain = {
            point: one["C"].mean()
            for point, one in rows.where(loss=PLAIN).groups("lambda2", "lambda3")
        }
        middle = np.median(list(plain.values()))
        own = np.all([table[name] == value for name, value in zip(SETTING, key, strict=True)], axis=0)  # fmt: skip
        for (b, c), value in plain.items():
            if value >= middle:
                kept |= own & (table["lambda2"] == b) & (table["lambda3"] == c)
    return table.rows(kept), table.rows(~kept)


def settings_that(table: Table, a: str, b: str, direction: int) -> tuple[int, int, int]:
    """In how many settings a changes C against b in this direction, clearly; in the other one, clearly; of how many."""
    effects = [change(rows, a, b, "C") for _, rows in table.groups(*SETTING)]
    up, down = sum(one.low > 0 for one in effects), sum(one.high < 0 for one in effects)
    return (up, down, len(effects)) if direction > 0 else (down, up, len(effects))

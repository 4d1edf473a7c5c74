"""What is measured of networks of impedances: one function for each table of experiment "ten-impedances".

Imports this room. Rows are of one network each, from a seed of its own.
"""

import numpy as np

from eit_rt.study.experiments.ten_impedances import impedances
from eit_rt.study.experiments.ten_impedances.estimates import (
    Training,
    estimates,
    relative_errors,
    scores,
)
from eit_rt.study.experiments.ten_impedances.impedances import Floats, Task
from eit_rt.study.run import Rows

HIDDEN = (128, 64, 6)
"""Of the paper."""
SHOWN = (0.0, 1e-2)
"""lambda3 of Figures 2-4 and of Figures 5-7."""
SAMPLES = 3
"""Test tanks in those."""
GROUPS = 20
"""Of so many test tanks."""
NUMBERS = (2, 4, 6, 8, 10, 16, 32)
"""Neurons of the last hidden layer."""


def _scored(task: Task, found: Floats) -> list[dict[str, float]]:
    """A row for each network. guess: error of the mean for everything."""
    guess = float(relative_errors(task.mean, task.test).mean())
    return [{"seed": k, **scores(one, task.test), "guess": guess} for k, one in enumerate(found)]


def sweep(task: Task, training: Training, lambda3: float, _: np.random.Generator) -> Rows:
    made = estimates(task, HIDDEN, training, lambda3)
    rows = [
        row | {"norm": norm}
        for row, norm in zip(_scored(task, made.found), made.norms, strict=True)
    ]
    if lambda3 not in SHOWN:
        return {"sweep": rows}
    samples = [
        {"sample": k + 1, "region": r + 1, "true": true, "found": made.found[0, k, r]}
        for (k, r), true in np.ndenumerate(task.test[:SAMPLES])
    ]
    errors = relative_errors(made.found, task.test)[:, : SAMPLES * GROUPS]
    threes = [
        {"seed": seed, "group": group, "error": error}
        for (seed, group), error in np.ndenumerate(errors.reshape(-1, GROUPS, SAMPLES).mean(axis=2))
    ]
    return {"sweep": rows, "samples": samples, "threes": threes}


def few(task: Task, training: Training, lambda3: float, few: int, _: np.random.Generator) -> Rows:
    return {"few": _scored(task, estimates(task, HIDDEN, training, lambda3, few).found)}


def through(task: Task, training: Training, numbers: int, _: np.random.Generator) -> Rows:
    """A last hidden layer of so many neurons, and the best straight line through so many numbers."""
    found = estimates(task, (*HIDDEN[:-1], numbers), training).found
    sizes = np.linalg.svd(found - found.mean(axis=1, keepdims=True), compute_uv=False)
    sizes = (sizes / sizes[:, :1]).mean(axis=0)
    return {
        "numbers": _scored(task, found),
        "directions": [{"direction": k + 1, "size": size} for k, size in enumerate(sizes)],
        "lines": [scores(impedances.linear(task, numbers), task.test)],
    }


def from_voltages(task: Task, condition: float, training: Training, _: np.random.Generator) -> Rows:
    line = {"count": task.x.shape[1], "condition": condition}
    line |= scores(impedances.linear(task), task.test)
    rows = [
        {"numbers": numbers} | row
        for numbers in (HIDDEN[-1], NUMBERS[-1])
        for row in _scored(task, estimates(task, (*HIDDEN[:-1], numbers), training).found)
    ]
    return {"voltage_lines": [line], "voltages": rows}


def eight(task: Task, training: Training, _: np.random.Generator) -> Rows:
    return {"eight": _scored(task, estimates(task, HIDDEN[:2], training).found)}

"""Theorem 2: the error of a trigonometric series against its last coefficients. No network and no chance in it."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Experiment, Picture
from eit_rt.study.experiments.trigonometric.verdicts import judge
from eit_rt.study.run import Rows, Run, Tables

Floats = NDArray[np.float64]
POINTS = 20_000
"""Of the circle, at which the error is looked for: half a step beside 0, where some functions jump."""
ROUNDING = 1e-12
"""Smaller coefficients are left out: the error is then that of the arithmetic."""


def _odd(k: Floats, value: Floats) -> Floats:
    return np.where(k % 2 == 1, value, 0.0)


def _powers_of_three(k: Floats) -> Floats:
    j = np.round(np.log(k) / np.log(3))
    return np.where(3.0**j == k, 2.0**-j, 0.0)


Series = Callable[[Floats], Floats]
FUNCTIONS: dict[str, tuple[str, Series, float, Series, Series]] = {
    # name: what, f(t), a_0/2, a_k, b_k
    "exp(cos t)": (
        "entire", lambda t: np.exp(np.cos(t)), float(ive(0, 1) * np.e),
        lambda k: 2 * np.e * ive(k, 1), np.zeros_like,
    ),
    "Poisson, r = 0.25": (
        "analytic", lambda t: (1 - 0.0625) / (1 - 0.5 * np.cos(t) + 0.0625), 1.0,
        lambda k: 2 * 0.25**k, np.zeros_like,
    ),
    "Poisson, r = 0.6": (
        "analytic", lambda t: (1 - 0.36) / (1 - 1.2 * np.cos(t) + 0.36), 1.0,
        lambda k: 2 * 0.6**k, np.zeros_like,
    ),
    "|t|": (
        "a corner", np.abs, np.pi / 2, lambda k: _odd(k, -4 / (np.pi * k**2)), np.zeros_like,
    ),
    "sum of 2^-j cos(3^j t)": (
        "continuous, nowhere smooth",
        lambda t: sum((2.0**-j * np.cos(3.0**j * t) for j in range(40)), np.zeros_like(t)), 0.0,
        _powers_of_three, np.zeros_like,
    ),
    "sign(t)": (
        "a jump", np.sign, 0.0, np.zeros_like, lambda k: _odd(k, 4 / (np.pi * k)),
    ),
}  # fmt: skip


def measure(run: Run) -> None:
    for name in FUNCTIONS:
        run.cell({"function": name}, partial(_errors, name, run.pick(quick=256, full=2048)))


def _errors(name: str, terms: int, _: np.random.Generator) -> Rows:
    kind, function, mean, a_of, b_of = FUNCTIONS[name]
    t = -np.pi + 2 * np.pi * (np.arange(POINTS) + 0.5) / POINTS
    k = np.arange(1.0, terms + 1)
    a, b, true, series = a_of(k), b_of(k), function(t), np.full(POINTS, mean)
    width = float(true.max() - true.min())
    rows = []
    for m in range(1, terms + 1):
        series += a[m - 1] * np.cos(m * t) + b[m - 1] * np.sin(m * t)
        error = float(np.abs(series - true).max())
        if error < ROUNDING:
            break
        half = (abs(a[m - 1]) + abs(b[m - 1])) / 2
        rows.append(
            {"kind": kind, "range": width, "M": m, "error": error, "half_coefficients": half}
        )
    return {"errors": rows}


def draw(tables: Tables) -> list[Picture]:
    figure = new_figure(8, 4.6)
    groups = list(tables["errors"].groups("function"))
    for k, (axes, ((name,), rows)) in enumerate(
        zip(figure.subplots(2, 3).flat, groups, strict=True)
    ):
        there = rows["half_coefficients"] > 0
        axes.loglog(rows["M"], rows["error"], color="black", label="|f_M − f|, largest")
        axes.loglog(
            rows["M"][there], rows["half_coefficients"][there], ".", ms=3, color="tab:red",
            label="(|a_M| + |b_M|)/2",
        )  # fmt: skip
        axes.set_title(f"{name}: {rows['kind'][0]}", fontsize=8)
        axes.set_xlabel("M")
        if k == 0:
            axes.legend(fontsize=7)
    caption = (
        "Error of the series, and half of its last coefficients. Where dots lie above the line, C = 0 would do. The "
        f"largest error is looked for on {POINTS} points: beside the jump it is 1 for every M, and the bend at the "
        "right (of |t| too) is the grid's."
    )
    return [Picture("trigonometric", caption, figure)]


EXPERIMENT = Experiment(
    number=6,
    name="trigonometric",
    title="A bound from the last coefficients",
    place="Section IV, Theorem 2",
    claim="For a type of smooth enough function f(t): |f<sub>M</sub>(t) − f(t)| &lt; C + ½ (|a<sub>M</sub>| + "
    "|b<sub>M</sub>|), C a positive constant, f<sub>M</sub> the trigonometric series up to M; lim a<sub>M</sub>, "
    "b<sub>M</sub> = 0.",
    method="<p>Six functions whose coefficients are known in closed form, from entire to jumping; the largest error on "
    f"{POINTS} points of the circle, for each M. The paper does not say what C depends on. Read as “some C for each "
    "function” it is measured as the smallest that works; read strictly, C = 0; read so that it says something, any "
    "C &gt; 0 does from some M on: looked for in the second half of the series (which ends where "
    "the error is that of the arithmetic), with a C of 1 % of max f − min f.</p>",
    measure=measure,
    judge=judge,
    draw=draw,
)

"""Theorem 2: the coefficients are those of the functions, and the verdicts follow from the errors."""

import numpy as np
import pytest
from scipy.integrate import quad

from eit_rt.study.experiments.trigonometric import EXPERIMENT, FUNCTIONS
from eit_rt.study.run import Effort, Run
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "sum" not in name])
def test_coefficients_are_the_integrals(name):
    _, function, mean, a_of, b_of = FUNCTIONS[name]

    def integral(weight):
        value = lambda t: float(function(np.array([t]))[0]) * weight(t)  # noqa: E731
        return quad(value, -np.pi, np.pi, points=[0.0], limit=200)[0] / np.pi

    assert mean == pytest.approx(integral(lambda t: 0.5), abs=1e-8)
    k = np.arange(1.0, 6.0)
    assert a_of(k) == pytest.approx([integral(lambda t, k=k: np.cos(k * t)) for k in k], abs=1e-8)
    assert b_of(k) == pytest.approx([integral(lambda t, k=k: np.sin(k * t)) for k in k], abs=1e-8)


def test_the_nowhere_smooth_series_is_its_own_sum():
    _, function, _, a_of, _ = FUNCTIONS["sum of 2^-j cos(3^j t)"]
    t = np.array([0.0, 1.0, 2.5])
    k = 3.0 ** np.arange(12)
    assert a_of(np.arange(1.0, 10.0)).tolist() == [1, 0, 0.5, 0, 0, 0, 0, 0, 0.25]
    assert np.cos(np.outer(t, k)) @ a_of(k) == pytest.approx(function(t), abs=1e-3)


def test_measured_as_algebra_says(tmp_path):
    """Poisson's kernel at t = 0: what is left out after M is 2 r^(M+1) / (1 - r)."""
    run = Run("trigonometric", tmp_path, Effort.QUICK)
    EXPERIMENT.measure(run)
    errors = run.tables()["errors"]
    rows = errors.where(function="Poisson, r = 0.6")
    m = rows["M"][:20]
    assert rows["error"][:20] == pytest.approx(2 * 0.6 ** (m + 1) / 0.4, rel=1e-4)
    outcomes = [one.outcome for one in EXPERIMENT.judge({"errors": errors})]
    assert outcomes == [Outcome.HOLDS, Outcome.DOES_NOT, Outcome.HOLDS]


def test_a_bound_that_is_never_broken_would_be_told():
    m = np.arange(1, 30)
    rows = [
        {"function": name, "kind": "", "M": k, "error": 0.1 / k, "half_coefficients": 0.2 / k}
        for name in FUNCTIONS
        for k in m
    ]
    assert EXPERIMENT.judge({"errors": Table.of(rows)})[1].outcome is Outcome.HOLDS

"""Theorem 2: the coefficients are those of the functions, and the verdicts follow from the errors."""

import numpy as np
import pytest
from scipy.integrate import quad

from eit_rt.study.experiments.trigonometric import EXPERIMENT
from eit_rt.study.experiments.trigonometric.experiment import FUNCTIONS
from eit_rt.study.run import Effort, Run
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

HOLDS, DOES_NOT = Outcome.HOLDS, Outcome.DOES_NOT


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
    assert outcomes == [HOLDS, DOES_NOT, HOLDS, HOLDS]
    assert rows["range"][0] == pytest.approx(1.6 / 0.4 - 0.4 / 1.6, rel=1e-4)


def world(**changes):
    """Errors of each function below half of its coefficients, which fade; changes: name of a kind -> other columns."""
    kinds = {"entire": "exp(cos t)", "analytic": "Poisson", "a jump": "sign(t)"}
    return {
        "errors": Table.of(
            [
                {"function": name, "kind": kind, "range": 2.0, "M": m}
                | {"error": 0.1 / m, "half_coefficients": 0.2 / m**2 + 0.1 / m}
                | {column: of(m) for column, of in changes.get(kind.split()[-1], {}).items()}
                for kind, name in kinds.items()
                for m in range(1, 101)
            ]
        )
    }


def outcomes(tables):
    return [one.outcome for one in EXPERIMENT.judge(tables)]


def test_bounds_that_are_never_broken_hold():
    assert outcomes(world()) == [HOLDS] * 4


@pytest.mark.parametrize("endless", [np.inf, np.nan])
def test_an_error_without_bound_has_no_constant(endless):
    tables = world(analytic={"error": lambda m: endless if m == 3 else 0.0})
    some = EXPERIMENT.judge(tables)[0]
    assert some.outcome is DOES_NOT
    assert "Only 2 of 3" in some.because


def test_one_early_m_breaks_the_strict_bound_but_not_that_of_late_m():
    tables = world(analytic={"error": lambda m: 5.0 if m == 1 else 0.1 / m})
    strict = EXPERIMENT.judge(tables)[1]
    assert outcomes(tables) == [HOLDS, DOES_NOT, HOLDS, HOLDS]
    assert "Poisson 99.00%" in strict.because


@pytest.mark.parametrize(("late", "outcome"), [(0.019, HOLDS), (0.021, DOES_NOT)])
def test_late_m_of_a_smooth_function_may_need_a_hundredth_of_its_range(late, outcome):
    tables = world(
        entire={
            "error": lambda _: late + 0.01,
            "half_coefficients": lambda m: 1.0 if m < 3 else 0.01,
        }
    )
    found = EXPERIMENT.judge(tables)[2]
    assert found.outcome is outcome
    assert found.numbers[0].value == pytest.approx(late / 2)


def test_a_jump_is_told_beside_and_does_not_decide():
    late = EXPERIMENT.judge(world(jump={"error": lambda _: 1.0}))[2]
    assert late.outcome is HOLDS
    assert "a jump (sign(t)) 49." in late.because


@pytest.mark.parametrize(("last", "outcome"), [(0.05, HOLDS), (0.2, DOES_NOT)])
def test_coefficients_fade_below_a_tenth_or_not(last, outcome):
    tables = world(jump={"half_coefficients": lambda m: 1.0 if m == 1 else last})
    assert outcomes(tables)[3] is outcome

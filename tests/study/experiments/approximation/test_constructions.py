"""What is written down as sums is what a network of so many neurons computes."""

import numpy as np
import pytest

from eit_rt.study.experiments.approximation.constructions import ramps, steps, towers
from eit_rt.study.experiments.approximation.functions import landscapes, logarithmic, rise

X = np.random.default_rng(0).random((500, 1))


def wavy(x):
    return np.sin(5 * x).sum(axis=1)


@pytest.mark.parametrize("n", [1, 3, 16])
def test_ramps_are_a_layer_of_n_relu_neurons(n):
    places = np.arange(n) / n
    values = wavy(np.arange(n + 1)[:, None] / n)
    slopes = np.diff(values) * n
    bends = np.diff(slopes, prepend=0.0)
    network = values[0] + np.maximum(X - places, 0) @ bends
    assert ramps(wavy, n, X) == pytest.approx(network, abs=1e-12)


@pytest.mark.parametrize("n", [1, 3, 16])
def test_steps_are_a_layer_of_n_step_neurons(n):
    heights = wavy((np.arange(n)[:, None] + 0.5) / n)
    network = (np.arange(n) / n <= X) @ np.diff(heights, prepend=0.0)
    assert steps(wavy, n, X) == pytest.approx(network, abs=1e-12)


@pytest.mark.parametrize("n", [8, 16, 100])
def test_towers_have_no_more_than_n_neurons(n):
    x = np.random.default_rng(1).random((200, 2))
    m = int(np.sqrt(n - 1)) - 1
    assert m * m + 2 * (m + 1) <= n
    edges = np.arange(m + 1) / m
    first = np.concatenate([x[:, :1] >= edges, x[:, 1:] >= edges], axis=1)
    total = np.zeros(len(x))
    for i in range(m):
        for j in range(m):
            inside = first[:, i] & ~first[:, i + 1] & first[:, m + 1 + j] & ~first[:, m + 2 + j]
            total += inside * wavy(np.array([[(i + 0.5) / m, (j + 0.5) / m]]))
    assert towers(wavy, n, x) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("name", landscapes(0.3))
def test_errors_are_looked_for_everywhere_and_beside_jumps(name):
    land = landscapes(0.3)[name]
    x, share = land.grid()
    assert x.shape == (len(share), land.dimensions)
    assert share.sum() == pytest.approx(1.0)
    assert ((x >= 0) & (x <= 1)).all()
    assert np.isfinite(land.values(x)).all()
    if "indicator" in name:
        # The share of ones is the size of the inside: an interval of 0.4, a disc of radius 0.3.
        inside = 0.4 if land.dimensions == 1 else np.pi * 0.09
        assert share @ land.values(x) == pytest.approx(inside, abs=2e-3)
    if land.special:
        assert np.abs(x[:, 0] - land.special[0]).min() < 1e-8


def test_the_logarithmic_function_is_continuous_and_slower_than_powers():
    assert logarithmic(np.array([[0.0], [1.0]])).tolist() == [0.0, 1.0]
    assert float(logarithmic(np.array([[1e-12]]))[0]) > 1e-12**0.2


def test_a_rise_has_the_slope_that_it_says():
    x = np.array([[0.4 - 1e-6], [0.4 + 1e-6]])
    low, high = rise(64.0, 0.5)(x)
    assert (high - low) / 2e-6 == pytest.approx(32.0, rel=1e-3)

"""Networks through samples: seeds are paired, starts are as said, and training fits."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.ill_posed.interpolants import (
    USUAL,
    Interpolants,
    Start,
    best_start,
    samples_of,
    straight_lines,
)
from eit_rt.study.experiments.ill_posed.targets import TARGETS, Ruler, joined
from eit_rt.study.table import Table


def test_samples_of_a_seed_are_its_own_and_the_same_again():
    target = TARGETS["all"]
    x, y = samples_of(target, 50, 3)
    again, other = samples_of(target, 50, 3), samples_of(target, 50, 4)
    np.testing.assert_array_equal(x, again[0])
    np.testing.assert_array_equal(y, again[1])
    assert not np.isin(x, other[0]).any()


def test_gain_makes_a_relu_network_larger_and_leaves_its_kinks():
    nets = Interpolants(TARGETS["jumps"], 16, 8, "relu")
    plain, wide = nets.fitted([0], [Start(1.0, 0.0), Start(4.0, 0.0)], steps=1).split(1)
    bias = plain[0, -1]
    x = np.linspace(-1, 1, 50)[:, None]
    expected = 4 * (nets.outputs(plain, x) - bias.item()) + bias.item()
    np.testing.assert_allclose(nets.outputs(wide, x), expected, atol=1e-5)


@pytest.mark.parametrize("inputs", ["hole", "plane"])
def test_each_member_trains_with_its_own_rate_as_it_would_alone(inputs):
    nets = Interpolants(TARGETS[inputs], 32, 8, "tanh")
    starts = [Start(1.0, 0.01), Start(4.0, 0.1)]
    both = nets.fitted([0, 1], starts, steps=5)
    alone = torch.cat([nets.fitted([0, 1], [start], steps=5) for start in starts])
    torch.testing.assert_close(both, alone, atol=1e-4, rtol=1e-4)


def test_each_member_trains_with_its_own_lambdas_as_it_would_alone():
    nets = Interpolants(TARGETS["jumps"], 32, 8, "relu")
    start = Start(4.0, 0.1)
    lambdas = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.0, 0.5]])
    both = nets.fitted([0, 1], [start, start], 20, lambdas)
    plain = nets.fitted([0, 1], [start], 20)
    weighed = nets.fitted([0, 1], [start], 20, lambdas[1])
    torch.testing.assert_close(both, torch.cat([plain, weighed]), atol=1e-4, rtol=1e-4)
    norms = torch.linalg.vector_norm(nets.networks.weights(both), dim=1)
    assert (norms[2:] < norms[:2]).all()


def test_training_fits_a_smooth_function_with_a_hole():
    torch.manual_seed(0)
    rows = Interpolants(TARGETS["hole"], 256, 16, "tanh").scored([0, 1], Start(4.0, 0.1), 400)[
        "scores"
    ]
    assert max(row["error"] for row in rows) < 0.1


def test_straight_lines_are_a_relu_network_of_one_hidden_layer():
    """Weights written down, not trained: f(x) = y_0 + sum of (change of slope) relu(x - x_k).

    A unit for each of n samples: the last one makes the line level beyond the outermost sample.
    """
    target = TARGETS["pole"]
    x, y = samples_of(target, 64, 0)
    order = np.argsort(x[:, 0])
    knots, heights = x[order, 0], y[order]
    slopes = np.diff(heights) / np.diff(knots)
    units = np.diff(slopes, prepend=0.0, append=0.0)
    at = np.concatenate([Ruler.of(target).x, [[-1.0], [1.0]]])
    assert at.max() > knots[-1]
    network = heights[0] + np.maximum(at - knots, 0) @ units
    assert len(units) == 64
    np.testing.assert_allclose(network, joined(x, y, at), atol=1e-8)


def test_shown_samples_come_with_the_lines():
    rows = straight_lines(TARGETS["plane"], 40, [0, 1], shown=True)
    assert [row["seed"] for row in rows["lines"]] == [0, 1]
    assert len(rows["points"]) == 40


@pytest.mark.parametrize(("width", "rate"), [(4, 0.1), (16, 0.1), (20, 0.1), (64, 0.3), (256, 0.3)])
def test_best_start_is_that_of_the_next_smaller_tuned_width(width, rate):
    tuning = Table.of(
        [
            {"tuned_at": 16, "gain": 1, "rate": 0.1, "error": 0.2},
            {"tuned_at": 16, "gain": 1, "rate": 0.3, "error": float("nan")},
            {"tuned_at": 64, "gain": 1, "rate": 0.1, "error": 0.3},
            {"tuned_at": 64, "gain": 4, "rate": 0.3, "error": 0.1},
        ]
    )
    assert best_start(tuning, width).rate == rate


def test_the_usual_start_is_that_of_torch():
    assert USUAL.gain == 1

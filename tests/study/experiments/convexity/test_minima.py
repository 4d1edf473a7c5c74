"""Permuted neurons, curves and exact fits, where the answer is known."""

import torch

from eit_rt.study.experiments.convexity import minima
from eit_rt.study.networks import Networks

SHAPE = Networks((3, 8, 6, 2), "tanh")


def problem(members=3, n=4):
    g = torch.Generator().manual_seed(5)
    x = torch.randn(members, n, 3, generator=g, dtype=torch.float64)
    y = torch.randn(members, n, 2, generator=g, dtype=torch.float64)
    return SHAPE.start(members, g).double(), x, y


def test_permuted_neurons_are_other_parameters_and_the_same_function():
    rows, x, _ = problem()
    moved = minima.permuted(SHAPE, rows)
    assert (moved - rows).norm() > 0.1 * rows.norm()
    assert torch.allclose(SHAPE.outputs(moved, x), SHAPE.outputs(rows, x))


def test_a_bezier_curve_starts_and_ends_where_it_should_and_is_straight_with_the_middle():
    a, b = torch.randn(2, 3, 5)
    middle = (a + b) / 2
    assert torch.equal(minima.bezier(a, middle, b, 0.0), a)
    assert torch.equal(minima.bezier(a, middle, b, 1.0), b)
    assert torch.allclose(minima.bezier(a, middle, b, 0.25), 0.75 * a + 0.25 * b, atol=1e-6)


def test_a_curve_goes_round_a_ring():
    """Least on a circle: between two opposite points the straight line crosses the hill in the middle."""

    def ring(w):
        return (w.norm(dim=1) - 1).square()

    a = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    b = torch.tensor([[-1.0, 0.01]], dtype=torch.float64)
    torch.manual_seed(0)
    middle = minima.connect(ring, a, b, 400, 3e-2)
    heights = [float(ring(minima.bezier(a, middle, b, k / 20))) for k in range(21)]
    assert float(ring((a + b) / 2)) > 0.9
    assert max(heights) < 0.1


def test_jacobians_agree_with_differences():
    rows, x, _ = problem()
    step = 1e-6 * torch.randn_like(rows)
    change = (SHAPE.outputs(rows + step, x) - SHAPE.outputs(rows - step, x)).flatten(1) / 2
    product = torch.einsum("mij,mj->mi", minima.jacobians(SHAPE, rows, x), step)
    assert torch.allclose(product, change, atol=1e-12)


def test_exact_fits_are_exact_and_those_that_are_there_stay():
    rows, x, y = problem()
    there = minima.fitted_exactly(SHAPE, rows, x, y, 200)
    assert minima.errors(SHAPE, there[:, None], x, y).max() < 1e-12
    assert torch.equal(minima.fitted_exactly(SHAPE, there, x, y, 5), there)


def test_a_path_keeps_its_ends_and_gaps_fall_to_a_quarter_where_it_is_smooth():
    rows, x, y = problem()
    a = minima.fitted_exactly(SHAPE, rows, x, y, 200)
    b = minima.fitted_exactly(SHAPE, a + 0.05 * torch.randn_like(a), x, y, 200)
    points = torch.stack([a, (a + b) / 2, b], dim=1)
    path, gaps = minima.exact_path(SHAPE, points, x, y, 100, 3)
    assert path.shape[1] == 17
    assert torch.equal(path[:, 0], a)
    assert torch.equal(path[:, -1], b)
    assert minima.errors(SHAPE, path, x, y).max() < 1e-12
    assert torch.allclose(gaps[1:] / gaps[:-1], torch.full_like(gaps[1:], 0.25), rtol=0.2)

"""Complexity measures against what algebra says of small cases; all in (0, 1), all differentiable."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from eit_rt.training.complexity import hessian_top, hessian_trace, rademacher, squash


def test_squash_is_rising_and_stays_between():
    raw = torch.tensor([0.0, 1e-9, 0.5, 2.0, 1e9, torch.finfo(torch.float32).max])
    c = squash(raw, 0.5)
    assert ((c > 0) & (c < 1)).all()
    assert (c.diff() >= 0).all()
    assert float(squash(torch.tensor(0.5), 0.5)) == pytest.approx(0.5)


def test_rademacher_is_the_mean_over_all_signs():
    """Small enough to write out: all 2^6 sign vectors."""
    output = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    exact = np.mean(
        [
            np.linalg.norm(np.array(signs) @ output.numpy()) / 6
            for signs in itertools.product((-1, 1), repeat=6)
        ]
    )
    torch.manual_seed(1)
    assert float(rademacher(output[None], 20_000)) == pytest.approx(exact, rel=0.01)
    # The supremum over |u| <= 1 is reached by no read-out drawn at random.
    u = torch.nn.functional.normalize(torch.randn(1000, 3), dim=1)
    signs = torch.tensor([1.0, -1, 1, 1, -1, -1])
    assert float((u @ (signs @ output / 6)).max()) <= float((signs @ output / 6).norm()) + 1e-6


def test_rademacher_grows_with_the_outputs_and_falls_with_the_samples():
    torch.manual_seed(0)
    output = torch.randn(400, 5)
    assert float(rademacher(3 * output[None], 500)) == pytest.approx(
        3 * float(rademacher(output[None], 500)), rel=0.05
    )
    ratio = float(rademacher(output[None, :100], 500)) / float(rademacher(output[None], 500))
    assert ratio == pytest.approx(2.0, rel=0.1)


def quadratic(eigenvalues):
    """Weights w and a loss w'Hw/2 whose Hessian has these eigenvalues."""
    n = len(eigenvalues)
    q = torch.linalg.qr(torch.randn(n, n, generator=torch.Generator().manual_seed(2)))[0]
    h = q @ torch.diag(torch.tensor(eigenvalues)) @ q.T
    w = torch.randn(n, 1, requires_grad=True)
    return w, 0.5 * (w.T @ h @ w).squeeze()


def test_trace_of_a_known_hessian():
    w, loss = quadratic([5.0, 2.0, 1.0, 0.5])
    torch.manual_seed(0)
    assert hessian_trace(loss[None], [w], 400).item() == pytest.approx(8.5 / 4, rel=0.1)


@pytest.mark.parametrize("eigenvalues", [[5.0, 2.0, 1.0, 0.5], [-6.0, 2.0, 1.0, 0.5]])
def test_top_eigenvalue_of_a_known_hessian(eigenvalues):
    w, loss = quadratic(eigenvalues)
    assert hessian_top(loss, [w], 30).item() == pytest.approx(max(map(abs, eigenvalues)), rel=1e-3)


@pytest.mark.parametrize("measure", [hessian_trace, hessian_top])
@pytest.mark.parametrize("activation", [nn.ReLU, nn.GELU, nn.Tanh])
def test_slope_of_curvature_is_the_difference_quotient(measure, activation):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 8), activation(), nn.Linear(8, 2)).double()
    x, y = torch.randn(20, 3).double(), torch.randn(20, 2).double()
    weights = [p for p in net.parameters() if p.ndim == 2]

    def value():
        torch.manual_seed(5)
        loss = (net(x) - y).square().mean()
        return measure(loss[None] if measure is hessian_trace else loss, weights, 400).squeeze()

    slope = torch.autograd.grad(value(), weights)
    direction = [torch.randn_like(w) for w in weights]
    expected = sum(float((a * b).sum()) for a, b in zip(slope, direction, strict=True))
    step, ends = 1e-5, []
    for sign in (1, -2):
        with torch.no_grad():
            for w, d in zip(weights, direction, strict=True):
                w += sign * step * d
        ends.append(value().item())
    assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(expected, rel=1e-2, abs=1e-6)


def test_traces_of_several_networks_are_each_their_own():
    """Two quadratics in one tensor of weights: the second's curvature is three times the first's."""
    w = torch.randn(2, 4, requires_grad=True)
    losses = 0.5 * (torch.tensor([[1.0], [3.0]]) * torch.tensor([4.0, 2.0, 1.0, 1.0]) * w**2).sum(1)
    assert hessian_trace(losses, [w], 3).tolist() == pytest.approx([2.0, 6.0], rel=1e-5)

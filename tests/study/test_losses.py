"""The paper's losses for rows of parameters are those that `eit-rt train` uses for one network."""

import pytest
import torch

from eit_rt.study.losses import PaperLoss
from eit_rt.study.networks import Networks
from eit_rt.training.complexity import squash

NETWORKS = Networks((2, 6, 3), "tanh")
X = torch.randn(12, 2, generator=torch.Generator().manual_seed(0))
Y = torch.randn(12, 3, generator=torch.Generator().manual_seed(1))
ROWS = NETWORKS.start(4, torch.Generator().manual_seed(2))


def paper_loss(**changes):
    settings = {"networks": NETWORKS, "x": X, "y": Y, "lambdas": torch.tensor([0.5, 0.3, 0.2])}
    return PaperLoss(**(settings | changes))


@pytest.mark.parametrize("p", [1.0, 2.0])
def test_each_term_by_its_formula(p):
    loss = paper_loss(p=p)
    error = (NETWORKS.outputs(ROWS, X) - Y).flatten(1).abs()
    size = NETWORKS.weights(ROWS).abs().pow(p).sum(1).pow(1 / p)
    assert torch.allclose(loss.data(ROWS), error.pow(p).mean(1).pow(1 / p), rtol=1e-5)
    assert torch.allclose(loss.weight(ROWS), size + 1 / size, rtol=1e-5)


@pytest.mark.parametrize(
    ("equation", "of_c"),
    [("L1", lambda c: c), ("L2", lambda c: 1 / c), ("L3", lambda c: c + 1 / c)],
)
@pytest.mark.parametrize("measure", ["rademacher", "hessian_trace"])
def test_terms_are_put_together_with_each_members_own_lambdas(equation, of_c, measure):
    lambdas = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.5, 0.3]])
    loss = paper_loss(equation=equation, lambdas=lambdas, measure=measure, scale=0.1)
    torch.manual_seed(3)
    total = loss(ROWS)
    torch.manual_seed(3)
    terms = torch.stack([loss.data(ROWS), of_c(loss.complexity(ROWS)), loss.weight(ROWS)], dim=1)
    assert torch.allclose(total, (lambdas * terms).sum(1), rtol=1e-4)
    assert ((loss.complexity(ROWS) > 0) & (loss.complexity(ROWS) < 1)).all()


def test_curvature_is_each_members_own():
    loss = paper_loss(measure="hessian_trace", draws=3000)
    torch.manual_seed(0)
    together = loss.raw_complexity(ROWS).detach()
    for k in range(2):
        hessian = torch.autograd.functional.hessian(lambda row: loss.data(row[None])[0], ROWS[k])
        exact = abs(float(hessian.trace())) / NETWORKS.n_parameters
        assert float(together[k]) == pytest.approx(exact, rel=0.1)


def test_a_network_with_small_outputs_is_less_complex():
    loss = paper_loss(draws=500)
    raw = loss.raw_complexity(torch.cat([ROWS[:1] * 0, ROWS[:1]]))
    assert float(raw[0]) == 0.0
    assert float(squash(raw, 1.0)[1]) > float(squash(raw, 1.0)[0])


def test_all_terms_can_be_learned_from():
    rows = ROWS.clone().requires_grad_()
    for equation in ("L1", "L2", "L3"):
        for measure in ("rademacher", "hessian_trace"):
            (slope,) = torch.autograd.grad(
                paper_loss(equation=equation, measure=measure)(rows).sum(), rows
            )
            assert slope.isfinite().all()
            assert slope.abs().sum() > 0

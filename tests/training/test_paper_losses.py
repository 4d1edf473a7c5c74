"""Equations (1), (1a), (1b) written out by hand, and training that follows their terms."""

import math

import pytest
import torch

from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.training.batches import Batch
from eit_rt.training.complexity import rademacher, squash
from eit_rt.training.network import make_network
from eit_rt.training.paper_losses import PaperLosses, p_norm, weight_term

MEASURES = ("rademacher", "hessian_trace", "hessian_top")


def setting(tiny_recipe, head=None, **paper):
    network = {
        "widths": [12],
        "activation": "tanh",
        "head": head or {"output": "image", "side": 8, "size": 16},
    }
    recipe = tiny_recipe(losses=[], paper={"equation": "L1"} | paper, network=network)
    return PaperLosses(recipe.paper, recipe.network), make_network(
        recipe, Pattern.by_name("adjacent", 8), Layout.ring(8)
    )


def batch(n=24):
    g = torch.Generator().manual_seed(3)
    target = torch.randn(n, 8, 8, generator=g).tanh()
    return Batch(0.3 * torch.randn(n, 40, generator=g), torch.ones(n, 40), target)


def total(objective, network, b, seed=1):
    torch.manual_seed(seed)
    return objective(network, network(b.dv, b.valid, 8), b)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_p_norm(p):
    rows = torch.randn(4, 30)
    assert torch.allclose(p_norm(rows, p), torch.linalg.vector_norm(rows, p, dim=1), rtol=1e-4)
    rows = torch.zeros(1, 3, requires_grad=True)
    p_norm(rows, p).sum().backward()
    assert rows.grad.isfinite().all()


@pytest.mark.parametrize("size", [0.2, 1.0, 5.0])
def test_weight_term_is_least_where_the_norm_is_one(size):
    w = torch.randn(3, 4)
    w = size * w / w.norm()
    row = w.flatten()[None]
    assert float(weight_term(row, 2.0)) == pytest.approx(size + 1 / size, rel=1e-5)
    assert float(weight_term(row, 2.0)) >= 2.0 - 1e-5


@pytest.mark.parametrize(
    ("equation", "of_c"),
    [("L1", lambda c: c), ("L2", lambda c: 1 / c), ("L3", lambda c: c + 1 / c)],
)
def test_equations_are_the_papers(equation, of_c, tiny_recipe):
    lambdas = (0.7, 0.2, 0.1)
    objective, network = setting(tiny_recipe, equation=equation, lambdas=lambdas, p=2.0)
    b = batch()
    torch.manual_seed(1)
    output = network(b.dv, b.valid, 8)
    c = squash(rademacher(output[None], 4), 1.0)
    inside = (torch.arange(8) + 0.5) / 4 - 1
    disc = inside[:, None] ** 2 + inside[None] ** 2 <= 1
    data = torch.stack([(x - y)[disc].norm() for x, y in zip(output, b.target, strict=True)]).mean()
    norm = math.sqrt(sum(p.square().sum().item() for p in network.parameters() if p.ndim == 2))
    expected = 0.7 * data.item() + 0.2 * of_c(c.item()) + 0.1 * (norm + 1 / norm)
    assert total(objective, network, b).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("measure", MEASURES)
def test_complexity_is_between_zero_and_one(measure, tiny_recipe):
    for scale in (1e-6, 1.0, 1e6):
        section = {"measure": measure, "scale": scale}
        objective, network = setting(tiny_recipe, lambdas=(0.5, 0.5, 0.0), complexity=section)
        b = batch()
        c = objective.complexity(network, network(b.dv, b.valid, 8), b).item()
        assert 0 < c < 1


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("equation", ["L1", "L2"])
def test_descending_moves_complexity_the_way_the_equation_wants(measure, equation, tiny_recipe):
    """L1 penalises complexity, L2 the lack of it."""
    section = {"measure": measure, "scale": 0.1, "draws": 8}
    objective, network = setting(
        tiny_recipe, equation=equation, lambdas=(0.0, 1.0, 0.0), complexity=section
    )
    b = batch()

    def c():
        torch.manual_seed(9)
        return objective.complexity(network, network(b.dv, b.valid, 8), b).item()

    before = c()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    for _ in range(20):
        optimiser.zero_grad()
        total(objective, network, b, seed=9).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
    assert (c() < before) if equation == "L1" else (c() > before)


def test_terms_with_lambda_zero_are_not_computed(tiny_recipe, monkeypatch):
    objective, network = setting(tiny_recipe, lambdas=(1.0, 0.0, 0.0))
    monkeypatch.setattr(objective, "complexity", lambda *args: pytest.fail("computed"))
    b = batch()
    output = network(b.dv, b.valid, 8)
    assert torch.equal(objective(network, output, b), objective.data_term(output, b.target))


def test_classes_are_compared_as_probabilities(tiny_recipe):
    head = {"output": "class_logits", "side": 8, "size": 16, "threshold": 0.5}
    objective, _ = setting(tiny_recipe, head=head)
    target = torch.zeros(1, 8, 8)
    target[0, 4, 4] = 0.9
    certain = torch.tensor([50.0, 0.0, 0.0]).reshape(1, 3, 1, 1).expand(1, 3, 8, 8)
    # One pixel of the truth is conductive: probabilities (1, 0, 0) against (0, 0, 1).
    assert float(objective.data_term(certain, target)) == pytest.approx(math.sqrt(2), rel=1e-4)

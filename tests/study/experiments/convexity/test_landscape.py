"""Hessians against closed forms, and that a landscape is a function."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.convexity.landscape import TERMS, Fixed, filter_normalised, hessians
from eit_rt.study.losses import PaperLoss
from eit_rt.study.networks import Networks

SHAPE = Networks((3, 5, 2), "tanh")


def landscape(measure="rademacher", members=4):
    g = torch.Generator().manual_seed(0)
    x = torch.randn(members, 7, 3, generator=g, dtype=torch.float64)
    y = torch.randn(members, 7, 2, generator=g, dtype=torch.float64)
    rows = SHAPE.start(members, g).double()
    lambdas = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64)
    return Fixed(PaperLoss(SHAPE, x, y, lambdas, "L3", measure=measure, draws=3)), rows


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0])
def test_curvature_of_the_weight_term_along_and_across_the_radius(radius):
    w = torch.randn(6, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    w = w * radius / w.norm(dim=1, keepdim=True)
    h = hessians(lambda u: u.norm(dim=1) + 1 / u.norm(dim=1), w)
    along, across = 2 / radius**3, (1 - radius**-2) / radius
    expected = sorted([along] + [across] * 8)
    assert np.allclose(torch.linalg.eigvalsh(h), expected, atol=1e-12)


def test_a_linear_loss_has_no_curvature():
    rows = torch.randn(3, 4, dtype=torch.float64)
    assert hessians(lambda w: w.sum(1), rows).shape == (3, 4, 4)
    assert not hessians(lambda w: w.sum(1), rows).any()


def test_each_member_has_its_own_hessian():
    a = torch.randn(3, 4, 4, dtype=torch.float64)
    a = a + a.mT
    h = hessians(lambda w: torch.einsum("mi,mij,mj->m", w, a, w) / 2, torch.randn(3, 4).double())
    assert torch.allclose(h, a)


@pytest.mark.parametrize("measure", ["rademacher", "hessian_trace"])
def test_a_landscape_is_a_function_and_leaves_the_random_state_alone(measure):
    fixed, rows = landscape(measure)
    before = torch.get_rng_state()
    assert torch.equal(fixed(rows), fixed(rows))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("measure", ["rademacher", "hessian_trace"])
def test_the_loss_is_the_weighted_sum_of_its_terms_and_so_are_hessians(measure):
    fixed, rows = landscape(measure)
    assert TERMS == ("data", "C", "1/C", "norm", "1/norm")
    weights = torch.tensor([0.6, 0.3, 0.3, 0.1, 0.1], dtype=torch.float64)
    assert torch.allclose(fixed.terms(rows) @ weights, fixed(rows).detach())
    summed = torch.einsum("mtij,t->mij", fixed.term_hessians(rows), weights)
    assert torch.allclose(summed, hessians(fixed, rows), atol=1e-9)


def test_directions_have_the_length_of_each_neuron():
    _, rows = landscape()
    pairs = zip(SHAPE.layers(rows), SHAPE.layers(filter_normalised(SHAPE, rows)), strict=True)
    for (weight, bias), (w, b) in pairs:
        own, other = (torch.cat(parts, dim=1).norm(dim=1) for parts in ((weight, bias), (w, b)))
        assert torch.allclose(own, other)

"""Losses of pictures: zero for the truth, worse for worse, and the SSIM of the KTC score itself."""

import importlib.util

import numpy as np
import pytest
import torch
from torch.nn import functional

from eit_rt.physics import PixelGrid
from eit_rt.training.batches import Batch
from eit_rt.training.losses import (
    ImageLosses,
    correlation,
    cross_entropy,
    inside_of,
    labels_of,
    soft_score,
    ssim,
)

SIZE = 16
INSIDE = torch.as_tensor(PixelGrid(SIZE, SIZE).inside)


def pictures(n=4, seed=0):
    """Random blocky contrast pictures, 0 outside the disc."""
    coarse = torch.randn(n, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    picture = functional.interpolate(coarse, (SIZE, SIZE)).squeeze(1)
    return (picture.tanh() * (picture.abs() > 0.7)) * INSIDE


def loss_of(tiny_recipe, picture, target, *terms, output="image"):
    head = {"output": output, "side": 16, "size": 32}
    recipe = tiny_recipe(losses=list(terms), network={"head": head})
    n = len(target)
    return ImageLosses(recipe).fit(picture, Batch(torch.zeros(n, 1), torch.ones(n, 1), target))


@pytest.mark.parametrize("kind", ["mse", "l1", "correlation", "relative", "ssim"])
def test_truth_costs_nothing_and_worse_pictures_cost_more(kind, tiny_recipe):
    truth, other = pictures(), pictures(seed=1)
    costs = [
        float(loss_of(tiny_recipe, truth + share * (other - truth), truth, {"kind": kind}))
        for share in (0.0, 0.3, 1.0)
    ]
    assert costs[0] == pytest.approx(0.0, abs=1e-5)
    assert costs[0] < costs[1] < costs[2]


def test_only_pixels_inside_count(tiny_recipe):
    truth = pictures()
    wrong_outside = torch.where(INSIDE, truth, 5.0)
    for kind in ("mse", "l1", "correlation", "relative", "ssim"):
        cost = loss_of(tiny_recipe, wrong_outside, truth, {"kind": kind})
        assert float(cost) == pytest.approx(0.0, abs=1e-5)


def test_terms_add_up_with_their_weights(tiny_recipe):
    truth, other = pictures(), pictures(seed=1)
    mse, l1 = ({"kind": kind, "weight": weight} for kind, weight in (("mse", 2.0), ("l1", 0.5)))
    together = loss_of(tiny_recipe, other, truth, mse, l1)
    alone = [loss_of(tiny_recipe, other, truth, term) for term in (mse, l1)]
    assert float(together) == pytest.approx(float(sum(alone)), rel=1e-6)
    inside = inside_of(other - truth)
    assert float(alone[0]) == pytest.approx(2 * float(inside.square().mean()), rel=1e-6)


def scores_of(labels, certainty):
    return certainty * functional.one_hot(labels, 3).movedim(3, 1).float()


@pytest.mark.parametrize("kind", ["cross_entropy", "dice", "ssim"])
def test_class_losses_fall_with_certainty(kind, tiny_recipe):
    truth = pictures()
    labels = labels_of(truth, 0.25)
    assert set(labels.unique().tolist()) == {0, 1, 2}
    costs = [
        float(
            loss_of(tiny_recipe, scores_of(labels, c), truth, {"kind": kind}, output="class_logits")
        )
        for c in (-3.0, 0.0, 3.0, 40.0)
    ]
    assert costs[0] > costs[1] > costs[2] > costs[3]
    assert costs[3] == pytest.approx(0.0, abs=1e-4)


def test_labels_of_contrast():
    contrast = torch.tensor([-0.9, -0.3, -0.2, 0.0, 0.2, 0.3, 0.9])
    assert labels_of(contrast, 0.25).tolist() == [1, 1, 0, 0, 0, 2, 2]


def test_dice_of_absent_classes_costs_nothing(tiny_recipe):
    nothing = torch.zeros(2, SIZE, SIZE)
    scores = scores_of(torch.zeros(2, SIZE, SIZE, dtype=torch.int64), 40.0)
    cost = loss_of(tiny_recipe, scores, nothing, {"kind": "dice"}, output="class_logits")
    assert float(cost) == pytest.approx(0.0, abs=1e-6)


def test_class_weights_are_cross_entropys():
    labels = labels_of(pictures(), 0.25)
    scores = torch.randn(4, 3, SIZE, SIZE)
    weights = (0.1, 1.0, 2.0)
    expected = functional.cross_entropy(
        scores[:, :, INSIDE], labels[:, INSIDE], torch.tensor(weights)
    )
    assert torch.allclose(cross_entropy(scores, labels, weights), expected)


def test_correlation_is_pearsons():
    a, b = torch.randn(5, 50), torch.randn(5, 50)
    expected = [np.corrcoef(x, y)[0, 1] for x, y in zip(a.numpy(), b.numpy(), strict=True)]
    assert correlation(a, 3 * b + 2).tolist() == pytest.approx(expected, abs=1e-5)
    assert correlation(a, torch.ones(5, 50)).abs().max() == 0


def test_relative_loss_counts_faint_pictures_as_strong_ones(tiny_recipe):
    truth = pictures()
    strong, faint = (
        float(loss_of(tiny_recipe, 1.1 * one, one, {"kind": "relative"}))
        for one in (truth, 0.1 * truth)
    )
    assert strong == pytest.approx(0.01, rel=0.01)
    assert faint == pytest.approx(strong, rel=0.3)
    nothing = torch.zeros_like(truth)
    assert float(loss_of(tiny_recipe, nothing, nothing, {"kind": "relative"})) == 0


@pytest.fixture
def ktc_score(shared):
    """The challenge's score as its own module states it."""
    spec = importlib.util.spec_from_file_location("score", shared / "ktc2023" / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_soft_score_of_hard_maps_is_the_ktc_score(ktc_score):
    random = np.random.default_rng(0)
    truth, found = (
        np.kron(random.integers(0, 3, (8, 8)), np.ones((32, 32), int)) for _ in range(2)
    )
    maps = [
        torch.as_tensor(np.stack([labels == 1, labels == 2])[None], dtype=torch.float32)
        for labels in (truth, found)
    ]
    assert float(soft_score(*maps)) == pytest.approx(ktc_score.score(truth, found), abs=2e-4)
    assert float(soft_score(maps[0], maps[0])) == pytest.approx(1.0, abs=1e-4)


def test_ssim_has_a_slope_that_leads_to_the_truth():
    truth = (pictures().abs() > 0).float()
    guess = torch.full_like(truth, 0.3, requires_grad=True)
    (1 - ssim(guess, truth).mean()).backward()
    assert guess.grad[truth > 0].mean() < 0 < guess.grad[truth == 0].mean()

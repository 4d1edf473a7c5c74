"""Validation: correlation at one size, empty truths left out, the network left as it was."""

import math

import pytest
import torch

from eit_rt.physics import PixelGrid
from eit_rt.training.batches import Batch
from eit_rt.training.metrics import at_side, likeness, validated


def blobs(n, size, shift=0.0):
    x = torch.as_tensor(PixelGrid(size, size).centres, dtype=torch.float32)
    place = torch.linspace(-0.5, 0.5, n)[:, None, None]
    return torch.exp(-8 * ((x[..., 0] - place - shift) ** 2 + x[..., 1] ** 2))


@pytest.mark.parametrize("size", [16, 32, 64])
def test_correlation_hardly_depends_on_the_size(size):
    found = likeness(blobs(5, size, shift=0.15), blobs(5, size))
    assert found.tolist() == pytest.approx(
        likeness(blobs(5, 32, shift=0.15), blobs(5, 32)).tolist(), abs=0.02
    )
    assert likeness(blobs(5, size), blobs(5, size)).tolist() == pytest.approx([1.0] * 5)


def test_scores_count_as_conductive_less_resistive():
    truth = blobs(3, 32) - blobs(3, 32, shift=0.6)
    scores = torch.stack([torch.full_like(truth, 0.2), -20 * truth, 20 * truth], dim=1)
    assert likeness(scores, truth).min() > 0.8
    assert likeness(scores[:, [0, 2, 1]], truth).max() < -0.8


def test_empty_truths_have_no_correlation_and_vectors_do():
    truth = blobs(3, 32)
    truth[1] = 0.0
    found = likeness(blobs(3, 32), truth)
    assert found.isnan().tolist() == [False, True, False]
    assert likeness(
        torch.tensor([[1.0, 2, 3]]), torch.tensor([[2.0, 4, 6]])
    ).item() == pytest.approx(1)
    assert at_side(torch.ones(2, 5), 32).shape == (2, 5)


def test_losses_are_weighted_by_tanks_and_the_median_skips_nan():
    class Echo(torch.nn.Module):
        def forward(self, dv, valid, size):
            assert not self.training
            return dv.reshape(-1, size, size)

    class Objective:
        def fit(self, output, batch):
            return output.mean()

    sizes, batches = (3, 1), []
    for n in sizes:
        target = blobs(n, 32)
        target[0] = 0.0
        dv = torch.full((n, 32, 32), float(n)) + blobs(n, 32) - blobs(n, 32).mean()
        batches.append(Batch(dv.flatten(1), torch.ones(n, 1024), target))
    network = Echo().train()
    found = validated(network, Objective(), batches)
    assert found["loss"] == pytest.approx((3 * 3 + 1 * 1) / 4, rel=1e-4)
    assert found["correlation"] == pytest.approx(1.0, abs=1e-5)
    assert network.training
    empty = validated(network, Objective(), batches[1:])
    assert math.isnan(empty["correlation"])

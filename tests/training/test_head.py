"""Heads: pixels in their places, finite for losses, NaN or water outside the disc when exported."""

import numpy as np
import pytest
import torch

from eit_rt.physics import PixelGrid
from eit_rt.training.head import make_head
from eit_rt.training.recipe import ClassHead, ImageHead, ImpedanceHead


def test_coarse_pixels_lie_where_the_grid_has_them():
    head = make_head(ImageHead(side=16, size=32))
    inside = PixelGrid(16, 16).inside
    assert head.n_inputs == inside.sum()
    values = torch.linspace(-1, 1, head.n_inputs)[None]
    picture = head(values, 16)[0]
    assert torch.allclose(picture[torch.as_tensor(inside)], values[0].tanh())


@pytest.mark.parametrize("size", [16, 20, 32, 48])
def test_a_smooth_picture_stays_in_place_at_every_size(size):
    """x + 2y over the disc, wall included: nothing fades or shifts."""
    head = make_head(ImageHead(side=16, size=32))
    grid = PixelGrid(16, 16)
    values = 0.1 * (grid.centres[..., 0] + 2 * grid.centres[..., 1])[grid.inside]
    found = head(torch.as_tensor(values[None], dtype=torch.float32), size)[0].atanh().numpy()
    fine = PixelGrid(size, size)
    expected = 0.1 * (fine.centres[..., 0] + 2 * fine.centres[..., 1])
    middle = (fine.centres**2).sum(axis=2) < 0.8**2
    assert np.abs(found - expected)[middle].max() < 0.004
    assert np.abs(found - expected)[fine.inside].max() < 0.03


def test_exported_pictures_are_nan_outside_and_bounded_inside():
    head = make_head(ImageHead(side=16, size=24))
    picture = head.finish(50 * torch.randn(3, head.n_inputs))
    inside = torch.as_tensor(PixelGrid(24, 24).inside)
    assert picture.shape == (3, 24, 24)
    assert picture[:, ~inside].isnan().all()
    assert (picture[:, inside].abs() <= 1).all()


def test_exported_scores_are_water_outside():
    head = make_head(ClassHead(output="class_logits", side=16, size=24))
    scores = head.finish(torch.randn(2, head.n_inputs))
    assert scores.shape == (2, 3, 24, 24)
    assert scores.isfinite().all()
    outside = ~torch.as_tensor(PixelGrid(24, 24).inside)
    assert (scores.argmax(dim=1)[:, outside] == 0).all()


def test_class_scores_of_one_class_fill_one_channel():
    head = make_head(ClassHead(output="class_logits", side=8, size=16))
    values = torch.zeros(1, 3, head.n_inputs // 3)
    values[0, 2] = 4.0
    scores = head(values.reshape(1, -1), 16)
    assert torch.allclose(scores[0, 2], torch.tensor(4.0))
    assert scores[0, :2].abs().max() == 0


def test_impedances_come_back_in_their_unit():
    head = make_head(ImpedanceHead(output="impedance", n=4))
    targets = 300 + 20 * torch.randn(1000, 4)
    head.measure(targets)
    assert head(torch.zeros(1, 4), 0)[0].tolist() == pytest.approx([300] * 4, abs=3)
    assert (head.finish(torch.ones(1, 4)) - head(torch.zeros(1, 4), 0)).mean() == pytest.approx(
        20, rel=0.1
    )

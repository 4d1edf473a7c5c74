"""Resizing pictures: bilinear up as torch does it, area means down."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from eit_rt.reconstruction.resizing import resizing


@pytest.mark.parametrize(("before", "after"), [(16, 32), (24, 64), (32, 33), (8, 8)])
def test_enlarging_is_bilinear(before, after):
    picture = torch.randn(1, 1, before, before, generator=torch.Generator().manual_seed(1))
    rows = torch.as_tensor(resizing(before, after))
    expected = functional.interpolate(picture, (after, after), mode="bilinear", align_corners=False)
    assert torch.allclose(rows @ picture @ rows.T, expected, atol=1e-5)


@pytest.mark.parametrize(("before", "after"), [(64, 32), (48, 32), (32, 20)])
def test_reducing_is_the_mean_over_the_area(before, after):
    rows = resizing(before, after)
    assert np.allclose(rows.sum(axis=1), 1.0, atol=1e-6)
    assert np.allclose(rows.sum(axis=0), after / before, atol=1e-6)
    if before % after == 0:
        picture = np.random.default_rng(0).normal(size=(before, before)).astype(np.float32)
        n = before // after
        blocks = picture.reshape(after, n, after, n).mean(axis=(1, 3))
        assert np.allclose(rows @ picture @ rows.T, blocks, atol=1e-5)

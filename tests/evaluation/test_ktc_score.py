"""The Kuopio score against values by hand, and against a second program where it is at hand."""

import importlib.util

import numpy as np
import pytest
from scipy import ndimage

from eit_rt.errors import ConfigError
from eit_rt.evaluation.ktc_score import ktc_scores

WATER = np.zeros((1, 256, 256), dtype=np.uint8)


@pytest.fixture
def labels():
    """Four pictures of blobs of all three labels."""
    random = np.random.default_rng(4)
    smooth = ndimage.gaussian_filter(random.standard_normal((4, 256, 256)), (0, 14, 14))
    return np.digitize(smooth / smooth.std(), [0.8, 1.6]).astype(np.uint8)


def test_the_truth_scores_one(labels):
    np.testing.assert_allclose(ktc_scores(labels, labels), 1)
    assert ktc_scores(WATER, WATER)[0] == pytest.approx(1)


def test_nothing_for_all_by_hand():
    """All resistive for all water: means 1 and 0, no variance: SSIM is C1 / (1 + C1); conductive is right, 1."""
    assert ktc_scores(WATER + 1, WATER)[0] == pytest.approx((1 + 1e-4 / (1 + 1e-4)) / 2)
    assert ktc_scores(WATER, WATER + 2)[0] == pytest.approx((1 + 1e-4 / (1 + 1e-4)) / 2)


def test_the_wrong_label_is_as_bad_as_none(labels):
    swapped = np.array([0, 2, 1], dtype=np.uint8)[labels]
    assert (ktc_scores(swapped, labels) < 0.3).all()
    assert (ktc_scores(np.zeros_like(labels), labels) < 0.3).all()


def test_same_as_the_other_program(labels, shared):
    spec = importlib.util.spec_from_file_location("score", shared / "ktc2023" / "score.py")
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    random = np.random.default_rng(5).integers(0, 3, labels.shape, dtype=np.uint8)
    for ours in (random, np.roll(labels, 9, axis=2), labels[::-1], np.zeros_like(labels)):
        theirs = [other.score(true, one) for true, one in zip(labels, ours, strict=True)]
        np.testing.assert_allclose(ktc_scores(ours, labels), theirs, rtol=1e-12)


@pytest.mark.parametrize("shape", [(1, 64, 64), (256, 256), (2, 256, 256)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ConfigError, match="expected both"):
        ktc_scores(np.zeros(shape), WATER)

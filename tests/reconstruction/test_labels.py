"""Labels of scores and of pictures: right class, right size, right place, no specks."""

import importlib.util

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.reconstruction.labels import (
    SMALLEST_PIXELS,
    enlarged,
    labels_of_logits,
    labels_of_pictures,
    otsu_thresholds,
    segmented,
)


def disc(x, y, radius, size=64):
    """(size, size) which pixel centres lie in it; x right, y up."""
    across = (np.arange(size) + 0.5) / (size / 2) - 1
    return (across - x) ** 2 + (-across[:, None] - y) ** 2 <= radius**2


def scores(*parts, size=64):
    """(1, 3, size, size) of water with discs (x, y, radius, label)."""
    found = np.zeros((1, 3, size, size), dtype=np.float32)
    found[:, 0] = 0.5
    for x, y, radius, label in parts:
        found[0, label][disc(x, y, radius, size)] = 1.0
    return found


class TestScores:
    def test_classes_lie_where_their_scores_are_largest(self):
        labels = labels_of_logits(scores((-0.4, 0.3, 0.25, 1), (0.4, -0.2, 0.3, 2)))
        assert (labels.shape, labels.dtype) == ((1, 256, 256), np.uint8)
        truth = np.where(disc(-0.4, 0.3, 0.25, 256), 1, np.where(disc(0.4, -0.2, 0.3, 256), 2, 0))
        wrong = (labels[0] != truth).sum()
        assert wrong < 0.06 * (truth > 0).sum()

    def test_water_outside_the_tank_whatever_the_scores_say(self):
        everywhere = np.zeros((1, 3, 8, 8))
        everywhere[:, 2] = 1
        labels = labels_of_logits(everywhere)[0]
        assert (labels == 2 * disc(0, 0, 1, 256)).all()

    def test_scores_that_are_nan_outside_are_water_there(self):
        given = scores((0.4, 0, 0.3, 2))
        given[:, :, ~disc(0, 0, 1)] = np.nan
        np.testing.assert_array_equal(
            labels_of_logits(given), labels_of_logits(scores((0.4, 0, 0.3, 2)))
        )

    def test_specks_become_water_and_what_is_larger_stays(self):
        # Of 256 x 256 pixels, radius 0.06 covers 185, 0.13 covers 870.
        labels = labels_of_logits(scores((-0.4, 0, 0.06, 1), (0.4, 0, 0.13, 1)))[0]
        assert (labels[128, 76], labels[128, 179]) == (0, 1)
        kept = labels_of_logits(scores((-0.4, 0, 0.06, 1)), smallest=1)[0]
        assert kept[128, 76] == 1
        assert (kept > 0).sum() < SMALLEST_PIXELS

    def test_a_speck_within_another_object_leaves_water(self):
        labels = labels_of_logits(scores((0, 0, 0.4, 1), (0, 0, 0.06, 2)))[0]
        assert labels[128, 128] in (0, 1)
        assert labels[128, 100] == 1

    def test_parts_that_meet_at_a_corner_only_are_two(self):
        given = np.zeros((1, 3, 256, 256))
        given[:, 0] = 0.5
        given[0, 1, 100:114, 100:114] = given[0, 1, 114:134, 114:134] = 1.0
        few = labels_of_logits(given, smallest=300)[0]
        assert few[107, 107] == 0  # 196 pixels alone
        assert few[120, 120] == 1  # 400

    def test_other_sizes_come_out_as_asked(self):
        assert labels_of_logits(np.zeros((2, 3, 32, 32)), size=100).shape == (2, 100, 100)
        assert labels_of_logits(np.zeros((0, 3, 32, 32))).shape == (0, 256, 256)

    @pytest.mark.parametrize("shape", [(3, 8, 8), (1, 2, 8, 8)])
    def test_other_scores_are_refused(self, shape):
        with pytest.raises(ConfigError, match=r"expected \(n, 3, H, W\)"):
            labels_of_logits(np.zeros(shape))


class TestPictures:
    def test_below_and_above_the_water(self):
        picture = np.where(disc(0, 0, 1), 0.0, np.nan)
        picture[disc(-0.4, 0, 0.3)], picture[disc(0.4, 0, 0.25)] = -0.3, 0.8
        picture += 5.0  # The water need not be zero...
        labels = labels_of_pictures(picture[None] - 5.0)[0]
        assert (labels[128, 76], labels[128, 179], labels[128, 128]) == (1, 2, 0)
        assert ((labels == 1).sum(), (labels == 2).sum()) == pytest.approx(
            (disc(0, 0, 0.3, 256).sum(), disc(0, 0, 0.25, 256).sum()), rel=0.06
        )

    def test_nothing_in_the_tank_is_water(self):
        assert not labels_of_pictures(np.zeros((2, 16, 16))).any()
        assert not segmented(np.full((8, 8), 3.0)).any()

    def test_one_picture_alone_is_refused(self):
        with pytest.raises(ConfigError, match=r"expected \(n, H, W\)"):
            labels_of_pictures(np.zeros((8, 8)))


class TestOtsu:
    def test_three_clear_levels_are_parted(self):
        values = np.repeat([0.0, 0.4, 1.0], [50, 500, 30])
        low, high = otsu_thresholds(values)
        assert 0 < low < 0.4 <= high < 1

    def test_thresholds_are_the_best_of_all_pairs(self):
        """Brute force over the cuts between 256 bins."""
        random = np.random.default_rng(2)
        values = np.concatenate(
            [random.normal(m, 0.3, n) for m, n in ((-1, 80), (0, 300), (2, 60))]
        )
        counts, edges = np.histogram(values, 256)
        centres = (edges[:-1] + edges[1:]) / 2
        mean = np.average(centres, weights=counts)

        def between(first, second):
            parts = [slice(0, first), slice(first, second), slice(second, 256)]
            if any(counts[part].sum() == 0 for part in parts):
                return -1.0
            means = [np.average(centres[part], weights=counts[part]) for part in parts]
            return sum(counts[p].sum() * (m - mean) ** 2 for p, m in zip(parts, means, strict=True))

        pairs = [(a, b) for a in range(40, 160, 1) for b in range(a + 1, 200)]
        best = max(between(a, b) for a, b in pairs)
        low, high = otsu_thresholds(values)
        cuts = [int(np.argmin(np.abs(centres - edge))) + 1 for edge in (low, high)]
        assert between(*cuts) == pytest.approx(best, rel=1e-9)

    def test_same_as_the_challenges_own(self, shared):
        spec = importlib.util.spec_from_file_location("otsu3", shared / "ktc2023" / "otsu3.py")
        other = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(other)
        random = np.random.default_rng(3)
        picture = 0.1 * random.standard_normal((256, 256))
        picture[disc(-0.4, 0, 0.3, 256)] -= 1
        picture[disc(0.4, 0, 0.2, 256)] += 1.5
        np.testing.assert_array_equal(segmented(picture), other.segment(picture))


class TestEnlarged:
    def test_linear_pictures_stay_linear(self):
        across = (np.arange(16) + 0.5) / 16
        picture = 2 * across - 3 * across[:, None]
        fine = (np.arange(64) + 0.5) / 64
        inner = slice(2, -2)
        np.testing.assert_allclose(
            enlarged(picture, 64)[inner, inner], (2 * fine - 3 * fine[:, None])[inner, inner]
        )

    def test_what_lies_outside_does_not_count(self):
        picture = np.array([[1.0, np.nan], [1.0, np.nan]])
        large = enlarged(picture, 8)
        assert (large[:, :6] == 1).all()
        assert np.isnan(large[:, 6:]).all()

"""Test tanks: from seed and count alone, with the noise that is stated, and no tank of any data set."""

import numpy as np
import pytest

from eit_rt.pattern import Pattern
from eit_rt.training.shard import make_shard
from eit_rt.training.tank_recipe import DatasetRecipe
from eit_rt.training.testset import BoardNoise, simulated

RECIPE = DatasetRecipe(name="x", elements=600, shard=6, count=6, picture=16)
PATTERN = Pattern.by_name("adjacent", 16)
QUIET = BoardNoise(level=0.0, scale_sd=0.0)


def test_the_same_seed_gives_the_same_tanks_and_another_gives_others():
    one, again, other = (simulated(RECIPE, PATTERN, seed, 3) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.frames, again.frames)
    np.testing.assert_array_equal(one.truth, again.truth)
    assert not np.array_equal(one.frames, other.frames)


def test_no_test_tank_is_in_a_data_set():
    recipes = [RECIPE.model_copy(update={"seed": seed}) for seed in (0, 1)]
    trained = {
        scene.to_dict()["background"][0][0]
        for recipe in recipes
        for scene in make_shard(recipe, 0).scenes
    }
    assert len(trained) == 12
    truth = simulated(RECIPE, PATTERN, 0, 6, QUIET).truth
    for recipe in recipes:
        stored = make_shard(recipe, 0).pictures[:, 0]
        for picture in np.nan_to_num(truth):
            if picture.any():
                assert not any(np.allclose(picture * 127, one, atol=0.6) for one in stored)


def test_noise_is_as_stated():
    noisy = simulated(
        RECIPE, PATTERN, 2, 40, BoardNoise(level=2e-3, reference_frames=4, scale_sd=0.0)
    )
    # Noise takes its numbers after each tank, so only the first tank is the same without.
    quiet = simulated(RECIPE, PATTERN, 2, 1, QUIET)
    off = (noisy.frames[0] - quiet.frames[0]) / np.abs(quiet.reference[0]).max()
    assert off.std() == pytest.approx(2e-3, rel=0.2)
    off = (noisy.reference[0] - quiet.reference[0]) / np.abs(quiet.reference[0]).max()
    assert off.std() == pytest.approx(1e-3, rel=0.2)


def test_the_truth_is_nan_outside_the_tank():
    truth = simulated(RECIPE, PATTERN, 0, 2).truth
    assert np.isnan(truth[:, 0, 0]).all()
    assert np.isfinite(truth[:, 8, 8]).all()

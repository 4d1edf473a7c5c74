"""EIDORS' pictures of the ten discs made again: same voltages, mesh and hyperparameter, our model, priors and step."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.study.experiments.diagonal.eidors import comparisons

ASKED = 0.99
"""Pearson's correlation that the comparison asks for; what is reached is the rounding of both programs."""
REACHED = 1e-9


@pytest.fixture(scope="module")
def pictures(golden):
    return list(comparisons(golden / "fig8"))


def test_no_picture_is_left_out(pictures):
    kinds = {(one.kind, one.mesh, one.prior, one.is_noisy) for one in pictures}
    assert len(kinds) == len(pictures) == 2 * 2 * 3 * 2


@pytest.mark.parametrize("prior", ["laplace", "noser", "tikhonov"])
def test_values_correlate_with_those_of_eidors(pictures, prior):
    for one in pictures:
        if one.prior == prior:
            print(f"{one.kind} {one.mesh} {one.prior} noisy={one.is_noisy}: {one.correlation:.12f}")
            assert one.correlation >= ASKED
            assert np.abs(one.ours - one.theirs).max() < REACHED * np.abs(one.theirs).max()


def test_pixels_are_those_of_eidors(pictures):
    for one in pictures:
        assert np.array_equal(np.isnan(one.our_picture), np.isnan(one.picture))
        difference = np.abs(one.our_picture - one.picture)[np.isfinite(one.picture)]
        # Kept in single precision. On the regular mesh some centres of pixels lie on an edge, to the last digit.
        same = difference < 1e-6 * np.nanmax(np.abs(one.picture))
        assert same.mean() > {"cem": 0.9999, "d2c2": 0.97}[one.mesh]


def test_a_folder_without_eidors_results_is_said_to_be_none(tmp_path):
    with pytest.raises(ConfigError, match="fig8_10objects"):
        list(comparisons(tmp_path))


def test_a_file_that_lacks_something_is_named(tmp_path):
    np.savez(tmp_path / "fig8_10objects_resistive.npz", vh=np.ones(208))
    with pytest.raises(ConfigError, match="lacks 'rec_nodes_cem'"):
        list(comparisons(tmp_path))

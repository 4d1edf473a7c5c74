"""Methods: a model's picture is the program's, in the set's frame; what is missing is never used."""

from dataclasses import replace

import numpy as np
import pytest

from eit_rt.errors import MismatchError, ModelError
from eit_rt.evaluation import OnnxMethod, Pictures
from eit_rt.evaluation.methods import MatrixMethod, SearchMethod, conductive_less_resistive
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import PixelGrid
from eit_rt.reconstruction import ModelMetadata, OutputKind, Reconstructor
from tests.evaluation.conftest import PATTERN
from tests.evaluation.models import linear, logits

N = PATTERN.n_meas


def test_a_models_picture_is_the_runners(tanks, tmp_path):
    model = linear(tmp_path)
    pictures = OnnxMethod(model).run(tanks)
    dv = (tanks.frames / tanks.reference - 1).astype(np.float32)
    expected = model.run_batch(dv, np.ones_like(dv))
    np.testing.assert_allclose(pictures.values, expected, rtol=2e-3, atol=1e-4)
    assert pictures.method == "linear"
    assert pictures.s_per_frame > 0
    assert len(pictures.first(2)) == 2
    np.testing.assert_array_equal(pictures.only(3).values, pictures.values[3:4])


def test_pictures_lie_in_the_frame_of_the_set(tanks, tmp_path):
    method = OnnxMethod(linear(tmp_path))
    turned = replace(tanks, layout=Layout.ring(8, first_deg=0.0))
    expected = np.rot90(method.run(tanks).values, -1, axes=(1, 2))
    np.testing.assert_array_equal(method.run(turned).values, expected)


def test_missing_measurements_are_told_to_the_model(tanks, tmp_path):
    method = OnnxMethod(linear(tmp_path))
    gone = tanks.frames.copy()
    gone[:, 3] = np.nan
    pictures = method.run(replace(tanks, frames=gone)).values
    assert not np.isnan(pictures[:, 8, 8]).any()
    gone[:, 3] = 1e3
    there = method.run(replace(tanks, frames=gone)).values
    assert not np.allclose(pictures, there, equal_nan=True)


def test_scores_become_probabilities_and_labels(tanks, tmp_path):
    pictures = OnnxMethod(logits(tmp_path)).run(tanks.first(2))
    assert pictures.logits.shape == (2, 3, 8, 8)
    assert (np.abs(pictures.values) <= 1).all()
    labels = pictures.labels()
    # The model of this test: the left half is resistive, the right conductive.
    assert (labels.shape, labels.dtype) == ((2, 256, 256), np.uint8)
    assert (labels[:, 128, [40, 216]] == [1, 2]).all()
    assert pictures.first(1).logits.shape == pictures.only(1).logits.shape == (1, 3, 8, 8)


def test_probability_of_conductive_less_that_of_resistive_by_hand():
    scores = np.log([0.2, 0.1, 0.7])[None, :, None, None] + 800.0
    np.testing.assert_allclose(conductive_less_resistive(scores), [[[0.6]]])


def test_models_that_make_no_picture_of_the_whole_tank_are_refused(tmp_path):
    with pytest.raises(ModelError, match=r"covers .* only pictures from -1 to 1"):
        OnnxMethod(linear(tmp_path, extent=(-1.0, 1.0, -1.0, 0.9)))
    regions = Reconstructor.__new__(Reconstructor)
    regions.metadata = ModelMetadata(
        "r", PATTERN, Layout.ring(8), OutputKind.IMPEDANCE, DifferenceKind.NORMALISED
    )
    with pytest.raises(ModelError, match="gives impedances"):
        OnnxMethod(regions)


def test_another_pattern_is_refused(tanks, tmp_path):
    other = replace(tanks, pattern=Pattern.pairwise(PATTERN.table[::-1], 8))
    with pytest.raises(MismatchError):
        OnnxMethod(linear(tmp_path)).run(other)


def test_a_matrix_is_made_once_for_what_is_there(tanks):
    grid, asked = PixelGrid(8, 8), []

    def matrix_of(there):
        asked.append(int(there.sum()))
        return np.ones((grid.inside.sum(), there.sum()))

    gone = tanks.frames.copy()
    gone[2:, 5] = np.nan
    tanks = replace(tanks, frames=gone)
    method = MatrixMethod("m", PATTERN, tanks.layout, grid, DifferenceKind.PLAIN, matrix_of)
    pictures = method.run(tanks).values
    assert asked == [N, N - 1]
    dv = tanks.frames - tanks.reference
    np.testing.assert_allclose(pictures[:, 4, 4], np.nansum(dv, axis=1), rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(np.isnan(pictures[0]), ~grid.inside)


def test_a_search_gets_nan_for_what_is_missing(tanks):
    gone = tanks.frames.copy()
    gone[:, 5] = np.nan
    seen = []

    def picture_of(dv):
        seen.append(dv)
        return np.zeros((8, 8))

    method = SearchMethod("s", PATTERN, tanks.layout, DifferenceKind.NORMALISED, picture_of, 0.1)
    method.run(replace(tanks, frames=gone))
    assert (np.isnan(seen) == (np.arange(N) == 5)).all()


def test_labels_of_pictures_of_conductivity_are_cut_by_otsu(picture):
    values = picture([(-0.4, 0, 0.3, -1), (0.4, 0, 0.3, 2)])[None]
    labels = Pictures("m", values, 0.0).labels()[0]
    assert (labels[128, 77], labels[128, 179], labels[40, 128], labels[2, 2]) == (1, 2, 0, 0)

"""Gaps in a frame: the graph fills them so that the picture is the one of a matrix made without them."""

from dataclasses import replace

import numpy as np
import pytest

from eit_rt.pattern import Pattern
from eit_rt.reconstruction import Reconstructor
from eit_rt.reconstruction.onnx_writer import linear_model

N = 40
INSIDE = np.ones((3, 4), dtype=bool)
RNG = np.random.default_rng(9)
SIGNALS = RNG.standard_normal((N, 12))
COVARIANCE = SIGNALS @ SIGNALS.T + 0.5 * np.eye(N)
CROSS = RNG.standard_normal((12, 12)) @ SIGNALS.T
"""Covariance of pixels and measurements: the picture is CROSS @ inv(COVARIANCE) @ dv."""


@pytest.fixture
def model(tmp_path, metadata):
    precision = np.linalg.inv(COVARIANCE)
    file = tmp_path / "filling.onnx"
    file.write_bytes(linear_model(CROSS @ precision, metadata, INSIDE, precision))
    return Reconstructor.load(file)


def rebuilt(dv, valid):
    """The picture of a matrix that was made for the valid measurements alone."""
    has = valid > 0
    return (CROSS[:, has] @ np.linalg.solve(COVARIANCE[np.ix_(has, has)], dv[has])).reshape(3, 4)


def gaps(*missing):
    valid = np.ones(N, dtype=np.float32)
    valid[list(missing)] = 0
    return valid


@pytest.mark.parametrize(
    "valid",
    [gaps(), gaps(7), gaps(0, 39), gaps(*range(5, 15)), gaps(*range(10, 25))],
    ids=["none", "one", "first and last", "ten", "fifteen"],
)
def test_gaps_are_filled_as_if_the_matrix_had_been_made_without_them(model, valid):
    dv = RNG.standard_normal(N).astype(np.float32)
    expected = rebuilt(dv.astype(float), valid)
    dv[valid == 0] = np.nan
    picture = model.run(dv, valid)
    assert np.abs(picture - expected).max() < 2e-4 * np.abs(expected).max()


def test_frames_of_a_batch_may_have_different_gaps(model):
    dv = RNG.standard_normal((3, N)).astype(np.float32)
    valid = np.stack([gaps(), gaps(3, 4), gaps(*range(20, 28))])
    pictures = model.run_batch(dv, valid)
    for k in range(3):
        np.testing.assert_allclose(pictures[k], rebuilt(dv[k], valid[k]), rtol=1e-3, atol=1e-3)


def test_nothing_measured_gives_nothing(model):
    picture = model.run(np.full(N, np.nan, np.float32), np.zeros(N, np.float32))
    np.testing.assert_array_equal(picture, np.zeros((3, 4)))


def test_a_lost_electrode_of_a_real_sized_model(tmp_path, metadata):
    """208 measurements, 52 of them gone, fewer steps than gaps: close to exact, far from zeros in the gaps."""
    pattern = Pattern.by_name("adjacent", 16)
    loud = RNG.standard_normal((208, 20)) @ np.diag(np.geomspace(1, 0.1, 20))
    covariance = loud @ loud.T + 0.05 * np.eye(208)
    cross = RNG.standard_normal((12, 20)) @ loud.T
    precision = np.linalg.inv(covariance)
    facts = replace(metadata, pattern=pattern, layout=type(metadata.layout).ring(16))
    file = tmp_path / "large.onnx"
    file.write_bytes(linear_model(cross @ precision, facts, INSIDE, precision))
    dv = (loud @ RNG.standard_normal(20)).astype(np.float32)
    valid = (~pattern.touches(4)).astype(np.float32)
    assert (valid == 0).sum() == 52
    has = valid > 0
    exact = cross[:, has] @ np.linalg.solve(covariance[np.ix_(has, has)], dv[has])
    zeros = cross @ precision @ np.where(has, dv, 0)
    picture = Reconstructor.load(file).run(dv, valid).ravel()
    error = np.linalg.norm(picture - exact) / np.linalg.norm(exact)
    assert error < 0.02
    assert error < 0.2 * np.linalg.norm(zeros - exact) / np.linalg.norm(exact)

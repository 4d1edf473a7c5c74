"""KTC2023's measurements: as in the challenge's files, and reduced to fifteen currents without loss."""

import numpy as np
import pytest

from eit_rt.physics import Disc, ForwardModel, Scene, disc_mesh
from eit_rt.recording.readers import import_file
from eit_rt.training import ktc2023
from eit_rt.training.shard import ground_free

SIZES = [(76, 31), (56, 29), (52, 27), (48, 25), (44, 23), (30, 21), (27, 19)]
"""Injections and channels of levels 1 to 7, from the challenge's instructions."""


@pytest.fixture(scope="module")
def z():
    mesh = disc_mesh(ktc2023.layout(), n_elements=3000)
    scene = Scene((Disc((0.3, 0.4), 0.3, 0.05),))
    return ground_free(ForwardModel(mesh, 1e-3).transfer_impedance(scene.frame_conductivity(mesh)))


def test_the_pattern_is_that_of_the_files(shared):
    path = shared / "ktc2023" / "train" / "ref.mat"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    about = import_file(path).about
    assert about.pattern == ktc2023.pattern()
    assert about.layout == ktc2023.layout()


@pytest.mark.parametrize(("level", "size"), list(enumerate(SIZES, start=1)))
def test_levels_have_the_challenge_s_sizes(level, size):
    kept = ktc2023.injections_kept(level), ktc2023.channels_kept(level)
    assert (kept[0].sum(), kept[1].sum()) == size
    assert ktc2023.masks()[level - 1].sum() == size[0] * size[1]
    touched = [ktc2023.pattern().touches(e) for e in range(2 * (level - 1))]
    lost = np.any(touched, axis=0).reshape(76, 31) if touched else np.zeros((76, 31), dtype=bool)
    np.testing.assert_array_equal(ktc2023.masks()[level - 1], ~lost)


def test_all_injections_together_give_the_basis_currents_exactly(z):
    pattern, channels = ktc2023.pattern(), ktc2023.pattern().senses[:31]
    measured = pattern.voltages(z).reshape(76, 31)
    direct = (channels @ z @ ktc2023.basis().T).T
    np.testing.assert_allclose(ktc2023.projections()[0] @ measured, direct, atol=1e-10)


@pytest.mark.parametrize("level", range(1, 8))
def test_a_level_keeps_what_it_determines(level, z):
    """Measured voltages follow again from the projected ones: nothing that was measured is lost."""
    measured = ktc2023.pattern().voltages(z).reshape(76, 31)
    mix = ktc2023.pattern().currents @ ktc2023.basis().T
    kept = ktc2023.injections_kept(level)
    again = mix @ (ktc2023.projections()[level - 1] @ measured)
    np.testing.assert_allclose(again[kept], measured[kept], atol=1e-9)
    rank = np.linalg.matrix_rank(ktc2023.projections()[level - 1], tol=1e-9)
    assert rank == 16 - level


def test_channels_of_the_faulty_electrode_are_left_out():
    senses = ktc2023.pattern().senses[:31]
    used = ktc2023.used_channels()
    assert not used[:, senses[:, 30] != 0].any()
    assert used[0].sum() == 29

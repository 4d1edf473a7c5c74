"""Samples: symmetric copies are exact, sets are joined, and what does not fit is refused."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, Ellipse, ForwardModel, PixelGrid, Scene, disc_mesh
from eit_rt.training.generation import generate
from eit_rt.training.samples import STEPS, Samples, averaged, symmetric_copies
from eit_rt.training.scenes import impedances
from eit_rt.training.shard import ground_free, read_shard, shard_bytes
from eit_rt.training.tank_recipe import DatasetRecipe, Regions, Ring

RECIPE = DatasetRecipe(name="small", elements=500, count=8, shard=4, picture=32, turns=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("set")
    generate(RECIPE, place, workers=1)
    return place


def moved(scene, copy, n):
    """The scene turned and mirrored as the copy says, shape by shape."""
    degrees = copy.turn * 360 / n + copy.quarter * 90

    def centre(shape):
        z = complex(*shape.centre) * np.exp(1j * np.deg2rad(degrees))
        return (-z.real if copy.mirror else z.real, z.imag)

    disc, ellipse = scene.objects
    angle = ellipse.angle_deg + degrees
    return Scene(
        (
            Disc(centre(disc), disc.radius, disc.ratio),
            Ellipse(
                centre(ellipse),
                ellipse.half_axes,
                ellipse.ratio,
                180 - angle if copy.mirror else angle,
            ),
        )
    )


@pytest.mark.parametrize(
    ("n", "turns", "direction"), [(16, 4, "clockwise"), (8, 2, "counterclockwise")]
)
def test_copies_are_what_the_turned_tank_gives(n, turns, direction):
    """Voltages to the precision of a mesh that is itself not symmetric, pictures exactly."""
    layout = Layout.ring(n, direction=direction)
    mesh = disc_mesh(layout, n_elements=12_000)
    model, grid = ForwardModel(mesh, 0.02), PixelGrid(32, 32)
    scene = Scene((Disc((0.5, 0.2), 0.2, 0.1), Ellipse((-0.3, 0.1), (0.3, 0.1), 4.0, 30.0)))
    z = ground_free(model.transfer_impedance(scene.frame_conductivity(mesh)))
    copies = symmetric_copies(layout, turns)
    assert len(copies) == 2 * n
    for copy in copies[:: n // 4 + 1]:
        other = moved(scene, copy, n)
        direct = ground_free(model.transfer_impedance(other.frame_conductivity(mesh)))
        e = copy.electrodes
        np.testing.assert_allclose(z[np.ix_(e, e)], direct, atol=2e-3 * np.abs(z).max())
        picture = np.rot90(scene.contrast(grid, copy.turn * 360 / n), copy.quarter)
        picture = picture[:, ::-1] if copy.mirror else picture
        np.testing.assert_allclose(picture, other.contrast(grid), atol=1e-9)


def test_the_first_copy_is_the_tank_itself(folder):
    samples = Samples.load(folder)
    shard = read_shard(folder / "shard-00001.npz")
    z_reference, z, pictures = samples.batch(np.array([5]), np.array([0]))
    np.testing.assert_array_equal(z[0][np.triu_indices(16)], shard.z[1])
    np.testing.assert_array_equal(z_reference[0][np.triu_indices(16)], shard.z_reference[1])
    np.testing.assert_allclose(pictures[0] * STEPS, shard.pictures[1, 0], atol=1e-4)


def test_a_batch_gives_each_tank_its_own_copy(folder):
    samples = Samples.load(folder)
    indices, copies = np.arange(8), np.arange(8) * 4 % len(samples.copies)
    z_reference, z, pictures = samples.batch(indices, copies)
    for k, (index, which) in enumerate(zip(indices, copies, strict=True)):
        copy = samples.copies[which]
        e = copy.electrodes
        np.testing.assert_array_equal(z[k], samples.z[index][np.ix_(e, e)])
        np.testing.assert_array_equal(z_reference[k], samples.z_reference[index][np.ix_(e, e)])
        np.testing.assert_array_equal(
            pictures[k], samples.pictures(np.array([index]), np.array([which]))[0]
        )


def test_voltages_of_all_copies_together_are_those_of_the_tank(folder):
    """A copy only renumbers: the adjacent pattern measures the same values in another order."""
    samples, pattern = Samples.load(folder), Pattern.by_name("adjacent", 16)
    own = np.sort(pattern.voltages(samples.z[0]))
    for which in range(0, 32, 5):
        _, z, _ = samples.batch(np.array([0]), np.array([which]))
        np.testing.assert_allclose(np.sort(pattern.voltages(z[0])), own, rtol=1e-4)


def test_pictures_come_smaller_and_turns_fewer_on_request(folder):
    whole, small = Samples.load(folder), Samples.load(folder, size=16, turns=1)
    assert (small.size, len(small.copies)) == (16, 8)
    blocks = whole.stored[:, :1].reshape(8, 1, 16, 2, 16, 2).mean(axis=(3, 5))
    assert np.abs(small.stored - blocks).max() <= 0.5


def test_averages_of_pictures_are_rounded_to_the_nearest_step():
    assert averaged(np.array([[1, 1], [2, 3]], dtype=np.int8), 2).tolist() == [[2]]
    assert averaged(np.full((4, 4), -127, dtype=np.int8), 4).tolist() == [[-127]]


def test_sets_of_one_ring_are_joined(folder, tmp_path):
    other = RECIPE.model_copy(update={"seed": 7, "count": 4, "layout": Ring(coverage=0.2)})
    generate(other, tmp_path, workers=1)
    joined = Samples.load([folder, tmp_path])
    assert len(joined) == 12
    assert joined.sha256 not in (Samples.load(folder).sha256, Samples.load(tmp_path).sha256)


def test_of_joined_sets_the_turns_that_all_have_are_used(folder, tmp_path):
    generate(RECIPE.model_copy(update={"seed": 7, "count": 4, "turns": 1}), tmp_path, workers=1)
    assert RECIPE.turns > 1
    assert Samples.load([folder, tmp_path]).stored.shape[1] == 1


def test_sets_of_different_rings_are_refused(folder, tmp_path):
    generate(
        RECIPE.model_copy(update={"layout": Ring(first_deg=0.0), "count": 4}), tmp_path, workers=1
    )
    with pytest.raises(ConfigError, match="different rings"):
        Samples.load([folder, tmp_path])


def test_an_unfinished_set_is_refused(tmp_path):
    generate(RECIPE, tmp_path, workers=1)
    (tmp_path / "shard-00001.npz").unlink()
    with pytest.raises(ConfigError, match="lacks 1 of 2 shards"):
        Samples.load(tmp_path)


@pytest.mark.parametrize("change", [{"electrodes": 8, "turns": 2, "count": 4}, {"seed": 77}])
def test_a_shard_of_another_set_is_told(tmp_path, change):
    generate(RECIPE, tmp_path, workers=1)
    other = RECIPE.model_copy(update=change)
    (tmp_path / "shard-00001.npz").write_bytes(shard_bytes(other, 0))
    with pytest.raises(ConfigError, match="is of another data set"):
        Samples.load(tmp_path)


def test_a_set_given_twice_is_refused_as_its_tanks_would_be_on_both_sides_of_the_split(folder):
    with pytest.raises(ConfigError, match="given twice"):
        Samples.load([folder, folder])


@pytest.mark.parametrize(("size", "turns"), [(12, 1), (32, 5)])
def test_sizes_and_turns_that_are_not_stored_are_refused(folder, size, turns):
    with pytest.raises(ConfigError, match="expected a size that divides"):
        Samples.load(folder, size=size, turns=turns)


def test_the_split_leaves_no_tank_in_both(folder):
    training, validation = Samples.load(folder).split(0.25, seed=3)
    assert (len(training), len(validation)) == (6, 2)
    assert not set(training) & set(validation)


def test_regions_have_names_so_their_impedances_are_learnt_and_there_are_no_copies(tmp_path):
    recipe = DatasetRecipe(
        name="regions", electrodes=10, elements=500, count=4, shard=2, picture=16, regions=Regions()
    )
    generate(recipe, tmp_path, workers=1)
    samples = Samples.load(tmp_path)
    _, _, wanted = samples.batch(np.array([3, 0]), np.array([0, 0]))
    scenes = read_shard(tmp_path / "shard-00001.npz").scenes
    np.testing.assert_allclose(wanted[0], impedances(scenes[1]), rtol=1e-6)
    assert wanted.shape == (2, 10)
    assert len(samples.copies) == 1


def test_a_ring_that_is_not_its_mirror_image_has_no_copies():
    with pytest.raises(ConfigError, match="mirror image"):
        symmetric_copies(Layout.ring(16, first_deg=80.0), 1)

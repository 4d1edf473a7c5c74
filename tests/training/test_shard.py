"""Shards: physics as the forward model has it, the same bytes every time, damaged files told."""

import json

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, PixelGrid, disc_mesh
from eit_rt.training.shard import (
    STEPS,
    contacts,
    ground_free,
    jittered,
    make_shard,
    read_shard,
    shard_bytes,
    unpacked,
)
from eit_rt.training.tank_recipe import DatasetRecipe, Electrodes

STILL = Electrodes(
    angle_sd_deg=0.0, width_sd=0.0, z_contact=(0.02, 0.02), z_spread=0.0, z_change=0.0
)
SMALL = DatasetRecipe(
    name="small", elements=800, count=8, shard=4, tanks_per_mesh=3, picture=32, turns=2
)


def test_impedances_are_those_of_the_scene():
    recipe = SMALL.model_copy(update={"electrode": STILL, "elements": 4000})
    shard = make_shard(recipe, 1)
    mesh = disc_mesh(Layout.ring(16), n_elements=6000)
    model = ForwardModel(mesh, 0.02)
    pattern = Pattern.by_name("adjacent", 16)
    for packed, scene in zip(unpacked(shard.z, 16), shard.scenes, strict=True):
        fine = model.voltages(scene.frame_conductivity(mesh), pattern)
        assert np.abs(pattern.voltages(packed) - fine).max() < 0.04 * np.abs(fine).max()


def test_without_objects_and_jitter_frame_and_reference_are_equal():
    empty = SMALL.objects.model_copy(update={"count": (1.0,)})
    recipe = SMALL.model_copy(update={"electrode": STILL, "objects": empty, "thorax_share": 0.0})
    shard = make_shard(recipe, 0)
    np.testing.assert_allclose(shard.z, shard.z_reference, rtol=1e-6)
    assert not shard.pictures.any()


def test_pictures_are_those_of_the_scene_and_of_its_turns():
    shard = make_shard(SMALL, 0)
    grid = PixelGrid(32, 32)
    for scene, pictures in zip(shard.scenes, shard.pictures, strict=True):
        for turn, picture in enumerate(pictures):
            wanted = scene.contrast(grid, turn * 22.5)
            np.testing.assert_allclose(picture / STEPS, wanted, atol=0.51 / STEPS)


def test_a_shard_is_the_same_bytes_each_time_and_other_bytes_for_another_number():
    assert shard_bytes(SMALL, 0) == shard_bytes(SMALL, 0)
    assert shard_bytes(SMALL, 0) != shard_bytes(SMALL, 1)


def test_a_file_gives_the_shard_back(tmp_path):
    path = tmp_path / "shard.npz"
    path.write_bytes(shard_bytes(SMALL, 0))
    made, read = make_shard(SMALL, 0), read_shard(path)
    for name in ("z", "z_reference", "pictures"):
        np.testing.assert_array_equal(getattr(made, name), getattr(read, name))
    assert made.scenes == read.scenes
    with np.load(path) as arrays:
        assert json.loads(arrays["about"].tobytes())["recipe"]["name"] == "small"


@pytest.mark.parametrize("keep", [0, 10, 3000, -100])
def test_a_damaged_file_is_told(tmp_path, keep):
    path = tmp_path / "shard.npz"
    path.write_bytes(shard_bytes(SMALL, 0)[:keep])
    with pytest.raises(ConfigError, match="not a whole shard"):
        read_shard(path)


def test_ground_free_impedances_give_the_same_voltages():
    z = ForwardModel(disc_mesh(Layout.ring(8), n_elements=500)).transfer_impedance(1.0)
    free = ground_free(z)
    np.testing.assert_allclose(free.sum(axis=0), 0, atol=1e-12)
    for name in ("adjacent", "opposite"):
        pattern = Pattern.by_name(name, 8)
        np.testing.assert_allclose(pattern.voltages(free), pattern.voltages(z), atol=1e-12)


def test_electrodes_are_as_far_off_as_asked():
    random, how = np.random.default_rng(0), Electrodes(angle_sd_deg=0.5, width_sd=0.1)
    layouts = [jittered(Layout.ring(16), how, random) for _ in range(100)]
    off = np.array([one.angles_deg for one in layouts]) - Layout.ring(16).angles_deg
    assert off.std() == pytest.approx(0.5, rel=0.1)
    widths = np.log([one.width_deg / 11.25 for one in layouts])
    assert np.std(widths) == pytest.approx(0.1, rel=0.2)


def test_very_wide_electrodes_never_overlap():
    how = Electrodes(angle_sd_deg=3.0, width_sd=1.0)
    random = np.random.default_rng(0)
    for _ in range(100):
        jittered(Layout.ring(16, coverage=0.8), how, random)  # Layout refuses overlaps


def test_contacts_change_little_between_reference_and_frame():
    how = Electrodes(z_contact=(0.01, 0.1), z_spread=0.3, z_change=0.02)
    random = np.random.default_rng(0)
    pairs = [contacts(how, 16, random) for _ in range(200)]
    before, after = np.log(np.array(pairs)).transpose(1, 0, 2)
    assert (after - before).std() == pytest.approx(0.02, rel=0.1)
    assert (before - before.mean(axis=1, keepdims=True)).std() == pytest.approx(0.3, rel=0.1)
    assert np.exp(before.mean(axis=1)).min() == pytest.approx(0.01, rel=0.3)

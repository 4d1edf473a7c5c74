"""Recipe -> model: every method, tank and pattern gives a file that runs, finds an object, and comes out the same."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.physics import Disc, ForwardModel, conductivity, disc_mesh
from eit_rt.reconstruction import Reconstructor
from eit_rt.reconstruction.builder import build
from eit_rt.reconstruction.recipe import parse_recipe

GN = {"method": "gauss-newton", "name": "test", "size": 24, "noise_figure": 0.5}
GREIT = {"method": "greit", "name": "test", "size": 24, "noise_figure": 0.5, "targets": 300}
COARSE = {"tank": {"shape": "disc", "elements": 2000}}


def test_noise_figure_is_met_and_told():
    model = build(parse_recipe(GN | COARSE, "test"))
    assert model.metadata.metrics["noise figure"] == pytest.approx(0.5)
    assert model.metadata.recipe["noise_figure"] == 0.5


def test_given_hyperparameter_is_used():
    found = build(parse_recipe(GN | COARSE, "test"))
    strength = found.metadata.metrics["strength"]
    given = {**GN, **COARSE, "noise_figure": None, "hyperparameter": strength}
    again = build(parse_recipe(given, "test"))
    scale = np.abs(found.matrix).max()
    np.testing.assert_allclose(again.matrix, found.matrix, atol=1e-4 * scale)


def test_same_recipe_gives_same_bytes():
    first, second = (build(parse_recipe(GREIT | COARSE, "test")).to_onnx() for _ in range(2))
    assert first == second


VARIANTS = {
    "noser": GN | COARSE,
    "laplace": GN | COARSE | {"prior": "laplace"},
    "tikhonov": GN | COARSE | {"prior": "tikhonov", "noise_figure": 1.0},
    "plain": GN | COARSE | {"difference": "plain"},
    "opposite": GN | COARSE | {"pattern": "opposite"},
    "skip4": GN | COARSE | {"pattern": "skip4"},
    "32 electrodes": GN | COARSE | {"electrodes": 32},
    "from the right, counter-clockwise": GN
    | COARSE
    | {"layout": {"first_deg": 0.0, "direction": "counterclockwise"}},
    "greit": GREIT | COARSE,
    "8 electrodes": GREIT | COARSE | {"electrodes": 8},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_finds_an_object_in_a_simulated_tank(variant, tmp_path: Path):
    recipe = parse_recipe(VARIANTS[variant], "test")
    model = build(recipe)
    file = tmp_path / "test.onnx"
    file.write_bytes(model.to_onnx())
    reconstructor = Reconstructor.load(file)
    pattern = recipe.make_pattern()
    reconstructor.check(pattern)
    mesh = disc_mesh(recipe.make_layout(), n_elements=4000, seed=1)
    tank = ForwardModel(mesh, 0.02)
    empty = tank.voltages(1.0, pattern)
    full = tank.voltages(conductivity(mesh, 1.0, [Disc((0.45, -0.3), 0.12, 1.5)]), pattern)
    dv = (full - empty) / (empty if recipe.difference == "normalised" else 1.0)
    picture = reconstructor.run(dv.astype(np.float32), np.ones(pattern.n_meas, np.float32))
    assert picture.shape == (24, 24)
    x, y = centre_of_half_maximum(picture)
    assert np.hypot(x - 0.45, y + 0.3) < 0.1


def centre_of_half_maximum(picture):
    rows, columns = np.nonzero(np.nan_to_num(picture) >= 0.5 * np.nanmax(picture))
    n = len(picture)
    return (columns.mean() + 0.5) / (n / 2) - 1, 1 - (rows.mean() + 0.5) / (n / 2)


def test_amplitude_of_gauss_newton_is_near_that_of_a_weak_object():
    """An object as wide as the resolution: sum of the picture times pixel area is change times the object's area."""
    recipe = parse_recipe(GN | COARSE | {"noise_figure": 2.0}, "test")
    model = build(recipe)
    mesh = disc_mesh(recipe.make_layout(), n_elements=4000, seed=1)
    tank, pattern = ForwardModel(mesh, 0.02), recipe.make_pattern()
    empty = tank.voltages(1.0, pattern)
    full = tank.voltages(conductivity(mesh, 1.0, [Disc((0.0, 0.0), 0.3, 1.1)]), pattern)
    total = (model.matrix @ (full / empty - 1)).sum() * (2 / 24) ** 2
    assert total == pytest.approx(0.1 * np.pi * 0.3**2, rel=0.2)


def test_a_pattern_with_zeros_cannot_be_normalised():
    with pytest.raises(ConfigError, match="plain difference"):
        build(parse_recipe(GN | COARSE | {"pattern": "trig", "electrodes": 8}, "test"))


def test_unreachable_noise_figure_is_told():
    with pytest.raises(ConfigError, match="reaches"):
        build(parse_recipe(GN | COARSE | {"noise_figure": 0.01}, "test"))

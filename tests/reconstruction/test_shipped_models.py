"""The shipped models: as their recipes make them, true to their cards, and right on measured tanks."""

import re
from pathlib import Path

import numpy as np
import pytest

from eit_rt import shipped
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.reconstruction import DifferenceKind, Reconstructor
from eit_rt.reconstruction.builder import build
from eit_rt.reconstruction.figures_of_merit import figures_of_merit
from eit_rt.reconstruction.recipe import load_recipe

NAMES = ["adjacent16-gn", "adjacent16-greit"]


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return request.param


@pytest.fixture
def model(name) -> Reconstructor:
    return Reconstructor.load(name)


def file_of(name: str, suffix: str) -> Path:
    return shipped.folder("models") / f"{name}{suffix}"


def differences(path: Path) -> np.ndarray:
    with np.load(path) as file:
        return (file["frames"] / file["ref"] - 1).astype(np.float32)


def dark_spots(model: Reconstructor, dv: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """(n, 2) centre of the part of each picture that is below half its minimum: where the insulator is."""
    images = -np.nan_to_num(model.run_batch(dv, np.ones_like(dv) if valid is None else valid))
    places = []
    for image in images:
        rows, columns = np.nonzero(image >= 0.5 * image.max())
        places.append([(columns.mean() + 0.5) / 32 - 1, 1 - (rows.mean() + 0.5) / 32])
    return np.array(places)


def test_it_fits_the_ordinary_board(model, name):
    model.check(Pattern.by_name("adjacent", 16))
    assert model.shape == (64, 64)
    assert model.metadata.name == name
    assert model.metadata.layout == Layout.ring(16)
    assert model.metadata.difference is DifferenceKind.NORMALISED
    assert file_of(name, ".onnx").stat().st_size < 20e6


def test_its_recipe_makes_it_again(model, name):
    recipe = load_recipe(shipped.folder("models") / "recipes" / f"{name}.yaml")
    assert model.metadata.recipe == recipe.plain()
    again = build(recipe)
    dv = np.random.default_rng(0).standard_normal((4, 208)).astype(np.float32)
    shown = model.run_batch(dv, np.ones_like(dv))
    np.testing.assert_array_equal(np.isnan(shown[0]), ~again.inside)
    expected = dv @ again.matrix.T
    np.testing.assert_allclose(shown[:, again.inside], expected, atol=1e-5 * np.abs(expected).max())
    for key, value in model.metadata.metrics.items():
        assert again.metadata.metrics[key] == pytest.approx(value, rel=1e-4)


def test_its_card_tells_its_figures(model, name):
    card = file_of(name, ".md").read_text()
    assert f"eit-rt build-model --recipe models/recipes/{name}.yaml" in card
    assert f"{name}.png" in card
    assert file_of(name, ".png").is_file()
    told = dict(re.findall(r"^\| ([a-z, ]+?) \| ([-0-9.]+) \|$", card, flags=re.MULTILINE))
    for key, value in model.metadata.metrics.items():
        if key != "strength":
            assert float(told[key]) == pytest.approx(value, abs=0.0006), key


def test_rod_on_a_circle_is_followed_over_its_turns(model, shared):
    """A rod that went 1008 degrees clockwise in a real tank of 100 frames."""
    x, y = dark_spots(model, differences(shared / "real_data" / "iirc_2006.npz")).T
    angle = np.rad2deg(np.unwrap(np.arctan2(y, x)))
    assert angle[-1] - angle[0] == pytest.approx(-1008, abs=5)
    assert np.hypot(x, y).std() < 0.05


def test_ball_in_a_real_pail_is_found(model, shared):
    path = shared / "real_data" / "ottawa_pail_2005A.npz"
    centred, aside, _ = dark_spots(model, differences(path))
    assert np.hypot(*centred) < 0.05
    assert np.hypot(*(aside - [7 / 15, 0.0])) < 0.1


def test_greit_puts_the_ball_within_four_hundredths(shared):
    path = shared / "real_data" / "ottawa_pail_2005A.npz"
    aside = dark_spots(Reconstructor.load("adjacent16-greit"), differences(path))[1]
    assert np.hypot(*(aside - [7 / 15, 0.0])) < 0.04


def test_ball_hardly_moves_when_an_electrode_is_lost(model, shared):
    """Each of the sixteen in turn. With zeros in the gaps it moved by 0.04 on average."""
    dv = differences(shared / "real_data" / "ottawa_pail_2005A.npz")[1]
    lost = np.stack([model.metadata.pattern.touches(electrode) for electrode in range(16)])
    gaps = np.where(lost, np.float32("nan"), dv)
    moved = dark_spots(model, gaps, 1.0 - lost) - dark_spots(model, dv[None])
    distance = np.hypot(*moved.T)
    assert distance.mean() < 0.03
    assert distance.max() < 0.1


def test_greit_is_as_good_as_eidors_on_eidors_own_3d_targets(golden_case):
    """19 balls in a 3-D tank that EIDORS simulated, and the figures of EIDORS' GREIT for such tanks on them."""
    case = golden_case("greit_figures_of_merit")
    dv = (case["greit3d_vi"] / case["greit3d_vh"][:, None] - 1).T.astype(np.float32)
    images = Reconstructor.load("adjacent16-greit").run_batch(dv, np.ones_like(dv))
    ours = figures_of_merit(images, case["greit3d_xyzr"][:2].T).as_rows()
    theirs = case["greit3d_params"]
    amplitude, position, resolution, deformation, ringing = range(5)

    def spread(rows, k):
        return rows[k].std() / rows[k].mean()

    assert np.abs(ours[position]).mean() <= np.abs(theirs[position]).mean()
    assert np.abs(ours[position]).max() <= np.abs(theirs[position]).max()
    assert spread(ours, resolution) <= spread(theirs, resolution)
    assert spread(ours, amplitude) <= spread(theirs, amplitude)
    assert ours[deformation].mean() <= theirs[deformation].mean()
    assert ours[ringing].mean() <= theirs[ringing].mean()

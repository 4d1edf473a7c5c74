"""A tiny data set, and recipes for it: eight electrodes, coarse meshes, seconds to make."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eit_rt.training.generation import generate
from eit_rt.training.recipe import TrainingRecipe, parse_recipe
from eit_rt.training.samples import Samples
from eit_rt.training.tank_recipe import DatasetRecipe, Objects

TANKS = DatasetRecipe(
    name="tiny",
    electrodes=8,
    elements=500,
    count=256,
    shard=64,
    picture=16,
    turns=2,
    seed=3,
    objects=Objects(count=(0.02, 0.98), radius=(0.2, 0.4), resistive=(0.01, 0.3)),
    thorax_share=0.0,
)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data set of 256 tanks with eight electrodes and pictures of 16 pixels."""
    folder = tmp_path_factory.mktemp("tiny")
    generate(TANKS, folder, workers=1)
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Samples:
    return Samples.load(tiny_folder)


@pytest.fixture(scope="session")
def tiny_recipe(tiny_folder: Path) -> Callable[..., TrainingRecipe]:
    """Recipe for the tiny data set; keyword arguments replace top-level keys."""

    def make(**changes: Any) -> TrainingRecipe:
        return parse_recipe(tiny_plain(tiny_folder) | changes, "recipe")

    return make


def tiny_plain(folder: Path) -> dict[str, Any]:
    """What a recipe file would say."""
    return {
        "name": "tiny",
        "data": {"folders": [str(folder)], "size": 16},
        "network": {"widths": [32], "head": {"output": "image", "side": 16, "size": 32}},
        "losses": [{"kind": "mse"}],
        "batch": 32,
        "steps": 20,
        "validation": {"share": 0.2, "every": 10},
    }

"""A dead electrode that nobody masked: `electrode_health` must find it, whatever it does, whatever is in the tank."""

import numpy as np
import pytest

from eit_rt.calibration import electrode_health
from eit_rt.pattern import Pattern
from eit_rt.training.shard import Tanks
from eit_rt.training.tank_recipe import load_dataset_recipe
from tests.conftest import REPOSITORY

TEST_TANKS = REPOSITORY / "models" / "recipes" / "test16.yaml"
N_TANKS = 60
N_FRAMES = 10
NOISE = 1e-3
"""Of the largest voltage."""

PATTERN = Pattern.by_name("adjacent", 16)


def potential_of(kind: str, random: np.random.Generator, largest: float) -> np.ndarray | float:
    """Of an electrode without contact, at each injection: at the middle of the supply, drifting, or at its rail."""
    if kind == "drifting":
        return random.normal(0, 0.3 * largest, PATTERN.n_stimulations)
    return {"grounded": 0.0, "at the rail": 3.0 * largest}[kind]


def measured(z: np.ndarray, electrode: int, kind: str, random: np.random.Generator) -> np.ndarray:
    """(n_frames, n_meas) of a tank (transfer impedance z) with one electrode that carries no current."""
    largest = float(np.abs(PATTERN.voltages(z)).max())
    potentials = z @ PATTERN.currents.T
    potentials[:, PATTERN.currents[:, electrode] != 0] = 0.0
    frames = []
    for _ in range(N_FRAMES):
        potentials[electrode] = potential_of(kind, random, largest)
        driven = potentials.T[PATTERN.stimulation]
        values = (PATTERN.senses * driven).sum(axis=1)
        frames.append(values + NOISE * largest * random.normal(size=values.shape))
    return np.array(frames)


@pytest.mark.parametrize("kind", ["grounded", "drifting", "at the rail"])
def test_a_stuck_electrode_is_found_in_95_of_100_tanks(kind):
    random = np.random.default_rng(7)
    tanks = Tanks(load_dataset_recipe(TEST_TANKS), random)
    found = 0
    for _ in range(N_TANKS):
        z_reference, z = tanks.impedances(tanks.scene())
        electrode = int(random.integers(16))
        health = electrode_health(
            measured(z, electrode, kind, random), PATTERN, reference=PATTERN.voltages(z_reference)
        )
        found += electrode + 1 in health.bad
    print(f"{kind}: found in {found} of {N_TANKS}")
    assert found >= 0.95 * N_TANKS


def test_a_good_tank_is_not_accused():
    random = np.random.default_rng(8)
    tanks = Tanks(load_dataset_recipe(TEST_TANKS), random)
    accused = 0
    for _ in range(N_TANKS):
        z_reference, z = tanks.impedances(tanks.scene())
        values = PATTERN.voltages(z)
        noise = NOISE * np.abs(values).max() * random.normal(size=(N_FRAMES, PATTERN.n_meas))
        health = electrode_health(values + noise, PATTERN, reference=PATTERN.voltages(z_reference))
        accused += bool(health.bad)
    assert accused <= 0.05 * N_TANKS

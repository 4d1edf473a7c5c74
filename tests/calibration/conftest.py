"""A tank that needs no mesh: the homogeneous disc with point electrodes, in closed form."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from eit_rt.calibration import Profile
from eit_rt.frames import Frame, Stream
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern


def disc_voltages(pattern: Pattern) -> NDArray[np.float64]:
    """(n_meas,) homogeneous unit disc, 1 S/m: Neumann function -ln|x - y| / pi between boundary points."""
    xy = Layout.ring(pattern.n_electrodes).positions()
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    np.fill_diagonal(apart, 1e-3)  # an electrode has a size
    return pattern.voltages(-np.log(apart) / np.pi)


def noisy(volts, n_frames, relative, seed=0):
    """(n_frames, n_meas) with white noise of that relative size."""
    rng = np.random.default_rng(seed)
    return volts * (1 + relative * rng.standard_normal((n_frames, len(volts))))


def frames_of(values, dtype=np.float32):
    return [
        Frame(np.array(row, dtype=dtype), number, number * 20_000_000, number * 20_000_000)
        for number, row in enumerate(values)
    ]


def profile(**fields) -> Profile:
    """A profile of the 16-electrode adjacent pattern, with these entries."""
    plain = {
        "schema_version": 1,
        "name": "test",
        "made": "2026-01-02",
        "pattern": {"name": "adjacent", "n_electrodes": 16},
    }
    return Profile.model_validate_json(json.dumps(plain | fields))


@pytest.fixture
def adjacent() -> Pattern:
    return Pattern.by_name("adjacent", 16)


@pytest.fixture
def volts(adjacent):
    return disc_voltages(adjacent)


@pytest.fixture
def stream(adjacent) -> Stream:
    return Stream(adjacent, 50.0)

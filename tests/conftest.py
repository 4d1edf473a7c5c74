"""Fixtures for all tests: one thread for numerics, no screen needed, and the measured data where it is there.

No test fails because the machine is busy: generated examples have no deadline.
"""

import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402 - the variables above must be set before numpy or Qt is imported
from hypothesis import HealthCheck, settings  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[1]

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of measured tanks and golden numbers beside the checkout; tests that need it are skipped without it."""
    folder = REPOSITORY.parent / "shared"
    if not (folder / "golden" / "eidors").is_dir():
        pytest.skip(f"measured data and golden numbers are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def golden(shared: Path) -> Path:
    """EIDORS' golden numbers."""
    return shared / "golden" / "eidors"


@pytest.fixture(scope="session")
def golden_case(golden: Path) -> Callable[[str], dict[str, np.ndarray]]:
    """All arrays of a golden file, by its name."""

    def load(name: str) -> dict[str, np.ndarray]:
        with np.load(golden / f"{name}.npz") as file:
            return {key: file[key] for key in file.files}

    return load

"""Golden numbers and small models that the tests of this room share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.reconstruction.metadata import DifferenceKind, ModelMetadata, OutputKind

Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="session")
def golden_case(golden: Path) -> Callable[[str], Arrays]:
    """All arrays of a golden file, by its name."""

    def load(name: str) -> Arrays:
        with np.load(golden / f"{name}.npz") as file:
            return {key: file[key] for key in file.files}

    return load


@pytest.fixture
def metadata() -> ModelMetadata:
    """Of an 8-electrode model with 40 measurements."""
    return ModelMetadata(
        name="small",
        pattern=Pattern.by_name("adjacent", 8),
        layout=Layout.ring(8),
        output=OutputKind.IMAGE,
        difference=DifferenceKind.NORMALISED,
        extent=(-1.0, 1.0, -1.0, 1.0),
        recipe={"method": "none", "size": 4},
        metrics={"position error": 0.03},
    )

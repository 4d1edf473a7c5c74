"""Small models that the tests of this room share."""

import pytest

from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.reconstruction.metadata import ModelMetadata, OutputKind


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

"""GREIT's figures of merit of any method that makes pictures: the 19 standard targets, simulated for its pattern.

Imports this room, reconstruction and errors. The targets are small and faint (radius 0.05, 1.2 times the conductivity)
and measured without noise: they tell what a method does with little, and a network may show nothing of some.
"""

import numpy as np
from numpy.typing import NDArray

from eit_rt.evaluation.evaluation_set import EvaluationSet, TrueObject
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.reconstruction.figures_of_merit import FIELD_OF_VIEW, figures_of_merit
from eit_rt.reconstruction.simulated_targets import (
    CONTRAST,
    TARGET_RADIUS,
    disc_voltages,
    summary,
    target_positions,
)

Floats = NDArray[np.float64]

TARGETS = "standard targets"


def standard_targets(pattern: Pattern, layout: Layout, z_contact: float = 0.02) -> EvaluationSet:
    """19 flat tanks, a target in each, from the centre to 0.9 radii."""
    empty, full = disc_voltages(layout, pattern, z_contact)
    contrast = (CONTRAST - 1) / (CONTRAST + 1)
    return EvaluationSet(
        TARGETS,
        pattern,
        layout,
        empty[None],
        full,
        objects=tuple(
            (TrueObject(x, y, TARGET_RADIUS, contrast),) for x, y in target_positions().tolist()
        ),
        z_contact=z_contact,
    )


def merits_of(pictures: Floats) -> dict[str, float]:
    """Summary of the figures of merit of the 19 pictures (19, H, W), and how many show nothing conductive."""
    shown = np.array([_shows_something(picture) for picture in pictures])
    figures = {"targets lost": float((~shown).sum())}
    if shown.any():
        found = figures_of_merit(pictures[shown], target_positions()[shown])
        figures |= summary(found)
    return figures


def _shows_something(picture: Floats) -> bool:
    """Whether anything is positive where figures of merit look for the target."""
    height, width = picture.shape
    x, y = np.linspace(-1, 1, width), np.linspace(1, -1, height)
    view = x**2 + y[:, None] ** 2 < FIELD_OF_VIEW
    return bool((np.nan_to_num(picture)[view] > 0).any())

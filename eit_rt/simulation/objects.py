"""Objects in the tank: their shape, when they are there, how they breathe, and where they are at a given time.

Imports motion, span, settings. `PlacedObject` is the ground truth that tests and pictures compare with.
"""

from abc import abstractmethod
from dataclasses import dataclass
from math import pi, sin
from typing import Annotated, Literal

from pydantic import Field

from eit_rt.settings import Positive, Section
from eit_rt.simulation.motion import Motion, Still
from eit_rt.simulation.span import Span

SCALE_DIGITS = 7
"""Ground truth is rounded to 1e-7 tank radii, so that a periodic motion comes back to exactly the same state."""


Swing = Annotated[float, Field(ge=-0.9, le=0.9)]
SemiAxis = Annotated[float, Field(gt=0, lt=1)]


class Presence(Span):
    """When the object is in the tank."""


class Breathing(Section):
    """Size and conductivity swing as a sine: value * (1 + swing * sin(2 pi t / period_s + phase))."""

    period_s: Positive
    conductivity: Swing = 0.0
    """Swing of the conductivity ratio, relative; negative: it resists most when the sine is at its top."""
    size: Swing = 0.0
    """Swing of the lengths, relative."""
    phase_deg: float = 0.0

    def swing(self, t_s: float) -> float:
        """-1..1 at t_s."""
        return sin(2 * pi * ((t_s / self.period_s + self.phase_deg / 360.0) % 1.0))


class _Object(Section):
    name: str = ""
    conductivity_ratio: Positive
    """Conductivity of the object over that of the background; below 1 resists, above 1 conducts."""
    motion: Motion = Field(default_factory=Still)
    presence: Presence = Field(default_factory=Presence)
    breathing: Breathing | None = None

    @abstractmethod
    def lengths(self) -> tuple[float, float, float]:
        """Semi-axes and turn (degrees) at rest."""

    def at(self, t_s: float) -> "PlacedObject | None":
        """Where and what it is at t_s; None while it is not in the tank."""
        if not self.presence.holds(t_s):
            return None
        x, y = self.motion.position(t_s)
        swing = self.breathing.swing(t_s) if self.breathing else 0.0
        grown = 1 + swing * (self.breathing.size if self.breathing else 0.0)
        ratio = self.conductivity_ratio * (
            1 + swing * (self.breathing.conductivity if self.breathing else 0.0)
        )
        a, b, turn_deg = self.lengths()
        numbers = (round(n, SCALE_DIGITS) for n in (x, y, a * grown, b * grown, turn_deg, ratio))
        return PlacedObject(self.name, *numbers)

    @property
    def largest(self) -> float:
        """Largest semi-axis it ever has."""
        a, b, _ = self.lengths()
        return max(a, b) * (1 + abs(self.breathing.size if self.breathing else 0.0))


class DiscObject(_Object):
    """A round object: a rod, a ball."""

    shape: Literal["disc"]
    radius: SemiAxis

    def lengths(self) -> tuple[float, float, float]:
        return self.radius, self.radius, 0.0


class EllipseObject(_Object):
    """An oval object: a lung."""

    shape: Literal["ellipse"]
    semi_axes: tuple[SemiAxis, SemiAxis]
    turn_deg: float = 0.0
    """Counter-clockwise turn of the first semi-axis from +x."""

    def lengths(self) -> tuple[float, float, float]:
        return *self.semi_axes, self.turn_deg


TankObject = Annotated[DiscObject | EllipseObject, Field(discriminator="shape")]


@dataclass(frozen=True, slots=True)
class PlacedObject:
    """Ground truth of one object at one moment; lengths in tank radii, x right, y up."""

    name: str
    x: float
    y: float
    a: float
    b: float
    turn_deg: float
    conductivity_ratio: float

"""Where the frames of a simulated board come from: a tank, or a recording played back. One contract for both.

Imports tank_source, playback, scenario, frames, pattern. The rule it keeps: a frame follows from its number alone.
"""

from typing import Protocol

from eit_rt.frames import ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.simulation.electronics import Reading
from eit_rt.simulation.playback import PlaybackSource
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.tank_source import TankSource


class FrameSource(Protocol):
    """Frames by number, from 0."""

    pattern: Pattern
    layout: Layout | None
    rate_hz: float
    kind: ValueKind
    step: float | None
    """Smallest difference between values, V: integers on the wire count these; None: values are floats."""
    is_volt: bool
    takes_patterns: bool
    """True if it can be measured with other patterns than its own."""
    n_frames: int | None
    """How many frames there are; None: no end."""
    saturation: float | None
    """Absolute value, V, at and above which a value is clipped; None: unknown."""
    amplitude_a: float
    """Current amplitude, ampere; 0: unknown."""

    def reading(self, frame: int) -> Reading:
        """Frame number `frame`, 0 <= frame < n_frames."""

    def measured(self, pattern: Pattern, rate_hz: float) -> "FrameSource":
        """The same source with another pattern and rate. Raises MismatchError if it cannot."""


def open_source(scenario: Scenario) -> FrameSource:
    """The source that a scenario describes. Raises ConfigError, RecordingError or PhysicsError if it cannot be had."""
    if scenario.playback is not None:
        return PlaybackSource.open(scenario)
    return TankSource(scenario)

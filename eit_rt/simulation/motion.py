"""Motion: how the centre of an object moves. Positions are in tank radii, x right, y up; times in seconds.

Imports span, settings. The rule it keeps: position is a pure function of time; any frame can be made again alone.
"""

from math import cos, hypot, radians, sin
from typing import Annotated, Literal

from pydantic import Field

from eit_rt.settings import Positive, Section
from eit_rt.simulation.span import NotNegative, Point


class Still(Section):
    """Stays where it is."""

    kind: Literal["still"] = "still"
    at: Point = (0.0, 0.0)

    def position(self, t_s: float) -> tuple[float, float]:
        """(x, y) at t_s."""
        return self.at

    def extremes(self) -> tuple[tuple[float, float], ...]:
        """Positions among which is the farthest one from the middle of the tank."""
        return (self.at,)


class Circle(Section):
    """Goes round `center` at constant speed: one turn in `period_s`."""

    kind: Literal["circle"]
    radius: NotNegative
    period_s: Positive
    start_deg: float = 90.0
    """Where it is at t = 0, degrees counter-clockwise from +x."""
    direction: Literal["clockwise", "counterclockwise"] = "counterclockwise"
    center: Point = (0.0, 0.0)

    def angle_deg(self, t_s: float) -> float:
        """Angle about `center` at t_s, degrees counter-clockwise from +x, growing without wrap."""
        turn = 1.0 if self.direction == "counterclockwise" else -1.0
        return self.start_deg + turn * 360.0 * t_s / self.period_s

    def position(self, t_s: float) -> tuple[float, float]:
        """(x, y) at t_s."""
        angle = radians(self.angle_deg(t_s) % 360.0)
        return self.center[0] + self.radius * cos(angle), self.center[1] + self.radius * sin(angle)

    def extremes(self) -> tuple[tuple[float, float], ...]:
        """Positions among which is the farthest one from the middle of the tank."""
        return ((hypot(*self.center) + self.radius, 0.0),)


class Line(Section):
    """Goes straight from `start` to `end` in `duration_s`; then stays, comes back, or begins again."""

    kind: Literal["line"]
    start: Point
    end: Point
    duration_s: Positive
    repeat: Literal["once", "bounce", "loop"] = "bounce"

    def position(self, t_s: float) -> tuple[float, float]:
        """(x, y) at t_s."""
        s = self._way(t_s / self.duration_s)
        (x0, y0), (x1, y1) = self.start, self.end
        return x0 + s * (x1 - x0), y0 + s * (y1 - y0)

    def extremes(self) -> tuple[tuple[float, float], ...]:
        """Positions among which is the farthest one from the middle of the tank."""
        return self.start, self.end

    def _way(self, s: float) -> float:
        if self.repeat == "once":
            return min(max(s, 0.0), 1.0)
        if self.repeat == "loop":
            return s % 1.0
        return 1.0 - abs(s % 2.0 - 1.0)


Motion = Annotated[Still | Circle | Line, Field(discriminator="kind")]

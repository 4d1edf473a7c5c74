"""Span, a stretch of time, and the number types that the sections of a scenario file share. Imports settings only."""

from typing import Annotated

from pydantic import Field

from eit_rt.settings import Section

NotNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Electrode = Annotated[int, Field(ge=1)]
"""Number of an electrode as people count them, from 1."""

Point = tuple[float, float]
"""x right, y up, in tank radii."""


class Span(Section):
    """A stretch of time: from_s <= t < until_s; without end if until_s is left out."""

    from_s: NotNegative = 0.0
    until_s: NotNegative | None = None

    def holds(self, t_s: float) -> bool:
        """True while it lasts."""
        return self.from_s <= t_s and (self.until_s is None or t_s < self.until_s)

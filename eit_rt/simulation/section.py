"""Section: the base of everything a scenario file may say, and the number types that sections share.

Imports pydantic only. The rule it keeps: strict types, unknown keys refused, finite numbers, frozen once read.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """One mapping of a scenario file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Electrode = Annotated[int, Field(ge=1)]
"""Number of an electrode as people count them, from 1."""

# YAML has lists, not tuples: only the container is taken loosely, its numbers stay strict.
Point = Annotated[tuple[float, float], Field(strict=False)]
"""x right, y up, in tank radii."""


class Span(Section):
    """A stretch of time: from_s <= t < until_s; without end if until_s is left out."""

    from_s: NotNegative = 0.0
    until_s: NotNegative | None = None

    def holds(self, t_s: float) -> bool:
        """True while it lasts."""
        return self.from_s <= t_s and (self.until_s is None or t_s < self.until_s)

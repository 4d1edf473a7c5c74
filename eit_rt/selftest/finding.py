"""Finding: one thing that was looked at, how it is, and what to do about it. Imports nothing of the project."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    GOOD = "good"
    LOOK = "look"
    """Works, but a person should look at it."""
    BAD = "bad"
    UNKNOWN = "unknown"
    """Could not be judged; the text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the self-test's table."""

    name: str
    grade: Grade
    text: str
    """What was seen, with numbers."""
    advice: str = ""
    """What to do; empty if nothing."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"grade": str(self.grade)}

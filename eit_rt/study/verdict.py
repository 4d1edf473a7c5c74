"""Verdicts: what the measured numbers say of a claim. Imports this room's statistics only.

The rule it keeps: a claim is decided only where the whole interval of an effect lies on one side of a limit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from eit_rt.study.statistics import Interval, digits


class Outcome(StrEnum):
    """Of one claim."""

    HOLDS = "holds"
    DOES_NOT = "does not hold"
    UNDECIDED = "not decided"


@dataclass(frozen=True, slots=True)
class Number:
    """A key number of the report."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, name: str, interval: Interval) -> "Number":
        return cls(name, interval.value, interval.low, interval.high)

    def __str__(self) -> str:
        return self.told

    @property
    def told(self) -> str:
        """As the report says it."""
        if self.low is None or self.high is None:
            return digits(self.value, ".4g")
        return str(Interval(self.value, self.low, self.high))


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim and its fate."""

    claim: str
    """In the paper's words, or near them."""
    place: str
    """Where the paper says it."""
    outcome: Outcome
    because: str
    """What was found, in one to three sentences."""
    numbers: tuple[Number, ...] = ()


def above(interval: Interval, limit: float) -> Outcome:
    """Does the quantity exceed the limit?"""
    if interval.low > limit:
        return Outcome.HOLDS
    return Outcome.DOES_NOT if interval.high < limit else Outcome.UNDECIDED


def below(interval: Interval, limit: float) -> Outcome:
    """Is the quantity less than the limit?"""
    if interval.high < limit:
        return Outcome.HOLDS
    return Outcome.DOES_NOT if interval.low > limit else Outcome.UNDECIDED


def opposite(outcome: Outcome) -> Outcome:
    """Of a claim that fails where another holds."""
    swap = {Outcome.HOLDS: Outcome.DOES_NOT, Outcome.DOES_NOT: Outcome.HOLDS}
    return swap.get(outcome, outcome)


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Of a claim with several parts: one that fails is enough, and all must hold."""
    parts = set(outcomes)
    if Outcome.DOES_NOT in parts:
        return Outcome.DOES_NOT
    return Outcome.HOLDS if parts == {Outcome.HOLDS} else Outcome.UNDECIDED

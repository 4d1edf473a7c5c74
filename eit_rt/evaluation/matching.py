"""Which found object is which true one, and what follows: recall, false objects, centre errors, IoU.

Imports this room; scipy.optimize when called. The rule: one to one, same sign, centres at most FARTHEST apart; among
such pairings the one with most pairs, and of those the one with the smallest sum of distances.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eit_rt.evaluation.evaluation_set import TrueObject
from eit_rt.evaluation.objects import FoundObject

FARTHEST = 0.2
"""Tank radii between the centres of a true object and what is taken for it."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Of one tank."""

    n_true: int
    n_false: int
    """Found objects that are none of the true ones."""
    centre_errors: tuple[float, ...]
    """Distance of the centres of each pair, tank radii."""
    overlaps: tuple[float, ...] = ()
    """IoU of each pair; empty where the truth has no picture."""

    @property
    def n_matched(self) -> int:
        return len(self.centre_errors)


@dataclass(frozen=True, slots=True)
class ObjectFigures:
    """Of many tanks."""

    recall: float
    """Found share of all true objects; NaN if there is none."""
    false_per_tank: float
    centre_error: float
    """Median over found objects, tank radii; NaN if none is found."""
    overlap: float
    """Median IoU over found objects."""

    @classmethod
    def of(cls, tanks: Sequence[Findings]) -> "ObjectFigures":
        n_true = sum(tank.n_true for tank in tanks)
        matched = sum(tank.n_matched for tank in tanks)
        return cls(
            matched / n_true if n_true else float("nan"),
            sum(tank.n_false for tank in tanks) / len(tanks),
            _median([error for tank in tanks for error in tank.centre_errors]),
            _median([overlap for tank in tanks for overlap in tank.overlaps]),
        )


def match(
    found: Sequence[FoundObject],
    true: Sequence[TrueObject] | Sequence[FoundObject],
    farthest: float = FARTHEST,
) -> list[tuple[int, int]]:
    """Pairs (index in found, index in true) by the rule of this file."""
    from scipy.optimize import linear_sum_assignment

    if not found or not true:
        return []
    distance = np.array([[one.distance_to(other) for other in true] for one in found])
    fits = (distance <= farthest) & (_signs(found)[:, None] == _signs(true)[None])
    # A pair that is not allowed costs more than any number of allowed ones: it is never taken for one of them.
    forbidden = farthest * (1 + min(distance.shape))
    rows, columns = linear_sum_assignment(np.where(fits, distance, forbidden))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if fits[i, j]]


def judge(
    found: Sequence[FoundObject], true: Sequence[TrueObject] | Sequence[FoundObject]
) -> Findings:
    """IoU is told if the true objects come from a picture of the found ones' size."""
    pairs = match(found, true)
    errors = tuple(found[i].distance_to(true[j]) for i, j in pairs)
    both = [(found[i], true[j]) for i, j in pairs]
    overlaps = tuple(one.overlap(other) for one, other in both if isinstance(other, FoundObject))
    return Findings(len(true), len(found) - len(pairs), errors, overlaps)


def _signs(objects: Sequence[FoundObject] | Sequence[TrueObject]) -> NDArray[np.float64]:
    values = [one.amplitude if isinstance(one, FoundObject) else one.contrast for one in objects]
    return np.asarray(np.sign(np.array(values, dtype=np.float64)))


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else float("nan")

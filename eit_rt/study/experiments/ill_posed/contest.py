"""Contests between settings over paired seeds: who is best, chosen on some seeds and judged on others.

Imports numpy, and this room's statistics, tables and verdicts. A seed is the independent unit; what wins by luck
on the seeds that chose it gets no credit for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.study import statistics
from eit_rt.study.statistics import Interval, level, ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome, above, below

Floats = NDArray[np.float64]
Key = tuple[Any, ...]


def by_seed(rows: Table, *names: str, column: str = "error") -> Iterator[tuple[Key, Floats]]:
    """Groups that have the same values in these columns: key, and the column (seeds,) in the order of the seeds."""
    for key, some in rows.groups(*names):
        yield key, some.sorted_by("seed")[column]


def best(rows: Table, *names: str) -> tuple[Key, Interval]:
    """The setting with the least mean error on every other seed, and its mean error on the rest."""
    settings = dict(by_seed(rows, *names))
    first = min(settings, key=lambda key: float(settings[key][::2].mean()))
    return first, statistics.mean(settings[first][1::2])


@dataclass(frozen=True, slots=True)
class Contest:
    """One activation against the others, over settings (function, width, samples)."""

    order: tuple[str, ...]
    """All activations, least geometric mean error first."""
    against: Mapping[str, Interval]
    """Other activation -> error of the one / error of the other: geometric mean over settings, interval over seeds, at
    `confidence`."""
    confidence: float
    """1 - 0.05/k for k rivals (Bonferroni): with 95 % confidence all intervals of `against` are right at once."""
    duels: Mapping[Key, Interval]
    """Setting -> error of the one / error of the best other one, each interval at 95 %."""

    @classmethod
    def of(cls, rows: Table, one: str) -> "Contest":
        log = {key: np.log(y) for key, y in by_seed(rows, "activation", "function", "width", "n")}
        settings = list(dict.fromkeys(key[1:] for key in log))
        names = rows.values("activation")
        looks = max(1, len(names) - 1)
        heights = {a: np.mean([log[(a, *key)] for key in settings], axis=0) for a in names}
        return cls(
            tuple(sorted(names, key=lambda a: float(heights[a].mean()))),
            {a: _ratio(heights[one], heights[a], looks) for a in names if a != one},
            level(looks),
            {key: _duel(one, {a: log[(a, *key)] for a in names}) for key in settings},
        )

    @property
    def nearest(self) -> str:
        """The other one whose error is least unlike."""
        return min(self.against, key=lambda a: abs(np.log(self.against[a].value)))

    @property
    def won(self) -> list[Key]:
        """Settings in which it is surely better than the best other one."""
        return [key for key, duel in self.duels.items() if below(duel, 1.0) is Outcome.HOLDS]

    @property
    def lost(self) -> list[Key]:
        """Settings in which it is surely worse."""
        return [key for key, duel in self.duels.items() if above(duel, 1.0) is Outcome.HOLDS]


def _ratio(log_a: Floats, log_b: Floats, looks: int = 1) -> Interval:
    """Geometric mean of a / b over paired seeds."""
    return ratio(np.exp(log_a), np.exp(log_b), looks)


def _duel(one: str, log: Mapping[str, Floats]) -> Interval:
    other = min((a for a in log if a != one), key=lambda a: float(log[a][::2].mean()))
    return _ratio(log[one][1::2], log[other][1::2])

"""What the tables of the dots say: exact matches per method, board and noise. Imports this room's statistics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eit_rt.study import statistics
from eit_rt.study.experiments.dots.bench import NOISE_DB
from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval
from eit_rt.study.verdict import Outcome, above

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Setting:
    """So many dots, and the board that looks for them."""

    n: int
    board: str
    """Either "few" or "full"."""

    def __str__(self) -> str:
        return f"{self.n} dots, {self.n if self.board == 'few' else 208} voltages"


FEW = (Setting(8, "few"), Setting(10, "few"))
FULL = (Setting(8, "full"), Setting(10, "full"))


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Exact matches: the share of tanks in which every dot is called right."""

    tables: Tables

    def seeds(self, at: Setting, method: str, noise_db: float | None = None) -> Floats:
        """(seeds,) at one noise, or the mean over all of them."""
        if noise_db is None:
            return np.asarray(np.mean([self.seeds(at, method, db) for db in NOISE_DB], axis=0))
        rows = self.tables["rates"].where(n=at.n, board=at.board, method=method, noise_db=noise_db)
        return np.asarray(rows.sorted_by("seed")["exact"])

    def mean(self, at: Setting, method: str, noise_db: float) -> Interval:
        return statistics.mean(self.seeds(at, method, noise_db))

    def less(self, at: Setting, one: str, other: str, noise_db: float | None = None) -> Interval:
        """One method's less another's, on the same tanks."""
        return statistics.paired(self.seeds(at, one, noise_db), self.seeds(at, other, noise_db))

    def time(self, at: Setting, method: str) -> float:
        """Of one image, over that of search."""
        rows = self.tables["times"].where(n=at.n, board=at.board, method=method)
        return float(rows["of_search"][0])

    def loudest(self, at: Setting, method: str, limit: float) -> str:
        """The loudest noise from which on the whole interval lies above the limit, also in all that is quieter."""
        told = "none"
        for db in reversed(NOISE_DB):
            if above(self.mean(at, method, db), limit) is not Outcome.HOLDS:
                break
            told = f"{db} dB"
        return told

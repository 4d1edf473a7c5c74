"""Doubt in single potentials of a Sciospec board. Imports plausibility.

Potentials against ground move together by much more than they differ (in the maker's recorded run by six times the
noise of a difference). The rule it keeps: what all channels of an excitation do alike is taken off first.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.plausibility import Plausibility

Complexes = NDArray[Any]


class PotentialDoubt:
    """Looks at every frame of a run, in order."""

    def __init__(self, used: NDArray[np.bool_]) -> None:
        """used: (n_excitations, n_channels) those that are judged."""
        self._used = used
        self._judge = Plausibility(int(np.count_nonzero(used)))
        self._common = np.zeros((len(used), 1), dtype=np.complex128)
        """What the channels of each excitation have done together so far."""
        self._last: Complexes | None = None

    def __call__(self, potentials: Complexes) -> NDArray[np.bool_]:
        """(n_excitations, n_channels) True where a potential should not be believed; NaN is missing."""
        if self._last is None:
            self._last = np.where(self._used, potentials, np.nan)
        else:
            self._common += _middle(np.where(self._used, potentials - self._last, np.nan))
        judged = (potentials - self._common)[self._used]
        doubted = np.zeros(self._used.shape, dtype=np.bool_)
        doubted[self._used] = self._judge.doubtful(judged)
        is_good = np.isfinite(potentials) & ~doubted
        self._last = np.where(is_good, potentials, self._last)
        return doubted


def _middle(changes: Complexes) -> Complexes:
    """(n, 1) median of each row, real and imaginary part apart; 0 where nothing is known."""
    middle = np.zeros((len(changes), 1), dtype=np.complex128)
    known = np.isfinite(changes)
    some = known.any(axis=1)
    rows = np.where(known, changes, complex(np.nan, np.nan))[some]
    middle[some, 0] = np.nanmedian(rows.real, axis=1) + 1j * np.nanmedian(rows.imag, axis=1)
    return middle

"""Superposition: the measurements of one pattern as sums of those of another, on the same electrodes or some of them.

Imports pattern and errors. In a tank where voltages follow currents in proportion, a superposition of injections gives
the same superposition of voltages: w = T v holds whatever is inside. What was itself measured is taken as it is. Of
several sums the quietest is taken, and among injections, where they allow it, one whose weights add up to nothing: then
a constant offset of a channel, as real instruments have, drops out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import MismatchError
from eit_rt.pattern import Pattern

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

TOLERANCE = 1e-6
"""Largest residual, relative to what is wanted, that counts as nothing."""
NEGLIGIBLE = 1e-9
"""A weight so small beside the largest of its row is none."""
MOST_WEIGHTS = 1 << 27
"""A larger matrix (1 GiB) is refused."""


@dataclass(frozen=True, slots=True, eq=False)
class Superposition:
    """How values of `wanted` follow from values of `measured`."""

    measured: Pattern
    wanted: Pattern
    electrodes: tuple[int, ...]
    """Of `measured`, counted from 0: the electrodes of `wanted` in its order."""
    matrix: Floats
    """(wanted.n_meas, measured.n_meas)"""

    @classmethod
    def find(
        cls,
        measured: Pattern,
        wanted: Pattern,
        electrodes: Sequence[int] | None = None,
        avoid: Mask | None = None,
    ) -> Self:
        """electrodes: None for all, in order. avoid: (measured.n_meas,) True where another measurement is preferred.

        Raises MismatchError: which stimulation or voltage of `wanted` does not follow from what was measured.
        """
        kept = tuple(range(measured.n_electrodes) if electrodes is None else electrodes)
        if len(kept) != wanted.n_electrodes or not set(kept) <= set(range(measured.n_electrodes)):
            raise MismatchError(
                f"{len(kept)} of {measured.n_electrodes} electrodes for the pattern {wanted.describe()}; "
                "name as many electrodes as it has"
            )
        if measured.n_meas * wanted.n_meas > MOST_WEIGHTS:
            raise MismatchError(
                f"{wanted.n_meas} measurements from {measured.n_meas} make too large a matrix; expected at most "
                f"{MOST_WEIGHTS} weights"
            )
        problem = _Problem(measured, wanted, kept)
        everything = np.zeros(measured.n_meas, dtype=np.bool_)
        matrix, is_found = problem.solve(everything if avoid is None else avoid)
        if not is_found.all() and avoid is not None and avoid.any():
            whole, is_in_whole = problem.solve(everything)
            matrix[~is_found], is_found = whole[~is_found], is_found | is_in_whole
        if not is_found.all():
            raise MismatchError(problem.explain(~is_found))
        matrix.flags.writeable = False
        return cls(measured, wanted, kept, matrix)

    @property
    def noise_gain(self) -> Floats:
        """(wanted.n_meas,) standard deviation of a derived value where every measured one has 1, independently."""
        return np.asarray(np.linalg.norm(self.matrix, axis=1), dtype=np.float64)

    @property
    def is_free_of_offsets(self) -> Mask:
        """(wanted.n_meas,) True where a constant added to a channel at all injections does not change a value."""
        _, channel = np.unique(self.measured.senses, axis=0, return_inverse=True)
        sums = np.zeros((channel.max() + 1, self.wanted.n_meas))
        np.add.at(sums, np.ravel(channel), self.matrix.T)
        return np.asarray(np.abs(sums).max(axis=0) <= TOLERANCE * np.abs(self.matrix).max(axis=1))

    def apply(self, values: NDArray[Any]) -> NDArray[Any]:
        """Derived values (wanted.n_meas,) of measured ones, same type; NaN where one that is needed is NaN."""
        missing = np.isnan(values)
        derived = self.matrix @ np.where(missing, 0, values)
        if missing.any():
            derived[(self.matrix[:, missing] != 0).any(axis=1)] = np.nan
        with np.errstate(over="ignore"):
            narrow = derived.astype(values.dtype)
        narrow[~np.isfinite(narrow)] = np.nan
        return narrow


class _Problem:
    """Two patterns, brought to the same electrodes, with what solving needs again and again."""

    def __init__(self, measured: Pattern, wanted: Pattern, kept: tuple[int, ...]) -> None:
        self.measured, self.wanted = measured, wanted
        self.currents = _spread(wanted.currents, kept, measured.n_electrodes)
        senses, sense_of = np.unique(wanted.senses, axis=0, return_inverse=True)
        self.sense_of = np.ravel(sense_of)
        self.senses = _spread(senses, kept, measured.n_electrodes)
        self._current_scales = _scales(measured.currents, self.currents)[measured.stimulation]
        self._sense_scales = _scales(measured.senses, self.senses)

    def solve(self, avoid: Mask) -> tuple[Floats, Mask]:
        """((n_wanted, n_measured) weights, (n_wanted,) whether a row was found), without the measurements to avoid."""
        matrix = np.zeros((self.wanted.n_meas, self.measured.n_meas))
        is_found = self._take_over(matrix, avoid)
        if is_found.all():
            return matrix, is_found
        channels = self._channels(avoid)
        for sense in range(len(self.senses)):
            there = {k: of[sense] for k, of in enumerate(channels) if sense in of}
            rows = np.flatnonzero((self.sense_of == sense) & ~is_found)
            if not there or not len(rows):
                continue
            shares, is_found[rows] = self._shares(rows, there)
            for (places, weights), share in zip(there.values(), shares.T, strict=True):
                matrix[np.ix_(rows, places)] += share[:, np.newaxis] * weights
        largest = np.abs(matrix).max(axis=1, keepdims=True)
        matrix[np.abs(matrix) <= NEGLIGIBLE * largest] = 0.0
        return matrix, is_found

    def _take_over(self, matrix: Floats, avoid: Mask) -> Mask:
        """Fill the rows of what was itself measured, perhaps several times; which ones that are.

        Turned round it counts only where it was not measured the right way round.
        """
        is_measured = np.zeros(self.wanted.n_meas, dtype=np.bool_)
        wanted = zip(self.wanted.stimulation, self.sense_of, strict=True)
        for row, (stimulation, sense) in enumerate(wanted):
            current, voltage = self._current_scales[:, stimulation], self._sense_scales[:, sense]
            scale = current * voltage * ~avoid
            upright = (current > 0) & (voltage > 0) & ~avoid
            if upright.any():
                scale = np.where(upright, scale, 0.0)
            if scale.any():
                matrix[row] = scale / (scale @ scale)
                is_measured[row] = True
        return is_measured

    def explain(self, is_lost: Mask) -> str:
        """What of the wanted pattern does not follow, the first of it by name."""
        row = int(np.flatnonzero(is_lost)[0])
        stimulation = int(self.wanted.stimulation[row])
        current, sense = self.currents[stimulation], self.senses[self.sense_of[row]]
        if not _weights(self.measured.currents, current[np.newaxis])[1][0]:
            reason = f"{_terms(current, 'current')} is no sum of the injections that were measured"
        elif not _weights(self.measured.senses, sense[np.newaxis])[1][0]:
            reason = f"{_terms(sense, 'V')} is no sum of the voltages that were measured"
        else:
            reason = (
                f"{_terms(sense, 'V')} was not measured at injections that add up to "
                f"{_terms(current, 'current')}"
            )
        return (
            f"{self.wanted.describe()} does not follow from {self.measured.describe()}: {reason} (stimulation "
            f"{stimulation + 1}; {np.count_nonzero(is_lost)} of {len(is_lost)} measurements are not determined); "
            "choose a pattern within what was measured"
        )

    def _channels(self, avoid: Mask) -> list[dict[int, tuple[Places, Floats]]]:
        """For each injection: wanted sense -> (measurements, weights) that give it there."""
        solved: dict[bytes, list[tuple[int, Floats]]] = {}
        channels = []
        for injection in range(self.measured.n_stimulations):
            places = np.flatnonzero((self.measured.stimulation == injection) & ~avoid)
            rows = self.measured.senses[places]
            key = rows.tobytes()
            if key not in solved:
                # Injections that measure the same share the work.
                weights, is_sum = _weights(rows, self.senses)
                solved[key] = [(int(q), weights[q]) for q in np.flatnonzero(is_sum)]
            channels.append({q: (places, weights) for q, weights in solved[key]})
        return channels

    def _shares(self, rows: Places, there: dict[int, tuple[Places, Floats]]) -> tuple[Floats, Mask]:
        """((n_rows, n_injections) share of each injection, (n_rows,) whether there are such shares).

        rows: wanted measurements of one sense; there: injections that measure it, with measurements and weights.
        """
        noise = np.array([np.linalg.norm(weights) for _, weights in there.values()])
        noise[noise == 0.0] = 1.0
        # Shares are found in units of their noise: the smallest are the quietest.
        currents = self.measured.currents[list(there)] / noise[:, np.newaxis]
        wanted = self.currents[self.wanted.stimulation[rows]]
        shares, is_sum = _weights(currents, wanted)
        balance = np.linalg.norm(self.measured.currents, axis=1).mean() / noise
        balanced, is_balanced = _weights(
            np.column_stack([currents, balance]), np.column_stack([wanted, np.zeros(len(rows))])
        )
        return np.where(is_balanced[:, np.newaxis], balanced, shares) / noise, is_sum | is_balanced


def _weights(rows: Floats, wanted: Floats) -> tuple[Floats, Mask]:
    """((n_wanted, n_rows) smallest weights whose sums come nearest to what is wanted, (n_wanted,) if they reach it)."""
    if not len(rows):
        return np.zeros((len(wanted), 0)), np.zeros(len(wanted), dtype=np.bool_)
    weights = wanted @ np.linalg.pinv(rows, rcond=TOLERANCE)
    off = np.linalg.norm(weights @ rows - wanted, axis=1)
    return weights, off <= TOLERANCE * np.linalg.norm(wanted, axis=1)


def _scales(rows: Floats, wanted: Floats) -> Floats:
    """(n_rows, n_wanted) how many times the wanted row each row is; 0 where it is none of it."""
    size = np.einsum("ij,ij->i", wanted, wanted)
    times = (rows @ wanted.T) / np.where(size > 0.0, size, 1.0)
    whole = np.einsum("ij,ij->i", rows, rows)[:, np.newaxis]
    # What is left of a row beside the wanted direction, squared; it is exact to 1e-16 of the row's square.
    left = whole - times**2 * size
    return np.where(left <= TOLERANCE**2 * whole, times, 0.0)


def _spread(rows: Floats, kept: tuple[int, ...], n_electrodes: int) -> Floats:
    """Rows over some electrodes as rows over all."""
    spread = np.zeros((len(rows), n_electrodes))
    spread[:, list(kept)] = rows
    return spread


def _terms(row: Floats, what: str) -> str:
    """A row for people, electrodes counted from 1."""
    places = np.flatnonzero(row)
    if what == "current" and len(places) == 2 and row.sum() == 0:
        return f"current into electrode {row.argmax() + 1}, out of {row.argmin() + 1}"
    if what == "V" and len(places) == 2 and row.sum() == 0:
        return f"V[{row.argmax() + 1}] - V[{row.argmin() + 1}]"
    listed = ", ".join(f"{row[place]:+.3g} at {place + 1}" for place in places[:4])
    return f"{what} of electrodes {listed}{'...' if len(places) > 4 else ''}"

"""Pattern: who injects current and who measures voltage, in what order and with what sign.

Imports ring and errors. The rule it keeps: order and sign are data, never a habit. Two patterns are the same exactly
when their `sha256` are equal, and then their measurement vectors may be compared value by value.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt import ring
from eit_rt.errors import PatternError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SUM_TOLERANCE = 1e-9
MOST_ELECTRODES = 1024
"""More is a slip of the pen, and would fill the memory before anything could say so."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """A set of measurements: measurement m injects `currents[stimulation[m]]` and reads `senses[m] @ potentials`.

    Most patterns are *pairwise*: one unit current into electrode i+ and out of i-, the voltage V[v+] - V[v-]. They
    have a `table`. Others (trigonometric drives, KTC2023) are general.

    Sign convention of the named pairwise patterns: EIDORS' `mk_stim_patterns`. Stimulation k of step d takes current
    *out of* electrode k and *into* k+d; the voltage is V[j] - V[j+s]; so adjacent/adjacent voltages are positive.
    """

    name: str
    """For people. Not part of the identity."""
    currents: Floats
    """(n_stimulations, n_electrodes), relative to the board's amplitude; each row sums to zero."""
    stimulation: Ints
    """(n_meas,), row of `currents` that drives each measurement."""
    senses: Floats
    """(n_meas, n_electrodes), weights of the electrode potentials in each measurement."""

    def __post_init__(self) -> None:
        currents = np.array(self.currents, dtype=np.float64)
        stimulation = np.array(self.stimulation, dtype=np.int64)
        senses = np.array(self.senses, dtype=np.float64)
        _check(currents, stimulation, senses)
        for name, array in (
            ("currents", currents),
            ("stimulation", stimulation),
            ("senses", senses),
        ):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    # -- sizes -------------------------------------------------------------------------------------------------

    @property
    def n_electrodes(self) -> int:
        return int(self.currents.shape[1])

    @property
    def n_meas(self) -> int:
        return len(self.stimulation)

    @property
    def n_stimulations(self) -> int:
        return len(self.currents)

    def __len__(self) -> int:
        return self.n_meas

    # -- identity ----------------------------------------------------------------------------------------------

    @cached_property
    def table(self) -> NDArray[np.int16] | None:
        """(n_meas, 4) electrodes i+, i-, v+, v-, counted from 0; None if the pattern is not pairwise."""
        drive, sense = _pairs(self.currents), _pairs(self.senses)
        if drive is None or sense is None:
            return None
        table = np.hstack([drive[self.stimulation], sense]).astype(np.int16)
        table.flags.writeable = False
        return table

    @property
    def is_pairwise(self) -> bool:
        return self.table is not None

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical form. Swapping both pairs of a row (i+ with i-, v+ with v-) leaves the value as it is,
        and so leaves the hash as it is; the name does not enter."""
        if self.table is not None:
            rows = self.table.astype(np.int64)
            flipped = rows[:, 0] < rows[:, 1]
            rows[flipped] = rows[flipped][:, [1, 0, 3, 2]]
            lines = [f"pairs {self.n_electrodes}", *(" ".join(map(str, row)) for row in rows)]
        else:
            drive = [_digits(row) for row in self.currents]
            lines = [f"general {self.n_electrodes}"]
            for stimulation, sense in zip(self.stimulation, self.senses, strict=True):
                lines.append(f"{drive[stimulation]} | {_digits(sense)}")
        return hashlib.sha256("\n".join(["eit-rt pattern 1", *lines]).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def describe(self) -> str:
        """One line for messages: name, sizes, short hash."""
        return f"{self.name}, {self.n_electrodes} electrodes, {self.n_meas} measurements, {self.sha256[:12]}"

    # -- use ---------------------------------------------------------------------------------------------------

    def voltages(self, transfer_impedance: ArrayLike) -> NDArray[Any]:
        """Measurements that follow from a transfer impedance matrix.

        transfer_impedance: (..., n_electrodes, n_electrodes), ohm: potentials = Z @ currents, any ground.
        Returns (..., n_meas), volt per ampere of amplitude. Raises PatternError if the matrix has another size.
        """
        z = np.asarray(transfer_impedance)
        if z.shape[-2:] != (self.n_electrodes, self.n_electrodes):
            raise PatternError(
                f"transfer impedance has shape {z.shape}, the pattern needs "
                f"(..., {self.n_electrodes}, {self.n_electrodes}); use the mesh of the same layout"
            )
        if self.table is not None:
            ip, im, vp, vm = self.table.T.astype(np.intp)
            return np.asarray(z[..., vp, ip] - z[..., vp, im] - z[..., vm, ip] + z[..., vm, im])
        potentials = z @ self.currents.T
        return np.asarray(
            np.einsum("me,...em->...m", self.senses, potentials[..., self.stimulation])
        )

    @cached_property
    def reciprocal(self) -> Ints:
        """(n_meas,) index of the measurement with stimulation and sense exchanged, -1 where there is none.

        In a passive tank both have the same value (with the sign that the orientation of the rows gives), whatever is
        inside: `reciprocal_sign` holds that sign. Source: EIDORS `reciprocity_idx`.
        """
        return self._reciprocity[0]

    @cached_property
    def reciprocal_sign(self) -> Floats:
        """(n_meas,) +1 or -1: value[m] = sign[m] * value[reciprocal[m]]; 0 where there is no reciprocal."""
        return self._reciprocity[1]

    def exchanged(self, values: ArrayLike, *, signed: bool = True) -> NDArray[Any]:
        """(..., n_meas) of each value the one that was measured with stimulation and sense exchanged, NaN without one.

        values: (..., n_meas). A passive tank gives the same number back. signed False: magnitudes, whose sign is lost.
        """
        sign = self.reciprocal_sign if signed else np.abs(self.reciprocal_sign)
        others = sign * np.asarray(values)[..., self.reciprocal]
        return np.where(self.reciprocal >= 0, others, np.nan)

    def reciprocity_error(self, values: ArrayLike, *, signed: bool = True) -> float | None:
        """mean |v - v'| / mean |v| of a frame, v' being `exchanged`; None if it has no such pair.

        values: (n_meas,), NaN = missing. signed: as in `exchanged`.
        """
        here = np.asarray(values)
        others = self.exchanged(here, signed=signed)
        known = np.isfinite(here) & np.isfinite(others)
        size = float(np.abs(here[known]).mean()) if known.any() else 0.0
        return float(np.abs(here[known] - others[known]).mean()) / size if size > 0 else None

    @cached_property
    def _reciprocity(self) -> tuple[Ints, Floats]:
        index = np.full(self.n_meas, -1, dtype=np.int64)
        sign = np.zeros(self.n_meas)
        if self.table is not None:
            rows = [tuple(row) for row in self.table.tolist()]
            where = {row: m for m, row in enumerate(rows)}
            for m, (a, b, c, d) in enumerate(rows):
                # A pair may be driven both ways: the partner that is turned round least is the one that points back.
                for row, turned in (
                    ((c, d, a, b), 1.0),
                    ((d, c, b, a), 1.0),
                    ((d, c, a, b), -1.0),
                    ((c, d, b, a), -1.0),
                ):
                    if row in where:
                        index[m], sign[m] = where[row], turned
                        break
            single = index[index] != np.arange(self.n_meas)
            index[single], sign[single] = -1, 0.0
        index.flags.writeable = sign.flags.writeable = False
        return index, sign

    def touches(self, electrode: int) -> NDArray[np.bool_]:
        """(n_meas,) True where the measurement drives or senses this electrode (counted from 0)."""
        return np.asarray(
            (self.currents[self.stimulation, electrode] != 0) | (self.senses[:, electrode] != 0)
        )

    # -- plain data --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers (JSON, YAML); `from_dict` gives an equal pattern back."""
        head: dict[str, Any] = {"name": self.name, "n_electrodes": self.n_electrodes}
        if self.table is not None:
            return head | {"table": self.table.tolist()}
        rows, sense = np.unique(self.senses, axis=0, return_inverse=True)
        return head | {
            "currents": self.currents.tolist(),
            "sense_rows": rows.tolist(),
            "stimulation": self.stimulation.tolist(),
            "sense": np.ravel(sense).tolist(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Inverse of `to_dict`. Raises PatternError, naming what is missing or wrong."""
        try:
            if "table" in plain:
                return cls.pairwise(
                    plain["table"], int(plain["n_electrodes"]), str(plain.get("name", "table"))
                )
            rows = np.asarray(plain["sense_rows"], dtype=np.float64)
            senses = rows[np.asarray(plain["sense"], dtype=np.int64)]
            return cls(
                str(plain.get("name", "general")), plain["currents"], plain["stimulation"], senses
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise PatternError(
                f"not a pattern: {error!r}; expected n_electrodes and table, "
                "or currents, stimulation, sense_rows, sense"
            ) from error

    # -- makers ------------------------------------------------------------------------------------------------

    @classmethod
    def pairwise(cls, table: ArrayLike, n_electrodes: int, name: str = "table") -> Self:
        """Pattern from rows i+, i-, v+, v- (electrodes counted from 0). Raises PatternError on impossible rows."""
        _check_count(n_electrodes)
        rows = np.asarray(table)
        if (
            rows.ndim != 2
            or rows.shape[1:] != (4,)
            or not len(rows)
            or not np.issubdtype(rows.dtype, np.integer)
        ):
            raise PatternError(
                f"a pattern table has integer rows i+, i-, v+, v-; got shape {rows.shape}, {rows.dtype}"
            )
        if rows.min() < 0 or rows.max() >= n_electrodes:
            raise PatternError(
                f"pattern names electrode {int(rows.max() if rows.max() >= n_electrodes else rows.min())}; "
                f"with {n_electrodes} electrodes they count 0..{n_electrodes - 1}"
            )
        same = np.flatnonzero((rows[:, 0] == rows[:, 1]) | (rows[:, 2] == rows[:, 3]))
        if len(same):
            raise PatternError(
                f"row {same[0]} {rows[same[0]].tolist()} uses one electrode as both ends of a pair"
            )
        drives, stimulation = _first_seen(rows[:, :2])
        return cls(
            name,
            _pair_rows(drives, n_electrodes),
            stimulation,
            _pair_rows(rows[:, 2:], n_electrodes),
        )

    @classmethod
    def skip(
        cls,
        n_electrodes: int,
        drive_step: int = 1,
        sense_step: int = 1,
        *,
        driven: bool = False,
        exclude_next: int = 0,
        rotated: bool = False,
        redundant: bool = True,
        name: str | None = None,
    ) -> Self:
        """Ring pattern: stimulation k takes current out of k, into k+drive_step; senses V[j] - V[j+sense_step].

        "Skip k" is a step of k+1. driven: keep measurements that touch a driven electrode. exclude_next: drop those
        that touch a neighbour, up to so many electrodes away. rotated: each stimulation starts its measurements at its
        own first electrode instead of at electrode 0. redundant False: keep each reciprocal pair once.
        Source: EIDORS `mk_stim_patterns` (options no_meas_current[_nextN], rotate_meas, no_redundant).
        Raises PatternError for steps that are not 1..n-1.
        """
        if n_electrodes < 3 or not (
            0 < drive_step < n_electrodes and 0 < sense_step < n_electrodes
        ):
            raise PatternError(
                f"steps {drive_step} and {sense_step} on {n_electrodes} electrodes: expected at least 3 electrodes "
                f"and steps of 1..{n_electrodes - 1}"
            )
        _check_count(n_electrodes)
        rows = ring.rows(n_electrodes, drive_step, sense_step, driven, exclude_next, rotated)
        if not redundant:
            rows = ring.once_a_pair(rows)
        if not rows:
            raise PatternError(
                f"no measurement is left with {n_electrodes} electrodes, steps {drive_step} and {sense_step}"
            )
        return cls.pairwise(
            rows, n_electrodes, name or f"skip{drive_step - 1}/skip{sense_step - 1}"
        )

    @classmethod
    def trigonometric(cls, n_electrodes: int) -> Self:
        """cos and sin current patterns, all electrode potentials (single-ended).

        Order: cos 1, sin 1, cos 2, sin 2, ... , cos n/2; senses electrode 0..n-1. Source: EIDORS `{trig}`, `{mono}`.
        Raises PatternError for fewer than 3 electrodes or more than 1024.
        """
        _check_count(n_electrodes, 3)
        n = n_electrodes
        angle = 2 * np.pi * np.arange(n) / n
        rows = [f(k * angle) for k in range(1, n // 2 + 1) for f in (np.cos, np.sin)][: n - 1]
        currents = np.round(np.array(rows), 15)
        currents -= currents.mean(axis=1, keepdims=True)
        return cls("trig", currents, np.repeat(np.arange(n - 1), n), np.tile(np.eye(n), (n - 1, 1)))

    @classmethod
    def by_name(cls, name: str, n_electrodes: int) -> Self:
        """Pattern from a short name: adjacent, opposite, skipK, skipK/skipL, trig.

        Suffixes: -all (driven electrodes kept), -rotated, -half (each reciprocal pair once), -nextN (neighbours of
        driven electrodes dropped).

        Raises PatternError, listing the names, if there is no such pattern.
        """
        if name.lower() == "trig":
            return cls.trigonometric(n_electrodes)
        return cls.skip(n_electrodes, **ring.options_of(name, n_electrodes), name=name.lower())


def _digits(row: Floats) -> str:
    """Nine digits of each weight; rounding noise beside a large weight is zero, so that every machine agrees."""
    clean = np.where(np.abs(row) < 1e-12 * np.abs(row).max(), 0.0, row)
    return " ".join(f"{x:.9g}" for x in clean)


def _first_seen(pairs: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Distinct rows in order of first appearance, and the index of each row among them."""
    seen: dict[tuple[int, ...], int] = {}
    index = [seen.setdefault(tuple(row), len(seen)) for row in pairs.tolist()]
    return np.array(list(seen)), np.array(index, dtype=np.int64)


def _pair_rows(pairs: NDArray[Any], n_electrodes: int) -> Floats:
    rows = np.zeros((len(pairs), n_electrodes))
    index = np.arange(len(pairs))
    rows[index, pairs[:, 0]] = 1.0
    rows[index, pairs[:, 1]] = -1.0
    return rows


def _pairs(rows: Floats) -> Ints | None:
    """(n, 2) plus and minus electrode of each row, or None if a row is not one +1 and one -1."""
    plus, minus = rows == 1.0, rows == -1.0
    if not (
        np.all(plus.sum(1) == 1) and np.all(minus.sum(1) == 1) and np.all((rows != 0).sum(1) == 2)
    ):
        return None
    return np.stack([plus.argmax(1), minus.argmax(1)], axis=1)


def _check_count(n_electrodes: int, least: int = 2) -> None:
    if not least <= n_electrodes <= MOST_ELECTRODES:
        raise PatternError(f"{n_electrodes} electrodes; expected {least} to {MOST_ELECTRODES}")


def _check(currents: Floats, stimulation: Ints, senses: Floats) -> None:
    if currents.ndim != 2 or senses.ndim != 2 or stimulation.ndim != 1 or not len(stimulation):
        raise PatternError(
            f"expected currents (n_stim, n_elec), stimulation (n_meas,), senses (n_meas, n_elec); "
            f"got {currents.shape}, {stimulation.shape}, {senses.shape}"
        )
    if senses.shape != (len(stimulation), currents.shape[1]):
        raise PatternError(
            f"senses have shape {senses.shape}, expected ({len(stimulation)}, {currents.shape[1]}) "
            "to match stimulation and currents"
        )
    if stimulation.min() < 0 or stimulation.max() >= len(currents):
        raise PatternError(
            f"stimulation index {int(stimulation.max())} is outside the {len(currents)} current rows"
        )
    if not (np.isfinite(currents).all() and np.isfinite(senses).all()):
        raise PatternError("currents and senses must be finite numbers")
    excess = np.abs(currents.sum(axis=1)) > SUM_TOLERANCE * np.maximum(
        np.abs(currents).max(axis=1), 1e-300
    )
    if excess.any():
        raise PatternError(
            f"current row {int(excess.argmax())} does not sum to zero: charge would pile up in the tank"
        )

"""MATLAB files of one frame each: currents by injection, voltages sensed at each of them. How Kuopio writes its tanks.

Imports matlab, reader, pattern, errors. Electrodes are rows; injections and channels are columns. Every size is checked
before anything is made of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import MismatchError, PatternError, ReaderError
from eit_rt.pattern import Pattern
from eit_rt.recording.readers.matlab import read_arrays, variable_names, why_not_v5
from eit_rt.recording.readers.reader import Detection, as_values

Names = Sequence[Sequence[str]]
"""For currents, senses and values: the names that the array may have, the usual one first."""
MOST_WEIGHTS = 1 << 27
"""Measurements times electrodes of the largest pattern that is made of a file: 1 GiB of weights."""


@dataclass(frozen=True, slots=True, eq=False)
class InjectionTable:
    """One file. Every channel is read at every injection."""

    path: Path
    names: tuple[str, str, str]
    """Usual names of currents, senses and values, for messages."""
    currents: NDArray[np.float64]
    """(n_electrodes, n_injections)"""
    senses: NDArray[np.float64]
    """(n_electrodes, n_channels)"""
    values: NDArray[np.float32]
    """(n_injections * n_channels,), injection after injection; NaN = missing."""

    @property
    def n_electrodes(self) -> int:
        return len(self.currents)

    def pattern(self, name: str) -> Pattern:
        """Raises ReaderError if currents and senses are none."""
        n_injections, n_channels = self.currents.shape[1], self.senses.shape[1]
        if n_injections * n_channels * self.n_electrodes > MOST_WEIGHTS:
            raise ReaderError(
                f"{self.path} has {n_injections} injections x {n_channels} channels on {self.n_electrodes} electrodes, "
                "more than fits into memory; expected one frame of one tank"
            )
        try:
            return Pattern(
                name,
                self.currents.T,
                np.repeat(np.arange(n_injections), n_channels),
                np.tile(self.senses.T, (n_injections, 1)),
            )
        except PatternError as error:
            raise ReaderError(
                f"{self.names[0]} or {self.names[1]} in {self.path} is no pattern: {error}"
            ) from error

    def check_injections(self, reference: "InjectionTable") -> None:
        """Raises MismatchError unless a reference was measured as this file was."""
        for name, mine, theirs in (
            (self.names[0], self.currents, reference.currents),
            (self.names[1], self.senses, reference.senses),
        ):
            if mine.shape != theirs.shape or not np.allclose(mine, theirs, rtol=1e-9, atol=0.0):
                raise MismatchError(
                    f"{name} of the reference {reference.path} is not that of the file (shapes {theirs.shape} and "
                    f"{mine.shape}); give the empty tank measured with the same injections"
                )


def read_table(path: Path, names: Names, n_electrodes: int | None = None) -> InjectionTable:
    """The file's table. n_electrodes: how many it must have, if that is known.

    Raises ReaderError: not MATLAB v5, an array absent, complex, infinite or of another size.
    """
    arrays = read_arrays(path)
    found = [_found(arrays, alternatives, path) for alternatives in names]
    usual = (names[0][0], names[1][0], names[2][0])
    checked = [as_values(array, name, path) for array, name in zip(found, usual, strict=True)]
    if any(np.iscomplexobj(array) for array in checked):
        raise ReaderError(f"{path} holds complex numbers; expected real ones")
    _check_rows(path, usual, checked, n_electrodes)
    currents, senses = (np.asarray(array, dtype=np.float64) for array in found[:2])
    values = _in_order(path, usual[2], checked[2], currents.shape[1], senses.shape[1])
    return InjectionTable(path, usual, currents, senses, values)


def detect_table(path: Path, names: Names) -> Detection:
    """Whether a file is MATLAB v5 and has senses and values under these names (currents may be missed later, aloud)."""
    if reason := why_not_v5(path):
        return Detection(False, reason)
    try:
        there = variable_names(path, deep=False)
    except ReaderError as error:
        return Detection(False, str(error))
    _, senses, values = names
    if there & set(senses) and there & set(values):
        return Detection(True, f"has {senses[0]} and {values[0]}")
    expected = ", ".join(alternatives[0] for alternatives in names)
    return Detection(False, f"has {', '.join(sorted(there)) or 'nothing'}; expected {expected}")


def _found(arrays: dict[str, NDArray[Any]], names: Sequence[str], path: Path) -> NDArray[Any]:
    found = next((arrays[name] for name in names if name in arrays), None)
    if found is None:
        raise ReaderError(
            f"{path} has no {' or '.join(names)}; found {', '.join(sorted(arrays)) or 'nothing'}"
        )
    return np.asarray(found)


def _check_rows(
    path: Path, names: Sequence[str], arrays: Sequence[NDArray[Any]], n_electrodes: int | None
) -> None:
    expected = n_electrodes or (len(arrays[0]) if arrays[0].ndim == 2 else "n_electrodes")
    for name, array in zip(names[:2], arrays[:2], strict=True):
        if array.ndim != 2 or len(array) != expected or not array.size:
            raise ReaderError(
                f"{name} in {path} has shape {array.shape}; expected ({expected}, n): one row an electrode"
            )


def _in_order(
    path: Path, name: str, values: NDArray[Any], n_injections: int, n_channels: int
) -> NDArray[np.float32]:
    """Injection after injection, from one long column, (n_channels, n_injections) or (n_injections, n_channels).

    Where both numbers are the same, columns are injections.
    """
    expected = n_injections * n_channels
    if values.size != expected:
        raise ReaderError(
            f"{name} in {path} has {values.size} values; expected {n_injections} injections x {n_channels} "
            f"channels = {expected}, NaN where one is missing"
        )
    if values.shape == (n_channels, n_injections):
        return values.T.ravel()
    if values.shape == (n_injections, n_channels) or max(values.shape) == expected:
        return values.ravel()
    raise ReaderError(
        f"{name} in {path} has shape {values.shape}; expected ({n_channels}, {n_injections}): one column an injection"
    )

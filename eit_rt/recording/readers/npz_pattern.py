"""The pattern of an .npz archive: stored in it, named by the user, or both, and then they must agree."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import MismatchError, PatternError, ReaderError
from eit_rt.pattern import MOST_ELECTRODES, Pattern
from eit_rt.recording.readers.npz_archive import GENERAL, Arrays, number
from eit_rt.recording.readers.reader import ImportOptions

RECENTRE_TOLERANCE = 1e-6
"""Current rows that were stored as float32 sum to zero only this well, relative to their largest current."""
FLOAT32_LARGEST = float(np.finfo(np.float32).max)
_NAMED = tuple(
    base + suffix
    for base in ("adjacent", "opposite", "skip1", "skip2", "skip3", "skip4")
    for suffix in ("", "-all", "-half", "-next1", "-rotated")
)


def pattern_of(
    arrays: Arrays,
    options: ImportOptions,
    n_meas: int,
    path: Path,
    notes: list[str],
) -> Pattern:
    """The pattern that the file holds or the user names; both must agree, and fit the frames."""
    n_electrodes = _electrodes(arrays, options, path)
    stored = _stored_pattern(arrays, n_electrodes, path, notes)
    asked = options.pattern
    if isinstance(asked, str):
        n_electrodes = stored.n_electrodes if stored else n_electrodes
        if n_electrodes is None:
            raise ReaderError(
                f"pattern {asked!r} needs the number of electrodes; add --electrodes N"
            )
        asked = Pattern.by_name(asked, n_electrodes)
    if stored and asked and stored != asked:
        raise MismatchError(
            f"{path} holds the pattern {stored.describe()}; --pattern asks for {asked.describe()}; "
            "leave --pattern out, or correct the file"
        )
    pattern = asked or stored
    if pattern is None:
        raise ReaderError(
            f"{path} does not say who injected and who measured; add --pattern (adjacent, opposite, skip4-next1, ...) "
            "and --electrodes N, or an array `pattern_table` (n_meas, 4) of i+, i-, v+, v-, counted from 0"
        )
    if pattern.n_meas != n_meas:
        turned = arrays["frames"].shape[:1] == (pattern.n_meas,)
        raise ReaderError(
            f"`frames` in {path} has {n_meas} values a frame; the pattern has {pattern.n_meas} ({pattern.describe()})"
            + ("; the frames stand in columns: transpose the array" if turned else "")
        )
    return pattern


def _electrodes(arrays: Arrays, options: ImportOptions, path: Path) -> int | None:
    """Number of electrodes by the file or the user; None if neither says."""
    stored, asked = number(arrays, path, "n_elec", "n_electrodes"), options.electrodes
    if stored is not None and asked is not None and stored != asked:
        raise MismatchError(
            f"{path} has {stored:g} electrodes, --electrodes says {asked}; leave --electrodes out, or correct the file"
        )
    said = asked if stored is None else stored
    if said is not None and not (said == int(said) and 3 <= said <= MOST_ELECTRODES):
        raise ReaderError(f"{said:g} electrodes; expected a whole number of 3 to {MOST_ELECTRODES}")
    return None if said is None else int(said)


def _stored_pattern(
    arrays: Arrays, n_electrodes: int | None, path: Path, notes: list[str]
) -> Pattern | None:
    try:
        if "pattern_table" in arrays:
            table = _plain(arrays, "pattern_table", MOST_ELECTRODES)
            if n_electrodes is None:
                n_electrodes = int(table.max()) + 1
                notes.append(f"{n_electrodes} electrodes, the highest that the table names")
            return _named(Pattern.pairwise(table, n_electrodes))
        if all(name in arrays for name in GENERAL):
            currents, senses = _plain(arrays, "stim_pattern"), _plain(arrays, "meas_pattern")
            stimulation = _plain(arrays, "meas_stim", len(currents))
            return _named(Pattern("general", _recentred(currents), stimulation, senses))
    except (PatternError, ValueError, TypeError) as error:
        raise ReaderError(
            f"the pattern in {path} is not usable: {error}; electrodes and stimulations are counted from 0"
        ) from error
    if incomplete := [name for name in GENERAL if name in arrays]:
        raise ReaderError(
            f"{path} has {', '.join(incomplete)} but not all of {', '.join(GENERAL)}; add what is missing"
        )
    return None


def _plain(arrays: Arrays, name: str, most: float = FLOAT32_LARGEST) -> NDArray[Any]:
    """Finite real numbers, none above `most`. Raises ValueError."""
    array = arrays[name]
    if array.dtype.kind not in "iuf" or not array.size or not array.ndim:
        raise ValueError(f"`{name}` has shape {array.shape}, {array.dtype}; expected real numbers")
    with np.errstate(over="ignore"):
        sizes = np.abs(array.astype(np.float64))
    if not (sizes <= most).all():
        raise ValueError(f"`{name}` has numbers that are missing, or larger than {most:g}")
    return array


def _recentred(currents: NDArray[Any]) -> NDArray[np.float64]:
    """Rows that sum to zero exactly, where float32 storage has rounded them; others are left for Pattern to refuse."""
    rows = np.asarray(currents, dtype=np.float64)
    mean = rows.mean(axis=-1, keepdims=True)
    largest = np.abs(rows).max(axis=-1, keepdims=True)
    rounding = np.abs(mean) * rows.shape[-1] <= RECENTRE_TOLERANCE * largest
    exact = mean == 0
    return np.where(rounding & ~exact, rows - mean, rows)


def _named(pattern: Pattern) -> Pattern:
    """The same pattern under its common name, if it has one."""
    for name in _NAMED:
        try:
            known = Pattern.by_name(name, pattern.n_electrodes)
        except PatternError:
            continue
        if known.n_meas == pattern.n_meas and known == pattern:
            return known
    return pattern

"""Reader of NumPy's .npz: array `frames` (n, n_meas), and what else is known about them.

| array                                   | meaning                                                                  |
|-----------------------------------------|--------------------------------------------------------------------------|
| frames                                  | (n, n_meas) or (n_meas,), real or complex; NaN = missing                 |
| reference or ref                        | (n_meas,), optional: frame of the empty tank                             |
| pattern_table                           | (n_meas, 4) integers i+, i-, v+, v-, electrodes counted from 0           |
| stim_pattern, meas_pattern, meas_stim   | (n_stim, n_elec), (n_meas, n_elec), (n_meas,): EIDORS' form, from 0      |
| n_elec or n_electrodes                  | optional                                                                 |
| time_s, rate_hz                         | (n,) seconds, ascending; or frames per second; optional                  |
| value_kind, unit                        | text, optional                                                           |

Nothing is ever unpickled.
"""

import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import MismatchError, PatternError, ReaderError
from eit_rt.frames import BoardIdentity, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.about import About
from eit_rt.recording.readers.reader import (
    ASSUMED_RATE_HZ,
    FLOAT32_INTEGERS,
    Detection,
    ImportedFrames,
    ImportOptions,
    as_values,
    layout_for,
)

summary = (
    "NumPy archive with array `frames` (n, n_meas) and, if known, pattern, reference and times"
)
options = frozenset(
    {
        "pattern",
        "electrodes",
        "layout",
        "reference",
        "rate_hz",
        "value_kind",
        "unit",
    }
)

GENERAL = ("stim_pattern", "meas_pattern", "meas_stim")
RECENTRE_TOLERANCE = 1e-6
"""Current rows that were stored as float32 sum to zero only this well, relative to their largest current."""
ARRAYS = frozenset(
    {
        "frames",
        "reference",
        "ref",
        "pattern_table",
        *GENERAL,
        "n_elec",
        "n_electrodes",
        "time_s",
        "rate_hz",
        "value_kind",
        "unit",
    }
)
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    OSError,
    RuntimeError,  # encrypted, unknown compression
    SyntaxError,
    OverflowError,
    MemoryError,
)
"""What NumPy and zipfile raise for archives that are damaged, as found by cutting and flipping."""
_NAMED = tuple(
    base + suffix
    for base in ("adjacent", "opposite", "skip1", "skip2", "skip3", "skip4")
    for suffix in ("", "-all", "-half", "-next1", "-rotated")
)


def detect(path: Path) -> Detection:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [
                name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")
            ]
    except _ZIP_ERRORS:
        return Detection(False, "not a NumPy archive (.npz)")
    if "frames" in names:
        return Detection(True, "has an array `frames`")
    return Detection(
        False, f"no array `frames` (n, n_meas); has {', '.join(names) or 'no arrays at all'}"
    )


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    arrays = _load(path)
    frames = _frame_values(arrays, path)
    notes: list[str] = []
    if _is_rounded(arrays["frames"]):
        notes.append("integers above 2^24 are rounded to float32")
    pattern = _pattern(arrays, options, frames.shape[1], path, notes)
    layout, assumed = layout_for(options, pattern.n_electrodes, Layout.ring(pattern.n_electrodes))
    if assumed:
        notes.append("layout assumed: electrode 1 at 12 o'clock, clockwise, equally spaced")
    times_ns, rate_hz = _times(arrays, options, len(frames), path, notes)
    about = About(
        pattern=pattern,
        layout=layout,
        identity=BoardIdentity("import", path.stem, max_electrodes=pattern.n_electrodes),
        value_kind=_value_kind(arrays, options, frames, path),
        rate_hz=rate_hz,
        unit=options.unit or _text(arrays, "unit"),
        reference=_reference(arrays, options, frames, path),
        source="; ".join([f"imported from {path.name} (npz)", *notes]),
    )
    return ImportedFrames(about, _frames(frames, times_ns), len(frames), tuple(notes))


def _frames(frames: NDArray[Any], times_ns: NDArray[np.int64]) -> Iterator[Frame]:
    for number, (values, time_ns) in enumerate(zip(frames, times_ns.tolist(), strict=True)):
        yield Frame(values, number, time_ns, time_ns)


# -- arrays ----------------------------------------------------------------------------------------------------


def _load(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of the table above that the file has; others are not even looked at."""
    # The file is opened here: given a path, NumPy leaves it open when the archive is damaged.
    with path.open("rb") as file:
        try:
            archive = np.load(file, allow_pickle=False)
        except _ZIP_ERRORS as error:
            raise ReaderError(
                f"{path} cannot be read as .npz: {error}; use a whole copy"
            ) from error
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ReaderError(
                f"{path} is a single array (.npy); save it with np.savez(..., frames=array)"
            )
        arrays = {name: _array(archive, name, path) for name in archive.files if name in ARRAYS}
    if not arrays.keys() & {"frames", "reference", "ref"}:
        raise ReaderError(
            f"{path} has no array `frames` (n, n_meas); found {', '.join(archive.files) or 'nothing'}"
        )
    return arrays


def _array(archive: Any, name: str, path: Path) -> NDArray[Any]:
    try:
        return np.asarray(archive[name])
    except _ZIP_ERRORS as error:
        raise ReaderError(
            f"array `{name}` in {path} cannot be loaded: {error}; "
            "expected plain numbers or text (Python objects are never loaded), in a whole file"
        ) from error


def _frame_values(arrays: Mapping[str, NDArray[Any]], path: Path) -> NDArray[Any]:
    """(n, n_meas) float32 or complex64."""
    if "frames" not in arrays:
        raise ReaderError(f"{path} has no array `frames` (n, n_meas), only a reference")
    frames = as_values(arrays["frames"], "frames", path)
    frames = frames[np.newaxis] if frames.ndim == 1 else frames
    if frames.ndim != 2 or not frames.size:
        raise ReaderError(
            f"`frames` in {path} has shape {arrays['frames'].shape}; expected (n, n_meas), n at least 1"
        )
    return frames


def _is_rounded(frames: NDArray[Any]) -> bool:
    return frames.dtype.kind in "iu" and bool(
        frames.max() > FLOAT32_INTEGERS or frames.min() < -FLOAT32_INTEGERS
    )


def _number(arrays: Mapping[str, NDArray[Any]], path: Path, *names: str) -> float | None:
    for name in names:
        if name in arrays:
            array = arrays[name]
            if array.size != 1 or array.dtype.kind not in "iuf" or not np.isfinite(array.item()):
                raise ReaderError(
                    f"`{name}` in {path} has shape {array.shape}, {array.dtype}; expected one number"
                )
            return float(array.item())
    return None


def _text(arrays: Mapping[str, NDArray[Any]], name: str) -> str:
    array = arrays.get(name)
    return str(array.item()) if array is not None and array.size == 1 else ""


# -- pattern ---------------------------------------------------------------------------------------------------


def _pattern(
    arrays: Mapping[str, NDArray[Any]],
    options: ImportOptions,
    n_meas: int,
    path: Path,
    notes: list[str],
) -> Pattern:
    """The pattern that the file holds or the user names; both must agree, and fit the frames."""
    n_electrodes = options.electrodes
    said = _number(arrays, path, "n_elec", "n_electrodes")
    if said is not None:
        if n_electrodes is not None and n_electrodes != said:
            raise ReaderError(f"{path} has {said:g} electrodes, --electrodes says {n_electrodes}")
        n_electrodes = int(said)
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


def _stored_pattern(
    arrays: Mapping[str, NDArray[Any]], n_electrodes: int | None, path: Path, notes: list[str]
) -> Pattern | None:
    try:
        if "pattern_table" in arrays:
            table = arrays["pattern_table"]
            if n_electrodes is None:
                n_electrodes = int(table.max()) + 1
                notes.append(f"{n_electrodes} electrodes, the highest that the table names")
            return _named(Pattern.pairwise(table, n_electrodes))
        if all(name in arrays for name in GENERAL):
            currents, senses, stimulation = (arrays[name] for name in GENERAL)
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


# -- time, kind, reference -------------------------------------------------------------------------------------


def _times(
    arrays: Mapping[str, NDArray[Any]],
    options: ImportOptions,
    n_frames: int,
    path: Path,
    notes: list[str],
) -> tuple[NDArray[np.int64], float]:
    """((n,) ns since the first frame, nominal rate). An explicit rate comes before the file's times."""
    if options.rate_hz is None and "time_s" in arrays:
        times_s = arrays["time_s"]
        if times_s.shape != (n_frames,) or times_s.dtype.kind not in "iuf":
            raise ReaderError(
                f"`time_s` in {path} has shape {times_s.shape}, {times_s.dtype}; expected ({n_frames},) numbers"
            )
        steps_s = np.diff(times_s.astype(np.float64))
        if not np.isfinite(times_s).all() or (steps_s < 0).any():
            raise ReaderError(
                f"`time_s` in {path} is not finite and ascending; expected seconds of each frame"
            )
        typical_s = float(np.median(steps_s)) if len(steps_s) else 0.0
        since_s = times_s.astype(np.float64) - float(times_s[0])
        return np.round(since_s * 1e9).astype(np.int64), 1 / typical_s if typical_s else 0.0
    rate_hz = options.rate_hz or _number(arrays, path, "rate_hz")
    if rate_hz is None:
        rate_hz = ASSUMED_RATE_HZ
        notes.append(f"no times in the file: {rate_hz:g} frame/s assumed (--rate sets it)")
    if not 0 < rate_hz < 1e6:
        raise ReaderError(f"{rate_hz:g} frames per second; expected more than 0 and less than 1e6")
    return np.round(np.arange(n_frames) * (1e9 / rate_hz)).astype(np.int64), rate_hz


def _value_kind(
    arrays: Mapping[str, NDArray[Any]], options: ImportOptions, frames: NDArray[Any], path: Path
) -> ValueKind:
    is_complex = np.iscomplexobj(frames)
    said = options.value_kind or _text(arrays, "value_kind")
    if not said:
        return ValueKind.COMPLEX if is_complex else ValueKind.REAL
    try:
        kind = ValueKind(said)
    except ValueError as error:
        raise ReaderError(
            f"value_kind {said!r} in {path}; expected {', '.join(ValueKind)}"
        ) from error
    if (kind is ValueKind.COMPLEX) != is_complex:
        raise ReaderError(
            f"`frames` in {path} is {frames.dtype}, its value kind is said to be {kind}"
        )
    if kind is ValueKind.MAGNITUDE and (frames < 0).any():
        raise ReaderError(f"`frames` in {path} has negative values; magnitudes have none")
    return kind


def _reference(
    arrays: Mapping[str, NDArray[Any]], options: ImportOptions, frames: NDArray[Any], path: Path
) -> NDArray[Any] | None:
    """Frame of the empty tank: from the file, or from another (its reference, else the median of its frames)."""
    if options.reference is not None:
        path, arrays = options.reference, _load(options.reference)
    name = next((name for name in ("reference", "ref") if name in arrays), None)
    if name is None and options.reference is None:
        return None
    if name is not None:
        reference = as_values(arrays[name], name, path)
    else:
        name, reference = "frames", _median(_frame_values(arrays, path))
    if reference.shape != frames.shape[1:] or np.iscomplexobj(reference) != np.iscomplexobj(frames):
        raise ReaderError(
            f"`{name}` in {path} gives a reference of shape {reference.shape}, {reference.dtype}; "
            f"expected ({frames.shape[1]},) {frames.dtype} like the frames"
        )
    return reference


def _median(frames: NDArray[Any]) -> NDArray[Any]:
    """(n_meas,) median over the frames, NaN left out where others are there; real and imaginary part apart."""
    if np.iscomplexobj(frames):
        median = np.empty(frames.shape[1], dtype=frames.dtype)
        median.real, median.imag = _median(frames.real), _median(frames.imag)
        return median
    present = ~np.isnan(frames).all(axis=0)
    middle = np.full(frames.shape[1], np.nan, dtype=frames.dtype)
    middle[present] = np.nanmedian(frames[:, present], axis=0)
    return middle

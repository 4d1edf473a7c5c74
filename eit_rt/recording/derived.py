"""Imported frames as another pattern would have measured them: `eit-rt import --as-pattern`.

Imports superposition, readers, frames, layout, pattern. The rule it keeps: one matrix for the reference and all frames,
so that what a tank gets wrong in one it gets wrong in the other, and their difference does not see it.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, MismatchError
from eit_rt.frames import Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.readers.reader import ImportedFrames
from eit_rt.recording.superposition import Superposition


def derive(imported: ImportedFrames, wanted: str, electrodes: str | None = None) -> ImportedFrames:
    """The same frames, as the pattern of that name would have measured them.

    electrodes: "all", "driven" (those that inject), numbers counted from 1 ("1,3,5"), or None: all if the pattern fits
    them, else the driven ones. They are renumbered in order. Values that are missing in the reference or in the first
    frame are done without where others can replace them.

    Raises MismatchError if the pattern does not follow from what was measured (what, at which stimulation), or the
    values have no sign and would have to be added; PatternError for a name that is none; ConfigError for electrodes
    that are none.
    """
    frames = iter(imported.frames)
    first = list(islice(frames, 1))
    about = imported.about
    known = [
        *(frame.values for frame in first),
        *([] if about.reference is None else [about.reference]),
    ]
    absent = np.zeros(about.pattern.n_meas, dtype=np.bool_)
    for values in known:
        absent |= np.isnan(values)
    found = _superposition(about.pattern, wanted, electrodes, absent)
    if about.value_kind is ValueKind.MAGNITUDE:
        found = _without_signs(found)
    notes = _notes(found, absent)
    derived = replace(
        about,
        pattern=found.wanted,
        layout=_kept(about.layout, found.electrodes),
        # A measured value that is clipped spoils those made of it, which clip nowhere themselves.
        saturation=None,
        profile=None,
        reference=None
        if about.reference is None
        else _values(found, about.reference, about.saturation),
        source="; ".join([about.source, *notes]),
    )
    return replace(
        imported,
        about=derived,
        frames=_frames(chain(first, frames), found, about.saturation),
        notes=(*imported.notes, *notes),
    )


def _frames(
    frames: Iterator[Frame], found: Superposition, saturation: float | None
) -> Iterator[Frame]:
    for frame in frames:
        yield replace(frame, values=_values(found, frame.values, saturation))


def _values(
    found: Superposition,
    values: NDArray[np.float32] | NDArray[np.complex64],
    saturation: float | None,
) -> NDArray[np.float32] | NDArray[np.complex64]:
    if saturation is not None:
        values = np.where(np.abs(values) >= saturation, np.array(np.nan, values.dtype), values)
    return found.apply(values)


# -- which electrodes, which matrix ----------------------------------------------------------------------------


def _superposition(
    measured: Pattern, name: str, electrodes: str | None, absent: NDArray[np.bool_]
) -> Superposition:
    if electrodes is not None:
        kept = _named(electrodes, measured)
        return Superposition.find(measured, Pattern.by_name(name, len(kept)), kept, absent)
    everyone, driven = _named("all", measured), _named("driven", measured)
    wanted = Pattern.by_name(name, measured.n_electrodes)
    try:
        return Superposition.find(measured, wanted, everyone, absent)
    except MismatchError as on_all:
        if len(driven) == len(everyone) or len(driven) < 3:
            raise
        wanted = Pattern.by_name(name, len(driven))
        try:
            return Superposition.find(measured, wanted, driven, absent)
        except MismatchError as on_driven:
            raise MismatchError(
                f"on all electrodes: {on_all}\non the {len(driven)} driven ones: {on_driven}"
            ) from on_driven


def _named(electrodes: str, measured: Pattern) -> list[int]:
    """Electrodes counted from 0. Raises ConfigError."""
    if electrodes == "all":
        return list(range(measured.n_electrodes))
    if electrodes == "driven":
        return [int(e) for e in np.flatnonzero((measured.currents != 0).any(axis=0))]
    try:
        kept = [int(word) - 1 for word in electrodes.split(",")]
    except ValueError:
        kept = []
    if not kept or len(set(kept)) < len(kept) or not set(kept) <= set(range(measured.n_electrodes)):
        raise ConfigError(
            f"electrodes {electrodes!r}; expected all, driven, or different numbers of 1 to {measured.n_electrodes} "
            "with commas between"
        )
    return kept


def _without_signs(found: Superposition) -> Superposition:
    """Magnitudes can be picked, not added. Raises MismatchError."""
    adds = np.flatnonzero(np.count_nonzero(found.matrix, axis=1) > 1)
    if len(adds):
        raise MismatchError(
            f"{found.wanted.describe()} would have to be added up from {found.measured.describe()}, whose values are "
            f"magnitudes without a sign ({len(adds)} measurements); choose a pattern that was measured itself"
        )
    return replace(found, matrix=np.abs(found.matrix))


def _kept(layout: Layout | None, electrodes: tuple[int, ...]) -> Layout | None:
    if layout is None:
        return None
    return replace(layout, angles_deg=tuple(layout.angles_deg[e] for e in electrodes))


# -- what is told ----------------------------------------------------------------------------------------------


def _notes(found: Superposition, absent: NDArray[np.bool_]) -> list[str]:
    n_all, n_kept = found.measured.n_electrodes, len(found.electrodes)
    which = "all electrodes"
    if n_kept < n_all:
        which = f"{n_kept} of {n_all} electrodes, {_numbers(found.electrodes)}, renumbered 1 to {n_kept}"
    gain = found.noise_gain
    is_picked = bool(((found.matrix == 0) | (found.matrix == 1)).all() and (gain == 1).all())
    if is_picked:
        notes = [f"{found.wanted.name} picked out of {found.measured.name} on {which}"]
    else:
        notes = [
            f"{found.wanted.name} derived from {found.measured.name} on {which}; per unit of its current, noise is "
            f"{np.median(gain):.2g} times that of a measured value (largest: {gain.max():.2g})"
            + (
                "; a constant offset of a channel drops out"
                if found.is_free_of_offsets.all()
                else ""
            )
        ]
    if absent.any():
        n_lost = int(np.count_nonzero((found.matrix[:, absent] != 0).any(axis=1)))
        notes.append(
            f"{np.count_nonzero(absent)} measured values were missing from the start: {n_lost} of {len(gain)} derived "
            "ones need them and are missing, too"
        )
    return notes


def _numbers(electrodes: tuple[int, ...]) -> str:
    """Counted from 1, those with equal steps shortened."""
    steps = set(np.diff(electrodes).tolist())
    shown = [str(e + 1) for e in electrodes]
    if len(steps) == 1 and len(shown) > 4:
        return f"{shown[0]}, {shown[1]} ... {shown[-1]}"
    return ", ".join(shown)

"""Fitting a profile: reference, spread, gain and electrode health from frames of the empty tank.

Imports pattern, layout, frames, settings, errors and this room.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt import __version__
from eit_rt.calibration.health import Health, electrode_health
from eit_rt.calibration.profile import (
    BoardEntry,
    HealthEntry,
    PatternEntry,
    Profile,
    Provenance,
    with_gaps,
)
from eit_rt.calibration.reference import Reference, fit_reference, stacked
from eit_rt.errors import ConfigError, MismatchError
from eit_rt.frames import BoardIdentity, DifferenceKind, Frame, Stream
from eit_rt.layout import Layout
from eit_rt.settings import LayoutEntry, check

GAIN_RANGE = (0.8, 1.25)
"""A measurement may differ from the common scale by this much; more is a fault of the model, not of the gain."""
GAIN_FLOOR = 0.03
"""Measurements below this part of the largest reference keep the common scale: their ratio is mostly error."""


def fit_profile(
    frames: Sequence[Frame] | NDArray[Any],
    stream: Stream,
    *,
    name: str,
    difference: DifferenceKind = DifferenceKind.NORMALISED,
    source: str = "",
    identity: BoardIdentity | None = None,
    layout: Layout | None = None,
    model_voltages: ArrayLike | None = None,
    excluded_electrodes: Sequence[int] = (),
    exclude_bad: bool = True,
    notes: str = "",
    made: date | None = None,
) -> Profile:
    """Profile from frames of the tank in the state that differences are to be counted from.

    The reference is the median of the good frames, the spread their robust standard deviation (`fit_reference`).
    model_voltages: (n_meas,), homogeneous tank in the scale the model was trained in; gives the gain (`model_gain`).
    excluded_electrodes: numbered from 1; exclude_bad adds those that `electrode_health` finds bad. layout: None takes
    the stream's. made: None = today, UTC.
    Raises ConfigError if no frame is good or an argument is not usable, MismatchError if the sizes differ.
    """
    values = stacked(frames)
    if values.shape[1] != stream.pattern.n_meas:
        raise MismatchError(
            f"frames have {values.shape[1]} values, the pattern ({stream.pattern.describe()}) {stream.pattern.n_meas}"
        )
    fitted = fit_reference(values)
    health = electrode_health(
        values[fitted.used],
        stream.pattern,
        value_kind=stream.value_kind,
        saturation=stream.saturation,
        model_voltages=model_voltages,
    )
    bad = health.bad if exclude_bad else ()
    place = layout or stream.layout
    plain = {
        "schema_version": 1,
        "name": name,
        "made": made or datetime.now(UTC).date(),
        "notes": notes,
        "value_kind": stream.value_kind,
        "difference": difference,
        "pattern": PatternEntry.of(stream.pattern),
        "layout": LayoutEntry.of(place) if place else None,
        "board": BoardEntry.of(identity) if identity else None,
        "provenance": _provenance(fitted, source),
        "excluded_electrodes": tuple(sorted({*excluded_electrodes, *bad})),
        "saturation": stream.saturation,
        "gain": 1.0
        if model_voltages is None
        else _short(model_gain(fitted.values, model_voltages)),
        "health": _summary(health, fitted),
        "reference": with_gaps(fitted.values.real),
        "reference_imaginary": with_gaps(fitted.values.imag) if np.iscomplexobj(values) else None,
        "spread": with_gaps(fitted.spread) if np.isfinite(fitted.spread).any() else None,
    }
    return check(Profile, plain, "no profile can be made")


def model_gain(reference: NDArray[Any], model_voltages: ArrayLike) -> NDArray[np.float64]:
    """(n_meas,) factors that bring measured differences to the model's scale: model / reference, per measurement.

    The common scale is the median ratio; a single measurement may leave it by 0.8 to 1.25, and only if its reference is
    above 3 % of the largest. Complex references count with their real part.
    Raises MismatchError if the sizes differ, ConfigError if nothing can be compared.
    """
    measured, model = (
        np.real(reference).astype(np.float64),
        np.asarray(model_voltages, dtype=np.float64),
    )
    if measured.shape != model.shape:
        raise MismatchError(f"the model has {model.shape} voltages, the reference {measured.shape}")
    size = np.nan_to_num(np.abs(measured))
    usable = (size > GAIN_FLOOR * size.max()) & np.isfinite(model)
    if not usable.any():
        raise ConfigError("no reference value to compare with the model; take the reference again")
    ratio = model[usable] / measured[usable]
    scale = float(np.median(ratio))
    if scale == 0:
        raise ConfigError(
            "the model's voltages are zero where the measured ones are not; check the model"
        )
    gain = np.full(len(measured), scale)
    gain[usable] = scale * np.clip(ratio / scale, *GAIN_RANGE)
    return gain


def _provenance(fitted: Reference, source: str) -> Provenance:
    used = int(fitted.used.sum())
    return Provenance(
        source=source,
        frames_used=used,
        frames_refused=len(fitted.used) - used,
        software=f"eit-rt {__version__}",
    )


def _summary(health: Health, fitted: Reference) -> HealthEntry:
    with np.errstate(divide="ignore", invalid="ignore"):
        snr_db = 20 * np.log10(np.abs(fitted.values) / fitted.spread)
    known = snr_db[np.isfinite(snr_db)]
    error = health.typical("reciprocity")
    return HealthEntry(
        verdicts=tuple(e.verdict for e in health.electrodes),
        remarks=health.remarks(),
        reciprocity_error=float(f"{error:.3g}") if np.isfinite(error) else None,
        snr_db=round(float(np.median(known)), 1) if len(known) else None,
    )


def _short(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(str(np.float32(x))) for x in values)

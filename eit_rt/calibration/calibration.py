"""Calibration: Frame -> Difference, the hot path.

Imports frames, pattern, layout, errors and this room. The rule it keeps: what is not trustworthy is NaN in `dv` and 0
in `valid`, never a made-up number; patterns that differ are refused, never reordered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.calibration.drift import DriftTracker
from eit_rt.calibration.profile import Profile
from eit_rt.calibration.reference import fit_reference
from eit_rt.errors import ConfigError, MismatchError
from eit_rt.frames import Difference, DifferenceKind, Frame, Stream, ValueKind, frozen
from eit_rt.layout import ANGLE_TOLERANCE_DEG, Layout

Floats = NDArray[np.float32]

NEAR_ZERO = 0.01
"""Default of Profile.near_zero, for a calibration without a profile."""
LARGEST = 1e37
"""Differences and values at and above this are not used; float32 ends at 3e38."""
NOISE_MARGIN = 3.0
"""A reference below this many times its spread is no divisor."""
NAN = np.float32(np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """dv = (v - reference) * scale where |v| < limit, whatever the kind of difference; elsewhere there is no dv."""

    reference: NDArray[Any]
    scale: NDArray[Any]
    limit: NDArray[np.float32]
    """(n_meas,), 0 where a measurement is masked."""


class Calibration:
    """Turns frames of one stream into differences against a reference.

    Without a profile, or with one that has no reference, `needs_reference` is True until `set_reference` was called.
    One thread may use it at a time.
    """

    def __init__(
        self, profile: Profile | None, stream: Stream, difference: str | None = None
    ) -> None:
        """difference: what the model wants; None = as the profile says, normalised without a profile.

        Raises MismatchError if profile, stream and `difference` do not fit together.
        """
        wanted = None if difference is None else DifferenceKind(difference)
        _check(profile, stream, wanted)
        self.profile = profile
        self.stream = stream
        self.difference = _kind(profile, wanted)
        self.layout: Layout | None = stream.layout or (
            profile.layout.layout if profile and profile.layout else None
        )
        """Where the electrodes are, if the stream or the profile knows."""
        n = stream.pattern.n_meas
        self._is_complex = stream.value_kind is ValueKind.COMPLEX
        self._kind = np.dtype(np.complex64 if self._is_complex else np.float32)
        self._saturation = _saturation(profile, stream)
        self._nan = np.full(n, np.nan, dtype=np.float32)
        self._all_ok, self._all_valid = np.ones(n, dtype=np.bool_).tobytes(), frozen(np.ones(n))
        self._offset = np.broadcast_to(np.asarray(profile.offset if profile else 0.0), n)
        self._prepared: _Prepared | None = None
        drift = profile.drift if profile else None
        self._drift = DriftTracker(drift.time_constant_s, drift.still_below) if drift else None
        reference = profile.reference_values() if profile else None
        if reference is not None:
            self._prepare(reference, profile.spread_values() if profile else None)

    @property
    def needs_reference(self) -> bool:
        return self._prepared is None

    @property
    def reference(self) -> NDArray[Any] | None:
        """(n_meas,) in use now, the board's unit, read-only; None if there is none yet."""
        return None if self._prepared is None else self._prepared.reference

    def use_reference(
        self, values: NDArray[Any], spread: NDArray[np.float64] | None = None
    ) -> None:
        """From now on compare with this frame, as one imported with a recording. NaN = missing.

        values: (n_meas,), the board's unit. spread: (n_meas,), robust standard deviation of single frames, if known.
        Raises MismatchError for another size or kind, ConfigError if no measurement is usable.
        """
        self._check_values(values)
        self._prepare(values, spread)

    def set_reference(self, frames: Sequence[Frame]) -> None:
        """From now on compare with the median of these frames (outliers left out, see `fit_reference`).

        Raises ConfigError if no frame is good, MismatchError if they are of another size.
        """
        for frame in frames:
            self._check_values(frame.values)
        fitted = fit_reference(frames)
        self._prepare(fitted.values, fitted.spread)

    def apply(self, frame: Frame) -> Difference:
        """The difference of a frame to the reference, in pattern order.

        normalised: real((v - offset) / (reference - offset) - 1); plain: real(gain * (v - reference)). Not valid:
        not finite, at or above saturation, excluded, without a reference, or (normalised) with a reference near zero.
        Raises ConfigError while there is no reference, MismatchError for a frame of another size or kind.
        """
        prepared, values = self._prepared, frame.values
        if prepared is None:
            raise ConfigError(
                "there is no reference yet; collect frames of the empty tank and call set_reference"
            )
        if values.shape != self._nan.shape or (values.dtype.kind == "c") is not self._is_complex:
            self._check_values(values)
        dv, valid = (
            self._complex_difference(values, prepared)
            if self._is_complex
            else self._real_difference(values, prepared)
        )
        dv.setflags(write=False)
        if self._drift is not None:
            self._follow(self._drift, prepared, frame, dv, valid)
        return Difference(dv, valid)

    # dv is a fresh array, not a buffer: viewer and publishers keep it after the next frame has come. Few calls, since
    # at 100 frames/s caches are cold and each call of numpy costs ten times what it does in a loop.

    def _real_difference(self, values: NDArray[Any], prepared: _Prepared) -> tuple[Floats, Floats]:
        """dv and valid. Where all is usable, as nearly always, `valid` is one read-only array for every frame."""
        ok = np.abs(values) < prepared.limit
        if ok.tobytes() == self._all_ok:
            dv = values - prepared.reference
            dv *= prepared.scale
            return dv, self._all_valid
        dv = self._nan.copy()
        np.subtract(values, prepared.reference, out=dv, where=ok)
        np.multiply(dv, prepared.scale, out=dv, where=ok)
        return dv, frozen(ok)

    def _complex_difference(
        self, values: NDArray[Any], prepared: _Prepared
    ) -> tuple[Floats, Floats]:
        """dv, the real part of the change, and valid."""
        with np.errstate(over="ignore"):  # the magnitude of garbage may not fit into 32 bits
            ok = np.abs(values) < prepared.limit
        change = (values[ok] - prepared.reference[ok]) * prepared.scale[ok]
        dv = self._nan.copy()
        dv[ok] = change.real
        return dv, frozen(ok)

    def _follow(
        self,
        drift: DriftTracker,
        prepared: _Prepared,
        frame: Frame,
        dv: NDArray[np.float32],
        valid: NDArray[np.float32],
    ) -> None:
        moved = drift.step(frame.values, prepared.reference, dv, valid, frame.t_board_ns)
        if moved is None:
            return
        scale = prepared.scale
        if self.difference is DifferenceKind.NORMALISED:
            scale = 1.0 / (moved - self._offset)
        self._prepared = self._prepared_with(moved, scale, prepared.limit == 0)

    @property
    def left_out(self) -> NDArray[np.bool_]:
        """(n_meas,) True where the reference is of no use, being missing, clipped or near zero; all without one.

        What the profile excludes is not meant: its user knows.
        """
        unusable = self._prepared is None or self._prepared.limit == 0
        return np.asarray(unusable & ~self._excluded())

    # -- preparation -------------------------------------------------------------------------------------------

    def _prepare(self, reference: NDArray[Any], spread: NDArray[np.float64] | None) -> None:
        profile, n = self.profile, self.stream.pattern.n_meas
        gain = np.broadcast_to(np.asarray(profile.gain if profile else 1.0), n)
        part = profile.near_zero if profile else NEAR_ZERO
        excluded = self._excluded()
        masked = excluded | ~np.isfinite(reference)
        masked |= ~(np.abs(np.where(masked, 0, reference)) < self._saturation)
        if self.difference is DifferenceKind.NORMALISED:
            divisor = reference - self._offset
            masked |= is_near_zero(np.where(masked, np.nan, divisor), spread, part)
            scale = 1.0 / np.where(masked, 1.0, divisor)
        else:
            scale = gain * np.ones_like(reference)
        if masked.all():
            raise ConfigError(
                "the reference leaves no usable measurement: all are missing, excluded, saturated or near zero; "
                "take another reference with the tank filled and the electrodes connected"
            )
        if self._drift is not None:
            self._drift.restart()
        self._prepared = self._prepared_with(reference, scale, masked)

    def _excluded(self) -> NDArray[np.bool_]:
        n = self.stream.pattern.n_meas
        return self.profile.excluded() if self.profile else np.zeros(n, dtype=np.bool_)

    def _prepared_with(
        self, reference: NDArray[Any], scale: NDArray[Any], masked: NDArray[np.bool_]
    ) -> _Prepared:
        scale = np.where(masked, 0.0, scale)
        # Beyond this a difference would not fit into 32 bits: such a value is garbage, not a measurement.
        largest = LARGEST / np.maximum(np.abs(scale), 1.0)
        limit = np.where(masked, 0.0, np.minimum(self._saturation, largest))
        return _Prepared(
            _readonly(reference, self._kind),
            _readonly(scale, self._kind),
            _readonly(limit, np.dtype(np.float32)),
        )

    def _check_values(self, values: NDArray[Any]) -> None:
        if values.shape != self._nan.shape:
            raise MismatchError(
                f"a frame has shape {values.shape}, the pattern ({self.stream.pattern.describe()}) needs "
                f"({len(self._nan)},)"
            )
        if np.iscomplexobj(values) is not self._is_complex:
            raise MismatchError(
                f"a frame has {values.dtype} values, but the stream was announced as {self.stream.value_kind.value}"
            )


def is_near_zero(
    divisor: NDArray[Any], spread: NDArray[np.float64] | None, part: float
) -> NDArray[np.bool_]:
    """(n_meas,) True where a normalised difference would divide by next to nothing.

    divisor: (n_meas,) reference - offset, NaN = already masked. The rule: |divisor| is below `part` of the median
    |divisor|, or within 3 times its own spread (a single frame's noise would then be a third of the value or more).
    """
    size = np.abs(divisor)
    known = np.isfinite(size)
    if not known.any():
        return np.zeros(len(size), dtype=np.bool_)
    near: NDArray[np.bool_] = known & ((size <= part * np.median(size[known])) | (size == 0))
    if spread is not None:
        near |= known & (size <= NOISE_MARGIN * np.nan_to_num(spread))
    return near


def _check(profile: Profile | None, stream: Stream, difference: DifferenceKind | None) -> None:
    if profile is not None:
        _check_profile(profile, stream)
        if difference is not None and difference != profile.difference:
            raise MismatchError(
                f"profile {profile.name!r} makes a {profile.difference} difference, the model wants a {difference} "
                f"one; set `difference: {difference}` in the profile or use another model"
            )
    if (
        _kind(profile, difference) is DifferenceKind.PLAIN
        and stream.value_kind is ValueKind.MAGNITUDE
    ):
        raise MismatchError(
            "this board sends magnitudes: the sign of the voltage is lost and a plain difference is not defined; "
            "use a normalised difference and a model made for it"
        )


def _kind(profile: Profile | None, wanted: DifferenceKind | None) -> DifferenceKind:
    return wanted or (profile.difference if profile else DifferenceKind.NORMALISED)


def _check_profile(profile: Profile, stream: Stream) -> None:
    pattern = profile.pattern.pattern
    if pattern != stream.pattern:
        raise MismatchError(
            f"profile {profile.name!r} is for pattern ({pattern.describe()}), the frames have pattern "
            f"({stream.pattern.describe()}); use a profile for that pattern, or make one with eit-rt calibrate"
        )
    if profile.reference is not None and profile.value_kind is not stream.value_kind:
        raise MismatchError(
            f"profile {profile.name!r} holds {profile.value_kind.value} values, the frames are "
            f"{stream.value_kind.value}; make a new profile with eit-rt calibrate"
        )
    if profile.layout is not None and stream.layout is not None:
        _check_layout(profile, profile.layout.layout, stream.layout)


def _check_layout(profile: Profile, mine: Layout, theirs: Layout) -> None:
    apart = np.subtract(mine.angles_deg, theirs.angles_deg)
    if np.abs((apart + 180.0) % 360.0 - 180.0).max() > ANGLE_TOLERANCE_DEG:
        raise MismatchError(
            f"profile {profile.name!r} has electrode 1 at {mine.angles_deg[0]:g} deg, {mine.direction}; the frames "
            f"come with electrode 1 at {theirs.angles_deg[0]:g} deg, {theirs.direction}; delete `layout` from the "
            "profile or correct it"
        )


def _saturation(profile: Profile | None, stream: Stream) -> float:
    levels = [stream.saturation, profile.saturation if profile else None]
    return min((level for level in levels if level is not None), default=np.inf)


def _readonly(values: NDArray[Any], kind: np.dtype[Any]) -> NDArray[Any]:
    copy = np.asarray(values).astype(kind)
    copy.flags.writeable = False
    return copy

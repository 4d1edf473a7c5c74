"""Setup: the CONFIGURE command of the simulated board: what the host wants against what the source can do.

Imports protocol, pattern, source, tables. The rule it keeps: a refusal names the
field; the answer says what will be done.
"""

from dataclasses import dataclass

import numpy as np

from eit_rt.errors import MismatchError, PatternError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.protocol.generated import (
    ConfigureAnswer,
    ConfigureRequest,
    DataKind,
    DataUnit,
    DType,
    PatternFlag,
    PatternKind,
    Status,
)
from eit_rt.simulation.refused import Refused, bad_argument
from eit_rt.simulation.source import FrameSource
from eit_rt.simulation.tables import Tables, short_hash

MAX_RATE_HZ = 2000.0
MILLI = 1000.0
MICRO = 1e6
_KINDS = {
    ValueKind.MAGNITUDE: DataKind.MAGNITUDE,
    ValueKind.REAL: DataKind.REAL,
    ValueKind.COMPLEX: DataKind.COMPLEX,
}
_INTEGER_BITS = {DType.I16: 16, DType.I24: 24, DType.I32: 32}


@dataclass(frozen=True, slots=True)
class Setup:
    """What host and board agreed on."""

    config_id: int
    source: FrameSource
    dtype: DType
    scale: float
    pattern_kind: PatternKind
    idle_timeout_s: float
    """0: never."""

    def answer(self) -> ConfigureAnswer:
        """What the board tells the host."""
        source = self.source
        return ConfigureAnswer(
            config_id=self.config_id,
            n_electrodes=source.pattern.n_electrodes,
            n_meas=source.pattern.n_meas,
            dtype=self.dtype,
            kind=_KINDS[source.kind],
            unit=DataUnit.VOLT if source.is_volt else DataUnit.OWN,
            pattern_kind=self.pattern_kind,
            rate_millihertz=round(source.rate_hz * MILLI),
            scale=self.scale,
            saturation=source.saturation or 0.0,
            amplitude_ua=round(source.amplitude_a * MICRO),
            idle_timeout_ms=round(self.idle_timeout_s * MILLI),
            pattern_hash=short_hash(source.pattern),
        )


def agree(request: ConfigureRequest, own: FrameSource, tables: Tables, config_id: int) -> Setup:
    """What the board will do: its own amplitude and frequency, whatever is asked (SPEC.md, 7). Raises Refused."""
    if request.n_electrodes not in (0, own.pattern.n_electrodes):
        raise bad_argument(ConfigureRequest, "n_electrodes")
    pattern = _pattern(request, own, tables)
    rate_hz = min(request.rate_millihertz / MILLI, MAX_RATE_HZ) or own.rate_hz
    try:
        source = own.measured(pattern, rate_hz)
    except MismatchError as error:
        raise Refused(Status.UNSUPPORTED) from error
    dtype, scale = _dtype(request.dtype, own)
    return Setup(
        config_id=config_id,
        source=source,
        dtype=dtype,
        scale=scale,
        pattern_kind=PatternKind(request.pattern_kind),
        idle_timeout_s=request.idle_timeout_ms / MILLI,
    )


def _pattern(request: ConfigureRequest, own: FrameSource, tables: Tables) -> Pattern:
    if request.pattern_kind == PatternKind.OWN:
        return own.pattern
    if request.pattern_kind == PatternKind.UPLOADED:
        return tables.uploaded()
    if request.pattern_kind != PatternKind.RING:
        raise bad_argument(ConfigureRequest, "pattern_kind")
    n = own.pattern.n_electrodes
    for field in ("drive_step", "sense_step"):
        if not 0 < getattr(request, field) < n:
            raise bad_argument(ConfigureRequest, field)
    flags = PatternFlag(request.pattern_flags)
    try:
        return Pattern.skip(
            n,
            request.drive_step,
            request.sense_step,
            driven=PatternFlag.DRIVEN in flags,
            rotated=PatternFlag.ROTATED in flags,
        )
    except PatternError as error:
        raise bad_argument(ConfigureRequest, "n_electrodes") from error


def _dtype(wanted: int, own: FrameSource) -> tuple[DType, float]:
    """How values are sent, and the scale. Integers only where the converter's codes fit."""
    is_complex = own.kind is ValueKind.COMPLEX
    natural = DType.C64 if is_complex else DType.F32
    if wanted in (DType.OWN, natural):
        return natural, 1.0
    if wanted not in DType.__members__.values():
        raise bad_argument(ConfigureRequest, "dtype")
    bits = _INTEGER_BITS.get(DType(wanted))
    if bits is None or own.step is None or own.saturation is None:
        raise Refused(Status.UNSUPPORTED)
    # The scale goes over the wire as a single: the same rounding on both sides.
    scale = float(np.float32(own.step))
    if round(own.saturation / own.step) >= 2 ** (bits - 1):
        raise Refused(Status.UNSUPPORTED)
    return DType(wanted), scale

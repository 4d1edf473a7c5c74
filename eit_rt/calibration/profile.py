"""Profile: the calibration numbers of one board, tank and pattern, as a person reads and edits them.

Imports pattern, frames, settings, shipped, errors. The rule it keeps: a Profile that exists is consistent: every list
has one entry per measurement of its pattern. Electrodes and measurements are numbered from 1, as on the bench.
"""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator, model_validator

from eit_rt import settings, shipped
from eit_rt.calibration import profile_file
from eit_rt.calibration.health import Verdict
from eit_rt.errors import EitError
from eit_rt.frames import BoardIdentity, DifferenceKind, ValueKind
from eit_rt.pattern import Pattern
from eit_rt.settings import LayoutEntry, Positive, Section

Floats = NDArray[np.float64]

Count = Annotated[int, Field(ge=0)]
Numbered = Annotated[int, Field(ge=1)]
PerMeasurement = tuple[float, ...]
WithGaps = tuple[float | None, ...]


class PatternEntry(Section):
    """A pattern by name (`{name: adjacent, n_electrodes: 16}`) or in full, as `Pattern.to_dict` writes it."""

    name: str = Field(description="adjacent, opposite, skip4, ...; any name if a table follows.")
    n_electrodes: Annotated[int, Field(ge=3)]
    sha256: str | None = Field(default=None, description="Checked against the pattern where given.")
    table: tuple[tuple[int, int, int, int], ...] | None = Field(
        default=None,
        description="Rows i+, i-, v+, v-; electrodes numbered from 0 here, as in every pattern.",
    )
    currents: tuple[tuple[float, ...], ...] | None = None
    stimulation: tuple[int, ...] | None = None
    sense_rows: tuple[tuple[float, ...], ...] | None = None
    sense: tuple[int, ...] | None = None

    @model_validator(mode="after")
    def _is_a_pattern(self) -> Self:
        try:
            made = self.pattern
        except EitError as error:
            raise ValueError(str(error)) from error
        if self.sha256 is not None and self.sha256 != made.sha256:
            raise ValueError(
                f"sha256 {self.sha256[:12]}... does not belong to this pattern ({made.describe()}); "
                "the pattern was edited: delete the sha256 line only if you meant to"
            )
        return self

    @cached_property
    def pattern(self) -> Pattern:
        """The pattern itself. Raises PatternError if the entry describes none."""
        if self.table is None and self.currents is None:
            return Pattern.by_name(self.name, self.n_electrodes)
        return Pattern.from_dict(self.model_dump(exclude_none=True))

    @classmethod
    def of(cls, pattern: Pattern) -> Self:
        """The shortest entry that gives this pattern back: by its name if the name says it all."""
        named = {"name": pattern.name, "n_electrodes": pattern.n_electrodes}
        entry = named if _is_named(pattern) else pattern.to_dict()
        return settings.check(cls, entry | {"sha256": pattern.sha256}, "pattern")


class BoardEntry(Section):
    """Which board the numbers were taken from."""

    driver: str
    model: str
    serial: str = ""
    firmware: str = ""
    max_electrodes: Count = 0
    capabilities: tuple[str, ...] = ()

    @cached_property
    def identity(self) -> BoardIdentity:
        return BoardIdentity.from_dict(self.model_dump())

    @classmethod
    def of(cls, identity: BoardIdentity) -> Self:
        return settings.check(cls, identity.to_dict(), "board")


class Provenance(Section):
    """Where the numbers come from, so that they can be made again."""

    source: str = Field(description="Port or recording.")
    frames_used: Count
    frames_refused: Count = Field(
        default=0, description="Left out: incomplete, or unlike all the others."
    )
    software: str = Field(default="", description="Program and version that wrote the profile.")


class HealthEntry(Section):
    """What `electrode_health` said when the profile was made."""

    verdicts: tuple[Verdict, ...] = Field(description="Electrode 1, 2, 3, ...")
    remarks: tuple[str, ...] = Field(default=(), description="Why an electrode is not good.")
    reciprocity_error: float | None = Field(
        default=None, description="Median over measurements, relative."
    )
    snr_db: float | None = Field(default=None, description="Median over measurements, one frame.")


class DriftEntry(Section):
    """The reference follows the frames while nothing happens. A small or slow object is swallowed too."""

    time_constant_s: Positive
    still_below: Positive = Field(
        description="Only while the rms of the difference is below this, in its unit."
    )


class Profile(Section):
    """Calibration numbers. Read with `load`, written with `save`; formulas in docs/calibration.md."""

    schema_version: Literal[1] = Field(description="Form of this file.")
    name: Annotated[str, Field(min_length=1)]
    made: date = Field(description="UTC.")
    notes: str = ""
    value_kind: ValueKind = Field(
        default=ValueKind.REAL,
        description="What the board sends: magnitude, real or complex values.",
    )
    difference: DifferenceKind = Field(
        default=DifferenceKind.NORMALISED,
        description="normalised: v/reference - 1. plain: gain*(v - reference). The model decides.",
    )
    pattern: PatternEntry = Field(description="Who injects, who measures.")
    layout: LayoutEntry | None = Field(
        default=None, description="Where the electrodes are; null = the board says."
    )
    board: BoardEntry | None = Field(
        default=None, description="Board the numbers belong to; null = any."
    )
    provenance: Provenance | None = Field(default=None, description="Where the numbers come from.")
    excluded_electrodes: tuple[Numbered, ...] = Field(
        default=(), description="Electrodes not to be used, numbered from 1."
    )
    excluded_measurements: tuple[Numbered, ...] = Field(
        default=(), description="Measurements not to be used, numbered from 1 in pattern order."
    )
    saturation: Positive | None = Field(
        default=None,
        description="At and above this absolute value a measurement is clipped; null = the board says.",
    )
    near_zero: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.01,
        description="normalised: no measurement whose reference is below this part of the median reference.",
    )
    drift: DriftEntry | None = Field(
        default=None,
        description="Slow following of the reference while the tank is still; null = it stays.",
    )
    offset: float | PerMeasurement = Field(
        default=0.0,
        description="What the board reads at 0 V, in its unit; one number or one per measurement.",
    )
    gain: float | PerMeasurement = Field(
        default=1.0,
        description="plain: scale of each difference; one number or one per measurement.",
    )
    health: HealthEntry | None = Field(
        default=None, description="State of the electrodes when this was made."
    )
    reference: WithGaps | None = Field(
        default=None,
        description="Empty tank, per measurement, the board's unit; null = take it live.",
    )
    reference_imaginary: WithGaps | None = Field(
        default=None, description="Imaginary part of the reference, complex boards only."
    )
    spread: WithGaps | None = Field(
        default=None, description="Robust standard deviation of single frames about the reference."
    )

    # -- checks across fields: each sees the fields declared before it that were right --------------------------

    @field_validator("difference")
    @classmethod
    def _sign_is_known(cls, kind: DifferenceKind, info: ValidationInfo) -> DifferenceKind:
        if kind is DifferenceKind.PLAIN and info.data.get("value_kind") is ValueKind.MAGNITUDE:
            raise ValueError(
                "a plain difference needs the sign of the voltage, which magnitude boards lose; use normalised"
            )
        return kind

    @field_validator("layout")
    @classmethod
    def _layout_fits(cls, entry: LayoutEntry | None, info: ValidationInfo) -> LayoutEntry | None:
        pattern = _pattern_in(info)
        if entry and pattern and entry.layout.n_electrodes != pattern.n_electrodes:
            raise ValueError(
                f"has {entry.layout.n_electrodes} electrodes, the pattern {pattern.n_electrodes}"
            )
        return entry

    @field_validator("excluded_electrodes", "excluded_measurements")
    @classmethod
    def _numbers_exist(cls, numbers: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        pattern = _pattern_in(info)
        if pattern is None:
            return numbers
        last = pattern.n_electrodes if info.field_name == "excluded_electrodes" else pattern.n_meas
        beyond = [number for number in numbers if number > last]
        if beyond:
            raise ValueError(f"{beyond[0]} does not exist; they are numbered 1..{last}")
        return numbers

    @field_validator("offset", "gain", "reference", "reference_imaginary", "spread")
    @classmethod
    def _one_per_measurement(cls, values: Any, info: ValidationInfo) -> Any:
        pattern = _pattern_in(info)
        if pattern and isinstance(values, tuple) and len(values) != pattern.n_meas:
            raise ValueError(
                f"has {len(values)} numbers, the pattern ({pattern.describe()}) needs {pattern.n_meas}"
            )
        return values

    @field_validator("reference_imaginary")
    @classmethod
    def _imaginary_belongs(cls, values: WithGaps | None, info: ValidationInfo) -> WithGaps | None:
        if values is not None and info.data.get("value_kind") is not ValueKind.COMPLEX:
            raise ValueError("is for value_kind complex only; delete it, or correct value_kind")
        if values is not None and info.data.get("reference", ()) is None:
            raise ValueError("needs the real part, reference")
        return values

    @field_validator("health")
    @classmethod
    def _one_per_electrode(cls, entry: HealthEntry | None, info: ValidationInfo) -> Any:
        pattern = _pattern_in(info)
        if entry and pattern and len(entry.verdicts) != pattern.n_electrodes:
            raise ValueError(
                f"has {len(entry.verdicts)} verdicts, the pattern {pattern.n_electrodes} electrodes"
            )
        return entry

    # -- as numbers --------------------------------------------------------------------------------------------

    def reference_values(self) -> NDArray[Any] | None:
        """(n_meas,) float64 or complex128, the board's unit, NaN = missing; None if it is to be taken live."""
        if self.reference is None:
            return None
        real = with_nan(self.reference)
        if self.value_kind is not ValueKind.COMPLEX:
            return real
        imaginary = self.reference_imaginary or (0.0,) * len(real)
        return np.asarray(real + 1j * with_nan(imaginary))

    def spread_values(self) -> Floats | None:
        """(n_meas,), the board's unit, NaN = unknown; None if the profile has none."""
        return None if self.spread is None else with_nan(self.spread)

    def snr_db(self) -> Floats | None:
        """(n_meas,) 20 log10(|reference| / spread) of a single frame; None without reference and spread."""
        reference, spread = self.reference_values(), self.spread_values()
        if reference is None or spread is None:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(20 * np.log10(np.abs(reference) / spread), dtype=np.float64)

    def excluded(self) -> NDArray[np.bool_]:
        """(n_meas,) True where the profile forbids a measurement, by electrode or by its own number."""
        pattern = self.pattern.pattern
        mask = np.zeros(pattern.n_meas, dtype=np.bool_)
        for electrode in self.excluded_electrodes:
            mask |= pattern.touches(electrode - 1)
        mask[[number - 1 for number in self.excluded_measurements]] = True
        return mask

    # -- files -------------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read a profile: a path, or the name of a shipped one. Raises ConfigError listing all mistakes at once."""
        path = shipped.find("calibration", str(name_or_path), ".yaml")
        return settings.check(cls, settings.read(path), str(path))

    @classmethod
    def parse(cls, text: str, place: str) -> Self:
        """Read a profile from its YAML text; `place` names it in messages. Raises ConfigError as `load` does."""
        return settings.check(cls, settings.parse(text, place), place)

    def to_yaml(self, header: Sequence[str] = ()) -> str:
        """The text that `save` writes. header: lines of comment for its top."""
        return profile_file.render(self, header)

    def save(self, path: str | Path, *, force: bool = False, header: Sequence[str] = ()) -> None:
        """Write a commented YAML file, whole or not at all. header: lines of comment for its top.

        Raises ConfigError if the file exists and not `force`, or if it cannot be written.
        """
        profile_file.save(self, Path(path), force=force, header=header)


def with_nan(values: Sequence[float | None]) -> Floats:
    """(n,) float64 with NaN for None."""
    return np.array([np.nan if x is None else x for x in values], dtype=np.float64)


def with_gaps(values: NDArray[Any]) -> WithGaps:
    """Plain floats at float32 precision with None for what is not finite."""
    short = (float(str(np.float32(x))) if np.isfinite(x) else None for x in values)
    return tuple(short)


def _pattern_in(info: ValidationInfo) -> Pattern | None:
    entry = info.data.get("pattern")
    return entry.pattern if isinstance(entry, PatternEntry) else None


def _is_named(pattern: Pattern) -> bool:
    try:
        return Pattern.by_name(pattern.name, pattern.n_electrodes) == pattern
    except EitError:
        return False

"""EvaluationSet: tanks whose voltages every method gets, and what is known of their inside.

Imports pattern, layout, frames, calibration and errors. The rule it keeps: what is not known is None or NaN, never
made up.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eit_rt.calibration import Profile
from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrueObject:
    """An object that is in the tank."""

    x: float
    """Of its centre, tank radii, to the right."""
    y: float
    """Upwards."""
    radius: float
    """Of the circle of its area, tank radii."""
    contrast: float
    """(s - s0) / (s + s0), s its conductivity, s0 the reference's; negative: resistive. Of real objects the sign only
    may be known: +1 or -1."""


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSet:
    """n tanks of one pattern."""

    name: str
    pattern: Pattern
    layout: Layout
    """Where the electrodes are; truth and objects lie in its frame."""
    reference: Floats
    """(n, n_meas), or (1, n_meas) if all have the same; any unit; NaN = missing."""
    frames: Floats
    """(n, n_meas), the reference's unit; NaN = missing."""
    truth: Floats | None = None
    """(n, S, S) contrast, row 0 = top, NaN outside the tank."""
    objects: tuple[tuple[TrueObject, ...], ...] | None = None
    """Of each tank, where they are known without a picture of the truth."""
    labels: NDArray[np.uint8] | None = None
    """(n, 256, 256): 0 water, 1 resistive, 2 conductive."""
    captions: tuple[str, ...] = ()
    """(n,) what each tank is, for people."""
    is_flat: bool = True
    """Whether objects and electrodes are as high as the water; else they are small in a tank as high as wide."""
    z_contact: float = 0.02
    """Contact impedance that a model of the tanks should have, in the units of docs/physics.md."""
    difference: DifferenceKind = DifferenceKind.NORMALISED
    """What the classical methods take; models say it themselves. Plain where measured references come near zero."""
    profile: Profile | None = None
    """Calibration numbers, if the voltages need more than a reference."""

    def __post_init__(self) -> None:
        """Raises ConfigError if the parts do not fit together."""
        n, n_meas = len(self.frames), self.pattern.n_meas
        if self.frames.shape != (n, n_meas) or n < 1:
            raise ConfigError(
                f"set {self.name}: frames have shape {self.frames.shape}; expected (n, {n_meas}), n at least 1"
            )
        if self.reference.shape not in ((n, n_meas), (1, n_meas)):
            raise ConfigError(
                f"set {self.name}: reference has shape {self.reference.shape}; expected ({n} or 1, {n_meas})"
            )
        for part in ("truth", "objects", "labels"):
            known = getattr(self, part)
            if known is not None and len(known) != n:
                raise ConfigError(f"set {self.name}: {part} of {len(known)} tanks, frames of {n}")

    def __len__(self) -> int:
        return len(self.frames)

    def reference_of(self, tank: int) -> Floats:
        """(n_meas,)"""
        return np.asarray(self.reference[tank if len(self.reference) > 1 else 0])

    def first(self, n: int) -> "EvaluationSet":
        """The first n tanks, or all if there are no more."""
        if n >= len(self):
            return self
        return replace(
            self,
            frames=self.frames[:n],
            reference=self.reference[:n],
            truth=None if self.truth is None else self.truth[:n],
            objects=None if self.objects is None else self.objects[:n],
            labels=None if self.labels is None else self.labels[:n],
            captions=self.captions[:n],
        )

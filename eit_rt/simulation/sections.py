"""The sections of a scenario file other than objects: tank, electronics, playback and the faults of board and link.

Imports span, settings and layout. Every default is that of an ordinary bench: a saline tank, 1 mA, 16 bit.
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from eit_rt.layout import Layout
from eit_rt.settings import Positive, Section
from eit_rt.simulation.span import Electrode, Fraction, NotNegative, Span


class Ring(Section):
    """Electrodes, as `Layout.ring` takes them."""

    n_electrodes: Annotated[int, Field(ge=3, le=256)] = 16
    first_deg: float = 90.0
    direction: Literal["clockwise", "counterclockwise"] = "clockwise"
    coverage: Annotated[float, Field(gt=0, lt=1)] = 0.5
    radius_m: Positive = 0.1

    def layout(self) -> Layout:
        return Layout.ring(**self.model_dump())


class Contact(Section):
    """Contact impedance between electrode and tank."""

    mean_ohm_m2: Positive = 0.002
    spread: NotNegative = 0.1
    """Relative standard deviation over the electrodes (log-normal, by the seed)."""
    per_electrode: dict[Electrode, Positive] = Field(default_factory=dict)
    """Electrodes (from 1) that have a value of their own, ohm m2."""


class ElectrodeFault(Span):
    """An electrode comes off: meanwhile it neither drives nor senses."""

    electrode: Electrode


class Drift(Section):
    """Slow change, in parts of the value per minute."""

    gain_per_minute: float = 0.0
    conductivity_per_minute: float = 0.0
    """Of the whole tank, contacts included, as temperature does it (saline: about 0.02 per kelvin)."""


class Noise(Section):
    """Noise of the measurement."""

    snr_db: float | None = 80.0
    """20 log10(rms of the empty tank's frame / standard deviation of the noise); null: no noise."""
    gain_spread: NotNegative = 0.0
    """Standard deviation of the fixed relative gain error of each measurement."""


class Adc(Section):
    """Converter: values are rounded to steps of 2 full_scale_v / 2^bits and clipped at full scale."""

    bits: Annotated[int, Field(ge=4, le=32)] = 16
    full_scale_v: Positive = 0.01

    @property
    def step_v(self) -> float:
        return float(np.float32(2 * self.full_scale_v / 2**self.bits))


class Mesh(Section):
    """Mesh of the tank that is measured; keep it other than the one that reconstructs."""

    elements: Annotated[int, Field(ge=200, le=200_000)] = 2800
    """About so many triangles."""


class Playback(Section):
    """Frames of a recording or .npz served again, instead of a tank."""

    recording: str | None = None
    loop: bool = True
    """Begin again after the last frame; false: stop there."""


class Stall(Section):
    """The link takes nothing for `for_s` out of each `every_s`."""

    every_s: Positive
    for_s: Positive


class Disconnection(Section):
    """The port is gone from at_s, for for_s."""

    at_s: NotNegative
    for_s: Positive = 1.0


class Faults(Section):
    """What goes wrong between board and host; seeded, times in seconds since the port was opened."""

    drop_rate: Fraction = 0.0
    """Chance that a byte is lost."""
    flip_rate: Fraction = 0.0
    """Chance that one bit of a byte is flipped."""
    noise_rate: Fraction = 0.0
    """Chance that a burst of 1..8 random bytes is put in before a byte."""
    direction: Literal["to_host", "to_board", "both"] = "to_host"
    stall: Stall | None = None
    reboot_at_s: NotNegative | None = None
    disconnect: Disconnection | None = None

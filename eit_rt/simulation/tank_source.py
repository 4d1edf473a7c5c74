"""Frames of a tank: finite elements between the electrodes, electronics behind them.

Imports tank, electronics, scenario, frames, pattern. The rule it keeps: a frame follows from its number alone.
"""

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import MismatchError
from eit_rt.frames import ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.simulation.electronics import Electronics, Reading, saturation_of, with_range
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.tank import Tank

AMPERE_PER_MILLIAMPERE = 1e-3


class TankSource:
    """A tank measured by electronics."""

    n_frames: int | None = None
    is_volt = True
    takes_patterns = True

    def __init__(
        self, scenario: Scenario, pattern: Pattern | None = None, tank: Tank | None = None
    ) -> None:
        self._asked = scenario
        self._tank = tank or Tank(scenario)
        self.layout: Layout | None = self._tank.layout
        self.pattern = pattern or scenario.make_pattern()
        self.rate_hz = scenario.rate
        self.kind = ValueKind.REAL
        self.amplitude_a = scenario.amplitude_ma * AMPERE_PER_MILLIAMPERE
        empty_tank = self._volts(self._tank.empty())
        scenario = with_range(scenario, empty_tank)
        self.step: float | None = scenario.adc.step_v
        self.saturation: float | None = saturation_of(scenario)
        self._electronics = Electronics(scenario, self.pattern, empty_tank)

    def reading(self, frame: int) -> Reading:
        """Frame number `frame`, taken frame / rate_hz seconds after the start."""
        t_s = frame / self.rate_hz
        volts = self._volts(self._tank.transfer_impedance(t_s))
        return self._electronics.measure(volts, frame, t_s)

    def measured(self, pattern: Pattern, rate_hz: float) -> "TankSource":
        if pattern.n_electrodes != self._tank.layout.n_electrodes:
            raise MismatchError(
                f"the simulated tank has {self._tank.layout.n_electrodes} electrodes, "
                f"the pattern {pattern.n_electrodes}"
            )
        return TankSource(self._asked.changed(rate_hz=rate_hz), pattern, self._tank)

    def _volts(self, impedance: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.amplitude_a * np.asarray(self.pattern.voltages(impedance))

"""Electronics: from true voltages to what the converter says: gain errors, drift, loose electrodes, noise, steps.

Imports scenario, chance, pattern. The rule it keeps: the same seed and frame number give the same values, bit for bit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eit_rt.pattern import Pattern
from eit_rt.protocol import FrameStatus
from eit_rt.simulation.chance import Purpose, numbers
from eit_rt.simulation.scenario import Scenario

Floats = NDArray[np.float64]

LEAK = 0.01
"""Part of the current that still flows through an electrode that came off (film of water, cable capacitance)."""
PICKUP = 0.3
"""Voltage that an open input catches from its surroundings: standard deviation over full scale."""
SECONDS_PER_MINUTE = 60.0
RANGES_V = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
HEADROOM = 1.25
"""Full scale over the largest voltage of the empty tank, at least: objects raise some."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the converter says of one frame."""

    values: NDArray[np.float32] | NDArray[np.complex64]
    """(n_meas,), V; of a playback, whatever was recorded."""
    status: int
    """FrameStatus bits."""


class Electronics:
    """The measuring side of a simulated board."""

    def __init__(self, scenario: Scenario, pattern: Pattern, empty_tank: Floats) -> None:
        """empty_tank: (n_meas,) V, noise-free frame of the tank without objects: noise is scaled by its rms."""
        self._scenario = scenario
        self._pattern = pattern
        n = pattern.n_meas
        spread = scenario.noise.gain_spread
        self._gain = 1.0 + spread * numbers(scenario.seed, Purpose.GAIN).standard_normal(n)
        self._noise_v = noise_of(scenario, empty_tank)
        self._drives = pattern.currents[pattern.stimulation] != 0
        self._senses = pattern.senses != 0

    def measure(self, volts: Floats, frame: int, t_s: float) -> Reading:
        """volts: (n_meas,) V, true; frame: number that fixes the noise; t_s: for drift and loose electrodes."""
        chance = numbers(self._scenario.seed, Purpose.FRAME, frame)
        drift = 1.0 + self._scenario.drift.gain_per_minute * t_s / SECONDS_PER_MINUTE
        seen = volts * self._gain * drift + self._noise_v * chance.standard_normal(len(volts))
        loose = self._scenario.loose_at(t_s)
        if loose:
            seen = self._loosen(seen, list(loose), chance)
        return self._convert(seen)

    def _loosen(self, seen: Floats, loose: list[int], chance: np.random.Generator) -> Floats:
        """A loose electrode breaks the current it should carry; as an input it floats."""
        seen = np.where(self._drives[:, loose].any(axis=1), LEAK * seen, seen)
        caught = PICKUP * self._scenario.adc.full_scale_v * chance.standard_normal(len(seen))
        return np.where(self._senses[:, loose].any(axis=1), seen + caught, seen)

    def _convert(self, seen: Floats) -> Reading:
        step = self._scenario.adc.step_v
        most = _most(self._scenario)
        codes = np.rint(seen / step)
        is_clipped = bool((np.abs(codes) >= most).any())
        status = FrameStatus.SATURATED if is_clipped else FrameStatus(0)
        return Reading((np.clip(codes, -most, most) * step).astype(np.float32), status)


def with_range(scenario: Scenario, empty_tank: Floats) -> Scenario:
    """With the converter's smallest range that fits the empty tank, unless the scenario names one."""
    if "full_scale_v" in scenario.adc.model_fields_set:
        return scenario
    needed = HEADROOM * float(np.abs(empty_tank).max())
    fitting = next((volts for volts in RANGES_V if volts >= needed), RANGES_V[-1])
    return scenario.changed(
        adc=scenario.adc.model_dump(exclude_unset=True) | {"full_scale_v": fitting}
    )


def noise_of(scenario: Scenario, empty_tank: Floats) -> float:
    """Standard deviation of the noise, V."""
    if scenario.noise.snr_db is None:
        return 0.0
    return float(np.sqrt(np.mean(empty_tank**2)) * 10 ** (-scenario.noise.snr_db / 20))


def saturation_of(scenario: Scenario) -> float:
    """Absolute value, V, at and above which a measurement is clipped."""
    return float(np.float32(_most(scenario) * scenario.adc.step_v))


def _most(scenario: Scenario) -> int:
    """Largest code. The range is symmetric: the most negative code means "missing" on the wire."""
    return int(2 ** (scenario.adc.bits - 1) - 1)

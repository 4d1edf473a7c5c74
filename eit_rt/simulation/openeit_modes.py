"""Modes of the emulated OpenEIT board: which measurements of the tank are printed, how, and how often.

Imports emulator, source, scenario, pattern. Source: OpenEIT/EIT_Firmware (OpenEIT.c, modes.h). The rule kept here: a
frame's text follows from its number alone.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eit_rt.pattern import Pattern
from eit_rt.simulation.emulator import BITS_PER_BYTE
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.source import FrameSource

STEPS_PER_OHM = 16
MOST_STEPS = 0x7FFFFFFF
IMAGING_WELCOMES = {
    8: b"mode 3: 8 electrode imaging\n",
    16: b"mode 4: 16 electrode imaging\n",
    32: b"mode 3: 32 electrode imaging\n",  # the firmware's own number
}
TIME_SERIES_HZ = 40.0
"""README of the firmware."""
SPECTRA_HZ = 2.0
"""Sweeps per second; nobody says how many there are."""
FREQUENCIES_HZ = (
    *(200, 500, 800, 1000, 2000, 5000, 8000, 10000, 15000, 20000),
    *(30000, 40000, 50000, 60000, 70000),
)

Steps = NDArray[np.int64]


class Mode(Protocol):
    """One mode. A frame is what is printed between two looks at the receive buffer."""

    rate_hz: float

    @property
    def welcome(self) -> bytes:
        """What is printed when the mode begins."""

    def steps(self, frame: int) -> Steps:
        """Magnitudes of frame number `frame` in 1/16 ohm, as the board counts."""

    def text(self, frame: int) -> bytes: ...


class Imaging:
    """Opposite drive, adjacent sense, 8, 16 or 32 channels, one line a frame."""

    def __init__(
        self,
        scenario: Scenario,
        measuring: Callable[[Pattern, float], FrameSource],
        electrodes: int,
        baud: int,
    ) -> None:
        """measuring: the tank, measured with a pattern at a rate."""
        n = scenario.layout.n_electrodes
        table = Pattern.by_name("opposite", electrodes).table
        assert table is not None
        self._scenario = scenario
        self._n_meas = len(table)
        line_bytes = len(line_of(np.zeros(self._n_meas, dtype=np.int64)))
        self.rate_hz = scenario.rate_hz or baud / BITS_PER_BYTE / line_bytes
        """The serial line sets it."""
        self.welcome = IMAGING_WELCOMES[electrodes]
        self._source: FrameSource | None = None
        if n >= electrodes:
            self._table = table.astype(np.int64) * (n // electrodes)
            self._source = measuring(Pattern.pairwise(self._table, n), self.rate_hz)

    def steps(self, frame: int) -> Steps:
        """0, an open circuit, where no current flows: a driving electrode is off, or the channel has none.

        With more channels than electrodes that is everywhere: every pair of neighbours has one that hangs in the air.
        """
        if self._source is None:
            return np.zeros(self._n_meas, dtype=np.int64)
        ohm = np.abs(self._source.reading(frame).values) / self._source.amplitude_a
        loose = self._scenario.loose_at(frame / self.rate_hz)
        ohm = np.where(np.isin(self._table[:, :2], loose).any(axis=1), 0.0, ohm)
        return np.minimum(np.rint(STEPS_PER_OHM * ohm), MOST_STEPS).astype(np.int64)

    def text(self, frame: int) -> bytes:
        return line_of(self.steps(frame))


class TimeSeries:
    """One value a line: the first measurement of the imaging mode."""

    welcome = b"mode 1: time series\n"

    def __init__(self, scenario: Scenario, probe: Imaging) -> None:
        self.rate_hz = scenario.rate_hz or TIME_SERIES_HZ
        self._probe = probe

    def steps(self, frame: int) -> Steps:
        return self._probe.steps(frame)[:1]

    def text(self, frame: int) -> bytes:
        return number_of(int(self.steps(frame)[0])) + b" \r\n"


class Spectroscopy:
    """One line a frequency; water is the same at all of them."""

    welcome = b"mode 2: bioimpedance spectroscopy\nend initialize\n"

    def __init__(self, scenario: Scenario, probe: Imaging) -> None:
        self.rate_hz = scenario.rate_hz or SPECTRA_HZ
        self._probe = probe

    def steps(self, frame: int) -> Steps:
        return np.repeat(self._probe.steps(frame)[:1], len(FREQUENCIES_HZ))

    def text(self, frame: int) -> bytes:
        value = number_of(int(self.steps(frame)[0]))
        return b"".join(b"magnitudes:%d;%s \r\n" % (hz, value) for hz in FREQUENCIES_HZ)


def number_of(steps: int) -> bytes:
    """As the firmware prints a number of 1/16 ohm: `%8d.%04d`."""
    whole, part = divmod(steps, STEPS_PER_OHM)
    return b"%8d.%04d" % (whole, part * 10_000 // STEPS_PER_OHM)


def line_of(steps: Steps) -> bytes:
    """One frame as the firmware prints it: `magnitudes: `, and each number with a comma."""
    return b"magnitudes: " + b"".join(number_of(int(k)) + b"," for k in steps) + b"\r\n"

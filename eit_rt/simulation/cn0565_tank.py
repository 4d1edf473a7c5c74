"""What the emulated EVAL-CN0565-ARDZ measures: switches between the tank and its two DFTs.

Imports source, pattern, cn0565_words. The rule it keeps: a frame's numbers follow from its number alone.
"""

from collections.abc import Callable, Iterable
from math import pi

import numpy as np
from numpy.typing import NDArray

from eit_rt.pattern import Pattern
from eit_rt.simulation.cn0565_words import LEAST, MOST, Asked, of_count, of_float
from eit_rt.simulation.source import FrameSource

CONTACTS = 16
"""The cross-point switches reach so many; with n electrodes number k is on contact k 16/n."""
DEG_PER_KHZ = 0.2
"""Phase that the amplifiers add: 2 degrees at 10 kHz, 16 at 80. An assumption."""
RTIA_OHM = 10_000.0
DEFAULT_AMPERE = 1e-3

Complexes = NDArray[np.complex128]
Row = tuple[int, int, int, int]


def rows_of(electrodes: int, drive: int, sense: int) -> list[Row]:
    """F+, F-, S+, S- in the order of the firmware's `generateSwitchCombination`."""
    rows = []
    for i in range(electrodes):
        force = i, (i + drive) % electrodes
        for j in range(electrodes):
            pair = j, (j + sense) % electrodes
            if not set(force) & set(pair):
                rows.append((*force, *pair))
    return rows


class Switched:
    """The tank through a list of switch positions."""

    def __init__(
        self,
        rows: Iterable[Row],
        electrodes: int,
        tank_electrodes: int,
        measuring: Callable[[Pattern], FrameSource],
        counts_per_volt: float,
    ) -> None:
        """Raises MismatchError if the tank, being a recording, cannot be measured in this way."""
        wanted = np.array(list(rows), dtype=np.int64).reshape(-1, 4)
        factor = CONTACTS // electrodes if 0 < electrodes <= CONTACTS else 0
        # Only 1, 2, 4 ... electrodes are switched at all, and only contacts of this board.
        is_switched = np.full(len(wanted), factor > 0 and factor & (factor - 1) == 0)
        is_switched &= (wanted < CONTACTS).all(axis=1)
        on_tank, rest = np.divmod(wanted * factor * tank_electrodes, CONTACTS)
        shorted = (on_tank[:, 0] == on_tank[:, 1]) | (on_tank[:, 2] == on_tank[:, 3])
        self._is_wired = is_switched & (rest == 0).all(axis=1) & ~shorted
        self.n = len(wanted)
        self._counts_per_volt = counts_per_volt
        self.source: FrameSource | None = None
        if self._is_wired.any():
            # As Pattern.skip has it, into the second drive electrode, so that a recording can be played back: minus.
            table = on_tank[self._is_wired][:, [1, 0, 2, 3]]
            self.source = measuring(Pattern.pairwise(table, tank_electrodes))

    def volts(self, frame: int) -> Complexes:
        """(n,) voltage S+ to S- while the current runs from F+ to F-; 0 where nothing is connected."""
        found = np.zeros(self.n, dtype=np.complex128)
        if self.source is not None:
            found[self._is_wired] = -self.source.reading(frame).values.astype(np.complex128)
        return found

    def printed(self, frame: int, asked: Asked, *, has_current: bool) -> list[bytes]:
        """The numbers of a frame, one string for each measurement. has_current: the current is measured, too."""
        volts = self.volts(frame)
        is_real = self.source is None or self.source.kind != "complex"
        turned = volts * np.exp(1j * pi / 180 * DEG_PER_KHZ * asked.frequency_khz * is_real)
        if not asked.is_impedance:
            return _counts(self._counted(volts, turned), asked)
        ampere = (self.source.amplitude_a if self.source else 0.0) or DEFAULT_AMPERE
        # Where only voltages are measured the firmware divides one by the next, itself.
        ohm = turned / ampere if has_current else np.full(self.n, -RTIA_OHM, dtype=complex)
        return _floats(ohm, asked)

    def _counted(self, volts: Complexes, turned: Complexes) -> Complexes:
        """Steps of the DFT, at its limits where the converter was clipped."""
        is_volt = self.source is None or self.source.is_volt
        counts = turned * (self._counts_per_volt if is_volt else 1.0)
        most = self.source.saturation if self.source else None
        if most:
            counts[np.abs(volts) >= most] *= 2
        return np.clip(np.rint(counts.real), LEAST, MOST) + 1j * np.clip(
            np.rint(counts.imag), LEAST, MOST
        )


def _counts(counts: Complexes, asked: Asked) -> list[bytes]:
    if asked.is_magnitude:
        return [of_float(size) for size in np.sqrt(counts.real**2 + counts.imag**2)]
    return [of_count(int(z.real)) + b"," + of_count(int(z.imag)) for z in counts]


def _floats(ohm: Complexes, asked: Asked) -> list[bytes]:
    if asked.is_magnitude:
        return [of_float(size) for size in np.abs(ohm)]
    return [of_float(z.real) + b"," + of_float(z.imag) for z in ohm]

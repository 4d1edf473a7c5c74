"""Lines that an OpenEIT board prints, and what they mean. Imports found, lines, frames; no I/O.

Source: OpenEIT/EIT_Firmware (format strings of OpenEIT.c) and OpenEIT's own simulated data. The rule it keeps: once the
firmware's fixed form has been seen, whatever deviates from it is damage; before that a looser form is tried, too.
"""

import re

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.found import Fault, Found, Measured, Remark
from eit_rt.boards.lines import Lines

N_MEAS = {32: 8, 192: 16, 896: 32}
"""Number of values -> number of electrodes."""
LONGEST_LINE = 32768
RESOLUTION_OHM = 1 / 16
SATURATED_OHM = 1e8
"""The firmware prints 0x7FFFFFFF, in 1/16 ohm, where its arithmetic is clipped; no tank comes near."""
LOOSE_LINES = 3
"""So many lines of the looser form, and none of the firmware's, make it the form of this source."""

LABEL = b"magnitudes"
_SIXTEENTHS = b"|".join(b"%04d" % (625 * k) for k in range(16))
_STRICT_VALUE = rb"(?:(?=[ \d]{8}\.) *(?:0|[1-9]\d*)|[1-9]\d{8,9})\.(?:" + _SIXTEENTHS + rb"),"
_STRICT = re.compile(rb"magnitudes: (?:" + _STRICT_VALUE + rb")+")
_LOOSE = re.compile(rb"magnitudes ?:[-+0-9.eE, ]+")
_NUMBER = re.compile(rb"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_FAILED = (b"FAILED Impedance Measurement", b"Impedance Measurement FAILED")
_MENU = re.compile(
    rb"OpenEIT|mode \d: [a-z0-9 ]+|end initialize|FINISHED SET UP *|number of measures is \d+"
)


class OpenEitDecoder:
    """Bytes in, frames of one number of values out; others are told apart."""

    def __init__(self, n_meas: int | None = None, is_strict: bool | None = None) -> None:
        """n_meas: of the frames that are wanted; None: of the first one that comes. is_strict: None = find out."""
        self.n_meas, self.is_strict = n_meas, is_strict
        self.hears_other_mode = False
        """Frames of another number of electrodes came last: the board has been switched, or has rebooted."""
        self._lines = Lines(LONGEST_LINE)
        self._loose = 0

    def feed(self, data: bytes) -> list[Found]:
        found: list[Found] = []
        for line in self._lines.feed(data):
            for part in line.split(b"\r"):
                if part.strip():
                    found.append(self._understand(part))
        if self._lines.overlong:
            found += [Fault("line without end", frames=1)] * self._lines.overlong
            self._lines.overlong = 0
        return found

    def _understand(self, line: bytes) -> Found:
        values = self._values(line)
        if isinstance(values, Fault):
            return values if LABEL in line else _other(line)
        if self.n_meas is None:
            self.n_meas = len(values)
        self.hears_other_mode = len(values) != self.n_meas and len(values) in N_MEAS
        if self.hears_other_mode:
            return Fault("frame of another mode")
        if len(values) != self.n_meas:
            return Fault("wrong number of values", frames=1)
        # 0 is an open circuit; neither is a voltage.
        values[(values == 0) | (np.abs(values) >= SATURATED_OHM)] = np.nan
        return Measured(values)

    def _values(self, line: bytes) -> NDArray[np.float32] | Fault:
        if any(text in line for text in _FAILED):
            return Fault("failed measurement", frames=1)
        if _STRICT.fullmatch(line):
            self.is_strict, self._loose = True, 0
            return _numbers(line)
        if self.is_strict or not _LOOSE.fullmatch(line):
            return Fault("line out of form", frames=line.count(LABEL))
        return self._loosely(line)

    def _loosely(self, line: bytes) -> NDArray[np.float32] | Fault:
        words = [word.strip() for word in line.partition(b":")[2].split(b",") if word.strip()]
        if not all(_NUMBER.fullmatch(word) for word in words):
            return Fault("line out of form", frames=1)
        if self.is_strict is None:
            self._loose += 1
            if self._loose < LOOSE_LINES:
                return Fault("form not yet known", frames=1)
            self.is_strict = False
        return np.array([float(word) for word in words], dtype=np.float32)


def _numbers(line: bytes) -> NDArray[np.float32]:
    return np.array([float(word) for word in line.partition(b":")[2].split(b",")[:-1]]).astype(
        np.float32
    )


def _other(line: bytes) -> Found:
    text = line.strip()
    if _MENU.fullmatch(text):
        return Remark(f"the board says: {text.decode('ascii')}")
    return Fault("not a line of the board")

"""Lines that an OpenEIT board prints, and what they mean. Imports found, lines, frames; no I/O.

Source: OpenEIT/EIT_Firmware (format strings of OpenEIT.c) and OpenEIT's own simulated data. The rule it keeps: once the
firmware's fixed form has been seen, whatever deviates from it is damage; before that a looser form is tried, too.
"""

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.found import Fault, Found, Measured, Remark
from eit_rt.boards.lines import Lines
from eit_rt.frames import Severity

N_MEAS = {32: 8, 192: 16, 896: 32}
"""Number of values -> number of electrodes."""
SINGLE = 1
"""Number of values in a line of the modes that make no picture: time series, spectroscopy."""
LONGEST_LINE = 32768
RESOLUTION_OHM = 1 / 16
SATURATED_OHM = 1e8
"""This and more is no measurement, for the driver as for a reader of logs. Where its arithmetic is clipped the firmware
prints 0x7FFFFFFF in 1/16 ohm, 134217727.9375; what lies near it, a current of next to nothing or that number with a
damaged digit, says no more. No tank comes near."""

LABEL = b"magnitudes"
GREETING = b"OpenEIT"
_SIXTEENTHS = b"|".join(b"%04d" % (625 * k) for k in range(16))
# %8d: eight wide, or as wide as a number of 28 bits needs. A negative one is a number that overflowed.
_WHOLE = rb"(?:(?=[ \d-]{8}\.) *-?(?:0|[1-9]\d*)|[1-9]\d{8}|-[1-9]\d{7,8})"
_STRICT_NUMBER = _WHOLE + rb"\.(?:" + _SIXTEENTHS + rb")"
_STRICT_VALUE = _STRICT_NUMBER + rb","
_STRICT = re.compile(rb"magnitudes: (?:" + _STRICT_VALUE + rb")+")
_STRICT_WORD = re.compile(_STRICT_VALUE)
_LOOSE = re.compile(rb"\s*magnitudes ?:[-+0-9.eE, ]+")
_NUMBER = re.compile(rb"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_SINGLE = re.compile(rb"(?:magnitudes:\d+;)?" + _STRICT_NUMBER + rb" ")
_FAILED = (b"FAILED Impedance Measurement", b"Impedance Measurement FAILED")
_MENU = re.compile(rb"OpenEIT|mode \d: [a-z0-9 ]+|end initialize|FINISHED SET UP")
_NO_MEASURES = re.compile(rb"number of measures is \d+")


class OpenEitDecoder:
    """Bytes in, frames of one number of values out; others are told apart."""

    def __init__(self, n_meas: int | None = None, is_strict: bool | None = None) -> None:
        """n_meas: of the frames that are wanted; None: any. is_strict: None = find out."""
        self.n_meas, self.is_strict = n_meas, is_strict
        self.hears_other_mode = False
        """Lines of another mode come: the board has been switched, or has rebooted."""
        self.heard: Counter[int] = Counter()
        """Sound lines by their number of values."""
        self._lines = Lines(LONGEST_LINE)
        self._odd = 0
        self._said = b""
        self._debris = Debris()

    def feed(self, data: bytes) -> list[Found]:
        found: list[Found] = []
        # A lone carriage return ends a line as well: OpenEIT's own logs have them, and lines that lost the other half.
        for line in self._lines.feed(data.replace(b"\r", b"\n")):
            if line.strip():
                found += self._understand(line)
        for _ in range(self._lines.overlong):
            found.append(Fault("line without end", self._debris.add(LONGEST_LINE, 0, self.n_meas)))
        self._lines.overlong = 0
        return found

    def _understand(self, line: bytes) -> list[Found]:
        text = line.strip()
        if _MENU.fullmatch(text):
            return self._menu(text)
        if _NO_MEASURES.fullmatch(text):
            return [Fault("no measures")]
        if _SINGLE.fullmatch(line):
            return self._sound(line, np.zeros(SINGLE, dtype=np.float32))
        values = self._values(line)
        if isinstance(values, str):
            return self._damaged(line, values)
        return self._sound(line, values)

    def _sound(self, line: bytes, values: NDArray[np.float32]) -> list[Found]:
        count = len(values)
        self.heard[count] += 1
        if count == self.n_meas or (self.n_meas is None and count in N_MEAS):
            self.hears_other_mode, self._odd, self._said = False, 0, b""
            self._debris = Debris()
            return [Measured(values)]
        if count not in N_MEAS and count != SINGLE:
            return self._damaged(line, "wrong number of values")
        is_again, self._odd = count == self._odd, count
        if not is_again:  # once may be a cut-off line
            return self._damaged(line, "wrong number of values")
        before, self.hears_other_mode = self.hears_other_mode, True
        told = [] if before or self.n_meas is None else [_remark_of(count)]
        return [Fault("frame of another mode"), *told]

    def _menu(self, text: bytes) -> list[Found]:
        """What the board says is told once, not before every frame."""
        is_new, self._said = text != self._said, text
        if not is_new:
            return []
        if text == GREETING:
            return [Remark("the board has been switched on: it says OpenEIT", Severity.WARNING)]
        return [Remark(f"the board says: {text.decode('ascii')}")]

    def _damaged(self, line: bytes, kind: str) -> list[Found]:
        labels = line.count(LABEL)
        if not labels and b"," not in line:
            kind = "not a line of the board"
        fault = Fault(kind, self._debris.add(len(line), labels, self.n_meas))
        # Switched off in the middle of a line, it greets behind what it had sent of it.
        return [fault, *(self._menu(GREETING) if line.endswith(GREETING) else [])]

    def _values(self, line: bytes) -> NDArray[np.float32] | str:
        """The values, missing ones NaN; or what is wrong."""
        if any(text in line for text in _FAILED):
            return "failed measurement"
        if _STRICT.fullmatch(line):
            self.is_strict = True
            return _strict_numbers(line)
        if self.is_strict is None and _resembles_strict(line):
            self.is_strict = True
        if self.is_strict or not _LOOSE.fullmatch(line):
            return "line out of form"
        words = [word.strip() for word in line.partition(b":")[2].split(b",") if word.strip()]
        if not all(_NUMBER.fullmatch(word) for word in words):
            return "line out of form"
        self.is_strict = False
        return _loose_numbers(words)


class Debris:
    """Tells how many frames damaged lines have cost since the last sound one: by their labels and by their length.

    A damaged label hides a frame, a line feed in its midst makes two lines of one: neither is miscounted.
    """

    def __init__(self) -> None:
        self._bytes = self._labels = self._told = 0

    def add(self, n_bytes: int, labels: int, n_meas: int | None) -> int:
        """Frames that this line shows to be gone in addition to those told already."""
        self._bytes += n_bytes
        self._labels += labels
        length = 14 * n_meas + 12 if n_meas else LONGEST_LINE
        gone = max(self._labels, round(self._bytes / length))
        new, self._told = gone - self._told, gone
        return new


def _resembles_strict(line: bytes) -> bool:
    """Most values have the firmware's form: what has not is damaged."""
    words = line.partition(b":")[2].split(b",")
    return 2 * sum(_STRICT_WORD.fullmatch(word + b",") is not None for word in words) > len(words)


def _strict_numbers(line: bytes) -> NDArray[np.float32]:
    values = np.array([float(word) for word in line.partition(b":")[2].split(b",")[:-1]])
    # 0 is an open circuit, a negative number one that overflowed; neither is a voltage.
    values[(values <= 0) | (values >= SATURATED_OHM)] = np.nan
    return values.astype(np.float32)


def _loose_numbers(words: list[bytes]) -> NDArray[np.float32]:
    """Here a sign may mean something."""
    values = np.array([float(word) for word in words])
    values[(values == 0) | (np.abs(values) >= SATURATED_OHM)] = np.nan
    return values.astype(np.float32)


def _remark_of(count: int) -> Remark:
    what = f"{N_MEAS[count]} electrodes" if count in N_MEAS else "single values, no frames"
    return Remark(
        f"the board sends {what} now; it is told what is wanted once more", Severity.WARNING
    )

"""What a Sciospec board is told: settings and a pattern become commands, and differences of its channels.

Imports sciospec_messages, pattern, errors. Source of numbers: sciopy, eit_app, and a recorded run of the maker's. The
rule it keeps: what the board cannot do is refused here, before a byte is written, as far as it is known.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.sciospec_messages import message
from eit_rt.errors import ConfigError, MismatchError
from eit_rt.pattern import Pattern

GROUP = 16
"""Channels whose potentials come in one message."""
MOST_CHANNELS = 128
MOST_FREQUENCIES = 128
MOST_RATE_HZ = 100.0
DEFAULT_RATE_HZ = 20.0
AMPLITUDES_MA = (1e-4, 10.0)
ADC_RANGES_V = {1: 1, 5: 2, 10: 3}
GAINS = {1: 0, 10: 1, 100: 2, 1000: 3}
POLARITIES = ("first", "second")
SAME_FREQUENCY = 0.01
"""Relative: a frequency that is named this near to one of the list is that one."""

STOP = message(0xB4, b"\x00")
START = message(0xB4, b"\x01")
RESET = message(0xB0, b"\x01")
FrequenciesWanted = float | str | Sequence[float]


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the set-up."""

    name: str
    """For messages."""
    bytes: bytes
    is_optional: bool = False
    """Older firmware may not know it."""
    tells_pattern: bool = False
    """Refused, the board has not got the pattern's channels."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """What the board steps through in each excitation."""

    least_hz: float
    most_hz: float
    count: int = 1
    is_log: bool = False

    @classmethod
    def of(cls, wanted: FrequenciesWanted) -> "Frequencies":
        """A number; numbers in even steps (or even ratios); "1000,2000,3000"; "1000:100000:5", with ":log" for ratios.

        Raises ConfigError.
        """
        if isinstance(wanted, str):
            least, colon, rest = wanted.partition(":")
            if colon:
                return cls._spanned([least, *rest.split(":")], wanted)
            wanted = [_number(part, "frequencies_hz") for part in wanted.split(",")]
        listed = list(wanted) if isinstance(wanted, Sequence) else [wanted]
        if not listed:
            raise ConfigError("frequencies_hz is empty; expected one or more, such as 10000")
        return cls._listed([_number(hz, "frequencies_hz") for hz in listed])

    @classmethod
    def _spanned(cls, parts: list[str], wanted: str) -> "Frequencies":
        is_log = len(parts) == 4 and parts[3] == "log"
        if not (len(parts) == 3 or is_log or (len(parts) == 4 and parts[3] == "lin")):
            raise ConfigError(
                f"frequencies_hz is {wanted!r}; expected LEAST:MOST:COUNT, such as 1000:100000:5, or ...:log"
            )
        least, most, count = (_number(part, "frequencies_hz") for part in parts[:3])
        if count != int(count):
            raise ConfigError(f"frequencies_hz is {wanted!r}; expected a whole number of them")
        return cls._checked(least, most, int(count), is_log)

    @classmethod
    def _listed(cls, hz: list[float]) -> "Frequencies":
        made = [cls._checked(hz[0], hz[-1], len(hz), is_log) for is_log in (False, True)]
        for one in made:
            if np.allclose(one.values_hz(), hz, rtol=1e-3):
                return one
        raise ConfigError(
            f"frequencies_hz is {', '.join(f'{f:g}' for f in hz)}; the board steps evenly from the least to the most, "
            "or in equal ratios: give such a list"
        )

    @classmethod
    def _checked(cls, least: float, most: float, count: int, is_log: bool) -> "Frequencies":
        if not 0 < least <= most or not 1 <= count <= MOST_FREQUENCIES:
            raise ConfigError(
                f"frequencies from {least:g} to {most:g} Hz, {count} of them; expected positive ones, rising, "
                f"at most {MOST_FREQUENCIES}"
            )
        return cls(least, most, count, is_log)

    def values_hz(self) -> NDArray[np.float64]:
        """(count,) Hz, rising."""
        if self.is_log:
            return np.geomspace(self.least_hz, self.most_hz, self.count)
        return np.linspace(self.least_hz, self.most_hz, self.count)

    def row_of(self, hz: float | None) -> int:
        """Which of them is meant; None: the first. Raises ConfigError if none is."""
        if hz is None:
            return 0
        if not 0 < hz < math.inf:
            raise ConfigError(f"stream_frequency is {hz:g} Hz; expected a positive number")
        off = np.abs(self.values_hz() / hz - 1)
        if off.min() > SAME_FREQUENCY:
            have = ", ".join(f"{f:g}" for f in self.values_hz())
            raise ConfigError(f"stream_frequency is {hz:g} Hz, which is none of {have}")
        return int(off.argmin())

    def seconds(self) -> float:
        """Time that they take in each excitation. Source: eit_app."""
        periods = np.maximum(208e-6, 1 / self.values_hz())
        return float(42e-6 * (self.count - 1) + periods.sum())


def most_rate_hz(n_excitations: int, frequencies: Frequencies) -> float:
    """Frames per second that the board can reach. Source: eit_app."""
    return min(MOST_RATE_HZ, 1 / (n_excitations * (651e-6 + frequencies.seconds())))


def _rounded_down(rate_hz: float) -> float:
    """To four digits: what is told can be asked for."""
    digits = 3 - math.floor(math.log10(rate_hz))
    return round(rate_hz - 0.5 * 10.0**-digits, digits)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose of the board, whatever the pattern."""

    electrodes: int | None = None
    amplitude_ma: float = 1.0
    frequencies: Frequencies = field(default_factory=lambda: Frequencies(10_000.0, 10_000.0))
    row: int = 0
    """Which frequency is the stream, from 0."""
    adc_range_v: int = 10
    gain: int = 1
    polarity: str = "first"

    def __post_init__(self) -> None:
        """Raises ConfigError."""
        least, most = AMPLITUDES_MA
        if not least <= self.amplitude_ma <= most:
            raise ConfigError(
                f"amplitude_ma is {self.amplitude_ma:g}; expected {least:g} to {most:g}"
            )
        _one_of("adc_range_v", self.adc_range_v, ADC_RANGES_V)
        _one_of("gain", self.gain, GAINS)
        _one_of("polarity", self.polarity, POLARITIES)
        if self.electrodes is not None and not 3 <= self.electrodes <= MOST_CHANNELS:
            raise ConfigError(
                f"electrodes is {self.electrodes}; a Sciospec board has 16 to {MOST_CHANNELS} channels, "
                "of which 3 or more are used"
            )

    @property
    def clip_v(self) -> float:
        """Amplitude at which the converter clips."""
        return self.adc_range_v / self.gain


@dataclass(frozen=True, eq=False)
class Setup:
    """Settings and a pattern that fit. Raises MismatchError if they do not."""

    settings: Settings
    pattern: Pattern
    rate_hz: float

    @classmethod
    def of(cls, settings: Settings, pattern: Pattern | None, rate_hz: float | None) -> "Setup":
        """pattern None: adjacent. rate_hz None: 20, or what the board can reach, however slow."""
        pattern = pattern or Pattern.by_name("adjacent", settings.electrodes or GROUP)
        _check_pattern(pattern, settings)
        excitations = len(_excitations(pattern))
        most = most_rate_hz(excitations, settings.frequencies)
        if rate_hz is None:
            rate_hz = min(DEFAULT_RATE_HZ, _rounded_down(most))
        if not rate_hz > 0:
            raise MismatchError(f"{rate_hz:g} frames/s were asked for; expected a positive number")
        if rate_hz > most:
            raise MismatchError(
                f"{rate_hz:g} frames/s are too many: with {excitations} excitations and "
                f"{settings.frequencies.count} frequencies from {settings.frequencies.least_hz:g} Hz the board reaches "
                f"{_rounded_down(most):g}; ask for fewer"
            )
        return cls(settings, pattern, rate_hz)

    @cached_property
    def excitations(self) -> tuple[tuple[int, int], ...]:
        """Pairs of channels, from 1, as they are sent."""
        pairs = [(into + 1, out + 1) for into, out in _excitations(self.pattern)]
        is_second = self.settings.polarity == "second"
        return tuple((b, a) if is_second else (a, b) for a, b in pairs)

    @cached_property
    def differences(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """(n_meas,) each: excitation, plus channel, minus channel, from 0."""
        assert self.pattern.table is not None
        place = {pair: k for k, pair in enumerate(_excitations(self.pattern))}
        rows = self.pattern.table.tolist()
        excitation = np.array([place[into, out] for into, out, _, _ in rows], dtype=np.int64)
        pairs = np.array(rows, dtype=np.int64)
        return excitation, pairs[:, 2], pairs[:, 3]

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """(n_excitations, n_channels of the groups) True where a potential enters a difference."""
        excitation, plus, minus = self.differences
        n_groups = int(max(plus.max(), minus.max())) // GROUP + 1
        used = np.zeros((len(self.excitations), n_groups * GROUP), dtype=np.bool_)
        used[excitation, plus] = used[excitation, minus] = True
        return used

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Channel groups, from 0, that hold channels in use; others are left out."""
        by_group = self.used.any(axis=0).reshape(-1, GROUP).any(axis=1)
        return tuple(int(group) for group in np.flatnonzero(by_group))

    def commands(self) -> list[Command]:
        """After STOP and before START, in the order in which the board wants them."""
        s, f = self.settings, self.settings.frequencies
        steps = struct.pack(">ffHB", f.least_hz, f.most_hz, f.count, f.is_log)
        pairs = [
            Command(f"excitation pair {a}-{b}", _option(0x06, bytes([a, b])), tells_pattern=True)
            for a, b in self.excitations
        ]
        return [
            Command("reset of the set-up", RESET),
            Command("endless run", _option(0x02, b"\0\0")),
            Command("amplitude", _option(0x05, struct.pack(">d", s.amplitude_ma / 1000))),
            Command("converter range", _option(0x0D, bytes([ADC_RANGES_V[s.adc_range_v]]))),
            Command("gain", _option(0x09, bytes([1, GAINS[s.gain]]))),
            Command("single-ended measurement", _option(0x08, b"\x01\x01")),
            Command(f"{self.rate_hz:g} frames/s", _option(0x03, struct.pack(">f", self.rate_hz))),
            Command("frequencies", _option(0x04, steps)),
            *pairs,
            *[
                Command("output fields", message(0xB2, bytes([which, 1])), is_optional=True)
                for which in (1, 2, 3)
            ],
        ]


def _option(number: int, value: bytes) -> bytes:
    return message(0xB0, bytes([number]) + value)


def _excitations(pattern: Pattern) -> list[tuple[int, int]]:
    """Distinct (into, out of), electrodes from 0, in order of their first measurement."""
    assert pattern.table is not None
    return list(dict.fromkeys((int(a), int(b)) for a, b in pattern.table[:, :2]))


def _check_pattern(pattern: Pattern, settings: Settings) -> None:
    if pattern.table is None:
        raise MismatchError(
            f"a Sciospec board drives one pair at a time and measures potentials: {pattern.describe()} is not made of "
            "pairs; ask for adjacent, opposite, skipK, ..."
        )
    if settings.electrodes is not None and pattern.n_electrodes != settings.electrodes:
        raise MismatchError(
            f"the option electrodes says {settings.electrodes}, the pattern is {pattern.describe()}; "
            "leave the option out"
        )
    if pattern.n_electrodes > MOST_CHANNELS:
        raise MismatchError(
            f"a Sciospec board has at most {MOST_CHANNELS} channels, not enough for {pattern.describe()}"
        )


def _one_of(name: str, value: object, allowed: object) -> None:
    choices: list[object] = list(allowed)  # type: ignore[call-overload]
    if value not in choices:
        raise ConfigError(f"{name} is {value}; expected one of {', '.join(map(str, choices))}")


def _number(value: object, name: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(f"{name} is {value!r}; expected numbers")
    return number

"""The words of the EVAL-CN0565-ARDZ: commands, and the numbers of its answers. Imports numpy only; no I/O, no clock.

The rule it keeps: a number is taken only if the firmware could have printed exactly these characters. Source: Analog
Devices' no-OS, projects/cn0565/src/examples/eit/app.c and drivers/afe/ad5940/bia_measurement.c, read, not run.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMMAND_BYTES = 32
"""The board's memory for a command, line end included; it does not check, and writes on beyond it."""
IDENTIFY, STOP, ASK = b"B \n", b"O \n", b"V \n"
GREETING = b"Hello!"
ANSWER, ASK_HEARD = b"!V ", b"!CMD V OK"
STOPPED, CONFIGURED, REFUSED = b"!O", b"!C OK", b"!CMD C ERROR"
NOT_CONFIGURED = b"!Send C Command first to configure!"
CHATTER = (b"!CMD C OK", b"!R", b"RtiaReal:", b"!B", b"!Q", b"!CMD Q")
"""Lines, by their beginning, that a sound board says now and then and that mean nothing here."""

LEAST, MOST = -(1 << 17), (1 << 17) - 1
"""Limits of a DFT value, 18 bits in two's complement; there it is clipped."""
RAW = re.compile(rb"0|[1-9a-f][0-9a-f]{0,3}|1[0-9a-f]{4}|fff[ef][0-9a-f]{4}")
"""`%lx` of 18 bits, sign-extended to 32: no zeros in front, below 0x20000 or from 0xfffe0000 on."""
FLOAT = re.compile(rb"0|[1-9a-f][0-9a-f]{0,7}")
"""`%lx` of the bits of a float32."""
NO_NUMBERS = frozenset((0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000))
"""Infinities and NaN as the processor makes them, when no current flows."""
OHM_RANGE = (2.0**-30, 2.0**31)
"""What the quotient of two DFT values times the 10 kilo-ohm of the board can be, with much to spare."""
COUNT_RANGE = (1.0, float(np.hypot(LEAST, LEAST)))
EXACT_SQUARES = 2.0**24
"""Up to here float32 holds each whole number, and so the square of a magnitude before its root is taken."""
ROOT_ROUNDING = 2.0**-23
"""Relative error of a square whose root was rounded to float32."""
MOST_DAMAGED = 0.25
"""With a larger part of damaged values an answer is noise."""


class Kind(StrEnum):
    """What the board is asked to print."""

    RAW = "raw"
    """Voltage, re,im pairs in steps of the DFT."""
    IMPEDANCE = "Z"
    """Voltage over current, re,im pairs in ohm: two DFTs for each."""
    MAGNITUDE = "M"
    """Magnitude of the voltage, in steps of the DFT."""
    IMPEDANCE_MAGNITUDE = "ZM"

    @property
    def is_impedance(self) -> bool:
        return self in (Kind.IMPEDANCE, Kind.IMPEDANCE_MAGNITUDE)

    @property
    def is_magnitude(self) -> bool:
        return self in (Kind.MAGNITUDE, Kind.IMPEDANCE_MAGNITUDE)

    @property
    def numbers(self) -> int:
        """Numbers for each measurement."""
        return 1 if self.is_magnitude else 2

    @property
    def longest(self) -> int:
        """Most bytes for each measurement, commas included."""
        return 9 * self.numbers


def configure_command(
    frequency_khz: int, electrodes: int, drive: int, sense: int, kind: Kind
) -> bytes:
    """`C f,n,drive,sense,ref[,Z|V][,M]`; drive and sense are distances in electrodes."""
    mode = {
        Kind.RAW: "",
        Kind.IMPEDANCE: ",Z",
        Kind.MAGNITUDE: ",V,M",
        Kind.IMPEDANCE_MAGNITUDE: ",Z,M",
    }
    command = f"C {frequency_khz},{electrodes},{drive},{sense},0{mode[kind]}\n".encode()
    assert len(command) <= COMMAND_BYTES
    return command


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The numbers of one answer that has the right number of them."""

    values: NDArray[Any]
    """(n_meas,) complex64, or float32 magnitudes; NaN where clipped, not a number, or damaged."""
    n_damaged: int
    """Values that no firmware prints."""

    @property
    def is_noise(self) -> bool:
        return self.n_damaged > MOST_DAMAGED * len(self.values)


def read_answer(body: bytes, n_meas: int, kind: Kind) -> Answer | None:
    """What stands after `!V `; None if there are not as many numbers as there have to be."""
    fields = body.split(b",")
    if len(fields) != n_meas * kind.numbers:
        return None
    numbers, is_sound = _counts(fields) if kind is Kind.RAW else _floats(fields, kind)
    if kind.is_magnitude:
        return Answer(numbers.astype(np.float32), int(np.count_nonzero(~is_sound)))
    pairs, sound = numbers.reshape(-1, 2), is_sound.reshape(-1, 2).all(axis=1)
    values = (pairs[:, 0] + 1j * pairs[:, 1]).astype(np.complex64)
    return Answer(values, int(np.count_nonzero(~sound)))


def _counts(fields: list[bytes]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers (NaN: damaged or clipped) and whether each could have been printed."""
    is_sound = np.array([RAW.fullmatch(field) is not None for field in fields])
    bits = np.array([int(f, 16) if good else 0 for f, good in zip(fields, is_sound, strict=True)])
    counts = np.where(bits >= 1 << 31, bits - (1 << 32), bits)
    is_clipped = (counts <= LEAST) | (counts >= MOST)
    return np.where(is_sound & ~is_clipped, counts, np.nan), is_sound


def _floats(fields: list[bytes], kind: Kind) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    has_form = np.array([FLOAT.fullmatch(field) is not None for field in fields])
    bits = [int(f, 16) if good else 0 for f, good in zip(fields, has_form, strict=True)]
    least, most = OHM_RANGE if kind.is_impedance else COUNT_RANGE
    with np.errstate(invalid="ignore"):
        numbers = np.array(bits, dtype=np.uint32).view(np.float32).astype(np.float64)
        size = np.abs(numbers)
        is_possible = (size == 0) | ((size >= least) & (size <= most))
        if kind.is_magnitude:
            is_possible &= ~np.signbit(numbers)
        if kind is Kind.MAGNITUDE:
            is_possible &= _is_root_of_squares(numbers)
    is_no_number = np.array([b in NO_NUMBERS for b in bits]) & kind.is_impedance
    is_sound = has_form & (is_possible | is_no_number)
    return np.where(is_sound & np.isfinite(numbers), numbers, np.nan), is_sound


def _is_root_of_squares(sizes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) True unless no re and im, both whole, have this magnitude to the last bit of a float32.

    The larger the magnitude the more sums of two squares are nearer to its square than float32 can tell; too large
    ones are all True.
    """
    is_sound = np.ones(len(sizes), dtype=np.bool_)
    is_known = sizes**2 <= EXACT_SQUARES
    square = sizes[is_known, None] ** 2
    least, most = square * (1 - ROOT_ROUNDING), square * (1 + ROOT_ROUNDING)
    smaller = np.arange(np.sqrt(EXACT_SQUARES / 2) + 1) ** 2
    # The largest whole number that fits beside each: if its square is too small, no other fits.
    larger = np.floor(np.sqrt(np.maximum(most - smaller, 0))) ** 2
    fits = (smaller <= most) & (larger + smaller >= least)
    is_sound[is_known] = fits.any(axis=1)
    return is_sound

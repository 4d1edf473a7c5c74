"""Words of the emulated EVAL-CN0565-ARDZ: how its firmware reads a command and prints a number.

Imports nothing of the project. Source: no-OS projects/cn0565/src/examples/eit/app.c (sscanf `%hu`, strtok, printf
`%lx`), read, not run.
"""

import struct
from dataclasses import dataclass

import numpy as np

GREETING = b"Hello!\n"
IDENTITY = b"!B 08,10,20\n"
STOPPED, RESET = b"\n!O \n", b"!R \n"
NOT_CONFIGURED = b"!Send C Command first to configure!\n"
LEAST, MOST = -(1 << 17), (1 << 17) - 1
UINT16 = 1 << 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What a C or Q command asks for."""

    frequency_khz: int
    numbers: tuple[int, int, int, int]
    """C: electrodes, drive distance, sense distance, reference; Q: F+, F-, S+, S-."""
    is_impedance: bool
    is_magnitude: bool


def read_command(line: bytes) -> Asked | None:
    """A C or Q command with its line end; None where the firmware says ERROR (or crashes: too few numbers)."""
    # strtok knows no empty fields, and the first two bytes are the letter and a blank.
    fields = [field for field in line[2:].split(b",") if field]
    numbers = [_number(field) for field in fields[:5]]
    known = [number for number in numbers if number is not None]
    if len(known) < 5:
        return None
    first, *rest = known
    modes = [field[:1] for field in fields[5:7]] + [b"", b""]
    return Asked(first, (rest[0], rest[1], rest[2], rest[3]), modes[0] == b"Z", modes[1] == b"M")


def _number(field: bytes) -> int | None:
    """`sscanf(field, "%hu")`: digits after blanks, whatever follows; None if there are none."""
    digits = field.lstrip()
    end = next((k for k, c in enumerate(digits) if not 48 <= c <= 57), len(digits))
    return int(digits[:end]) % UINT16 if end else None


def of_count(count: int) -> bytes:
    """An 18-bit value, sign-extended to 32 bits."""
    return b"%x" % (count & 0xFFFFFFFF)


def of_float(number: float) -> bytes:
    """The bits of a float32."""
    return b"%x" % struct.unpack("<I", np.float32(number).tobytes())[0]

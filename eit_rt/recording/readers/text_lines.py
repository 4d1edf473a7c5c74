"""Lines of a text log: ended by CR LF, LF or a lone CR, with any bytes in between, in bounded memory.

Imports nothing of the project. The rule it keeps: a line that the file does not end is marked: its last number may
lack digits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_BYTES = 1 << 16
"""A longer line is no line of measurements: its text is not kept."""
BLOCK_BYTES = 1 << 16
_ENDS = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, not empty."""

    text: str
    """Decoded as latin-1, which every byte is; empty if the line is too long."""
    is_ended: bool
    """False for the last line of a file that does not end in a line end."""


def text_lines(path: Path, most_bytes: int | None = None) -> Iterator[Line]:
    """All lines that are not empty, or those that begin in the first so many bytes. Raises OSError."""
    rest, is_long, left = b"", False, most_bytes
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES if left is None else min(BLOCK_BYTES, left)):
            left = None if left is None else left - len(block)
            *ended, rest = _ENDS.split(rest + block)
            for text in ended:
                if text or is_long:
                    yield _line(text, True, is_long)
                is_long = False
            if len(rest) > LONGEST_BYTES:
                rest, is_long = b"", True
    if rest or is_long:
        yield _line(rest, False, is_long)


def _line(text: bytes, is_ended: bool, is_long: bool) -> Line:
    kept = b"" if is_long or len(text) > LONGEST_BYTES else text
    return Line(kept.decode("latin-1"), is_ended)

"""Lines: bytes of a text board, cut at line ends. Imports nothing of the project. Holds at most `longest` bytes.

The rule it keeps: what was cut off is not a line. The first bytes after joining a board that already talks are the
rest of a line whose beginning nobody heard: they are left out, and not counted as damage.
"""


class Lines:
    """Splits at `\\n`; a `\\r` before it goes with it."""

    def __init__(self, longest: int, *, joins_midway: bool = True) -> None:
        """longest: bytes of the longest line that makes sense. joins_midway: the board talked before we listened."""
        self._longest = longest
        self._rest = bytearray()
        self._is_skipping = joins_midway
        self.overlong = 0
        """Lines that were thrown away because they grew beyond `longest`; the caller may set it back."""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete, without their ends."""
        *ended, rest = (bytes(self._rest) + data).split(b"\n")
        lines = []
        for line in ended:
            if self._is_skipping:
                self._is_skipping = False
            elif len(line) > self._longest:
                self.overlong += 1
            else:
                lines.append(line.removesuffix(b"\r"))
        if len(rest) > self._longest:
            # Nobody waits for the end of a line that makes no sense any more.
            self.overlong += not self._is_skipping
            self._is_skipping = True
            rest = b""
        self._rest = bytearray(rest)
        return lines

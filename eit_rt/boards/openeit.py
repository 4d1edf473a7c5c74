"""OpenEIT driver: OpenEIT, Spectra and EIT32 boards (ADuCM350), text at 115200 baud.

Imports plain, openeit_lines, links, frames, pattern, errors. Written from the firmware (OpenEIT/EIT_Firmware), and
not tried on hardware: `eit-rt selftest` tells whether it is right. The board cannot be asked who it is, nor stopped, nor
given a rate; a letter chooses the number of electrodes, and it is looked at only between two frames.
"""

import time

from eit_rt.boards.clock import Clock
from eit_rt.boards.found import Measured
from eit_rt.boards.openeit_lines import N_MEAS, RESOLUTION_OHM, OpenEitDecoder
from eit_rt.boards.plain import PlainBoard
from eit_rt.boards.plausibility import Plausibility
from eit_rt.errors import BoardError, ConfigError, MismatchError
from eit_rt.frames import BoardIdentity, Stream, ValueKind
from eit_rt.links import Link, open_link
from eit_rt.pattern import Pattern

BAUD = 115200
LETTERS = {8: b"c", 16: b"d", 32: b"e"}
RATES_HZ = {8: 24.9, 16: 4.26, 32: 0.92}
"""What the serial line carries; the firmware measures faster."""
LISTEN_S = 6.0
"""A line of 32 electrodes takes 1.1 s, and the first one heard is cut off."""
SWITCH_S = 3.0
TRIES = 4
READ_S = 0.05
ASK_AGAIN_NS = 2_000_000_000


def open_openeit(url: str, *, baud: int = BAUD, electrodes: int | None = None) -> "OpenEitBoard":
    """The board at a port. electrodes: 8, 16 or 32; None: those of the pattern asked for, or what it sends now.

    Raises LinkError if the port cannot be opened, ConfigError for another number of electrodes.
    """
    if electrodes is not None and electrodes not in LETTERS:
        raise ConfigError(f"electrodes is {electrodes}; an OpenEIT board images with 8, 16 or 32")
    return OpenEitBoard(open_link(url, baud), electrodes)


class OpenEitBoard(PlainBoard):
    """Magnitudes in ohm, opposite drive, adjacent sense."""

    def __init__(
        self, link: Link, electrodes: int | None = None, *, clock: Clock | None = None
    ) -> None:
        super().__init__(link, clock)
        self._electrodes = electrodes
        self._sends = 0
        self._is_strict: bool | None = None
        self._listener: OpenEitDecoder | None = None
        self._asked_ns = 0

    def _identify(self) -> BoardIdentity:
        """Listens; nothing is written."""
        self._sends = self._hear()
        return BoardIdentity("openeit", "OpenEIT", max_electrodes=max(LETTERS))

    def _configure(self, pattern: Pattern | None, rate_hz: float | None) -> Stream:
        if rate_hz is not None:
            raise MismatchError(
                f"an OpenEIT board cannot be told a rate, so not {rate_hz:g} frames/s either; leave --rate out"
            )
        electrodes = self._wanted(pattern)
        if electrodes != self._sends:
            self._switch(electrodes)
        wanted = Pattern.by_name("opposite", electrodes)
        return Stream(wanted, RATES_HZ[electrodes], ValueKind.MAGNITUDE, unit="ohm")

    def _begin(self) -> None:
        # It streams all the time. Asked for the mode that it is in, it does nothing.
        self._ask()

    def _prompt(self, now_ns: int) -> None:
        if self._listener is None or not self._listener.hears_other_mode:
            return
        if now_ns - self._asked_ns >= ASK_AGAIN_NS:
            self._asked_ns = now_ns
            self._ask()

    def _decoder(self) -> OpenEitDecoder:
        self._listener = OpenEitDecoder(self.stream.pattern.n_meas, self._is_strict)
        return self._listener

    def _plausibility(self) -> Plausibility:
        return Plausibility(self.stream.pattern.n_meas, RESOLUTION_OHM)

    # -- inside ------------------------------------------------------------------------------------------------

    def _wanted(self, pattern: Pattern | None) -> int:
        """Raises MismatchError for a pattern that the board does not have."""
        if pattern is None:
            return self._electrodes or self._sends
        for electrodes in (self._electrodes,) if self._electrodes else LETTERS:
            if pattern == Pattern.by_name("opposite", electrodes):
                return electrodes
        has = str(self._electrodes) if self._electrodes else "8, 16 or 32"
        raise MismatchError(
            f"an OpenEIT board has the pattern opposite with {has} electrodes, not {pattern.describe()}"
        )

    def _ask(self) -> None:
        # One write: the board forgets half a command.
        self._link.write(LETTERS[N_MEAS[self.stream.pattern.n_meas]] + b"\n")

    def _switch(self, electrodes: int) -> None:
        """Choose the number of electrodes, and wait until such frames come. Raises BoardError if they do not."""
        n_meas = next(n for n, of in N_MEAS.items() if of == electrodes)
        for _ in range(TRIES):
            self._link.write(LETTERS[electrodes] + b"\n")
            end = time.monotonic() + SWITCH_S
            decoder = OpenEitDecoder(n_meas, self._is_strict)
            while time.monotonic() < end:
                if any(isinstance(one, Measured) for one in decoder.feed(self._link.read(READ_S))):
                    self._sends = electrodes
                    return
        raise BoardError(
            f"the board at {self._link.url} does not change to {electrodes} electrodes; it sends {self._sends}"
        )

    def _hear(self) -> int:
        """Number of electrodes of what comes now. Raises BoardError if nothing of an OpenEIT board does."""
        self._link.discard_input()
        decoder, n_bytes, n_found = OpenEitDecoder(), 0, 0
        end = time.monotonic() + LISTEN_S
        while time.monotonic() < end:
            data = self._link.read(READ_S)
            n_bytes += len(data)
            for found in decoder.feed(data):
                n_found += 1
                if isinstance(found, Measured) and len(found.values) in N_MEAS:
                    self._is_strict = decoder.is_strict
                    return N_MEAS[len(found.values)]
                decoder.n_meas = None
        heard = (
            f"{n_bytes} bytes, {n_found} lines, none with 32, 192 or 896 values"
            if n_bytes
            else "nothing"
        )
        raise BoardError(
            f"no OpenEIT board talks at {self._link.url}: {heard} in {LISTEN_S:g} s; is it powered, is the baud rate "
            f"{BAUD}, and is this the right port and driver?"
        )

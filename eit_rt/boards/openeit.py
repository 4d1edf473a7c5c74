"""OpenEIT driver: OpenEIT, Spectra and EIT32 boards (ADuCM350), text at 115200 baud.

Imports plain, openeit_lines, silence, links, frames, pattern, errors. Written from the firmware (OpenEIT/EIT_Firmware),
and not tried on hardware: `eit-rt selftest` tells whether it is right. The board cannot be asked who it is, nor
stopped, nor given a rate; a letter chooses the number of electrodes, and it is looked at only between two frames. The
rule kept here: never two letters within a frame. The firmware has room for one, and a third byte before the frame's end
hangs it.
"""

import time
from collections import Counter
from collections.abc import Callable

from eit_rt.boards.clock import Clock
from eit_rt.boards.openeit_lines import N_MEAS, RESOLUTION_OHM, SINGLE, OpenEitDecoder
from eit_rt.boards.plain import PlainBoard
from eit_rt.boards.plausibility import Plausibility
from eit_rt.boards.silence import advice
from eit_rt.errors import BoardError, ConfigError, MismatchError
from eit_rt.frames import BoardIdentity, Stream, ValueKind
from eit_rt.links import Link, open_link
from eit_rt.pattern import Pattern

BAUD = 115200
LETTERS = {8: b"c", 16: b"d", 32: b"e"}
RATES_HZ = {8: 24.9, 16: 4.26, 32: 0.92}
"""What the serial line carries; the firmware measures faster."""
DEFAULT_ELECTRODES = 16
LISTEN_S = 6.0
"""A line of 32 electrodes takes 1.1 s, and the first one heard is cut off."""
SOUND_LINES = 2
"""So many lines of one length tell what the board sends: a single one may be cut off."""
SWITCH_S = 4.0
"""The frame on its way, half a second of setting up, and a whole new frame. No letter is sent again sooner."""
TRIES = 4
READ_S = 0.05


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
        self._n_bytes = self._n_lines = 0

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

    def _prompt(self, now_ns: int) -> None:
        if self._listener is None or not self._listener.hears_other_mode:
            return
        if now_ns - self._asked_ns >= SWITCH_S * 1e9:
            self._asked_ns = now_ns
            self._ask(N_MEAS[self.stream.pattern.n_meas])

    def _decoder(self) -> OpenEitDecoder:
        self._listener = OpenEitDecoder(self.stream.pattern.n_meas, self._is_strict)
        return self._listener

    def _plausibility(self) -> Plausibility:
        return Plausibility(self.stream.pattern.n_meas, RESOLUTION_OHM)

    # -- inside ------------------------------------------------------------------------------------------------

    def _wanted(self, pattern: Pattern | None) -> int:
        """Raises MismatchError for a pattern that the board does not have."""
        if pattern is None:
            return self._electrodes or self._sends or DEFAULT_ELECTRODES
        for electrodes in (self._electrodes,) if self._electrodes else LETTERS:
            if pattern == Pattern.by_name("opposite", electrodes):
                return electrodes
        has = str(self._electrodes) if self._electrodes else "8, 16 or 32"
        raise MismatchError(
            f"an OpenEIT board has the pattern opposite with {has} electrodes, not {pattern.describe()}"
        )

    def _ask(self, electrodes: int) -> None:
        # One write: the board forgets half a command.
        self._link.write(LETTERS[electrodes] + b"\n")

    def _switch(self, electrodes: int) -> None:
        """Choose the number of electrodes, and wait until such frames come. Raises BoardError if they do not."""
        wanted = next(n for n, of in N_MEAS.items() if of == electrodes)
        for _ in range(TRIES):
            self._ask(electrodes)
            heard = self._listen(SWITCH_S, lambda decoder: decoder.heard[wanted] > 0).heard
            if heard[wanted]:
                self._sends = electrodes
                return
        raise BoardError(
            f"the board at {self._link.url} was told to use {electrodes} electrodes {TRIES} times, and does not; it "
            f"sends {_told(heard)}. Switch it off and on, and try again"
        )

    def _hear(self) -> int:
        """Number of electrodes of what comes now, 0 for single values.

        Raises BoardError if nothing of an OpenEIT board does.
        """
        self._link.discard_input()
        decoder = self._listen(LISTEN_S, lambda decoder: _likely(decoder, SOUND_LINES) is not None)
        self._is_strict = decoder.is_strict
        count = _likely(decoder, 1)
        if count is None:
            url = self._link.url
            raise BoardError(
                f"no OpenEIT board talks at {url}: {self._heard_of(decoder)} in {LISTEN_S:g} s; is it "
                f"powered, is the baud rate {BAUD}, and is this the right port and driver?{advice(url)}"
            )
        return N_MEAS.get(count, 0)

    def _listen(self, seconds: float, until: Callable[[OpenEitDecoder], bool]) -> OpenEitDecoder:
        """What was heard in so many seconds, or less if that is enough."""
        decoder = OpenEitDecoder(is_strict=self._is_strict)
        self._n_bytes = self._n_lines = 0
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until(decoder):
            data = self._link.read(READ_S)
            self._n_bytes += len(data)
            self._n_lines += len(decoder.feed(data))
        return decoder

    def _heard_of(self, decoder: OpenEitDecoder) -> str:
        if not self._n_bytes:
            return "nothing"
        counts = f"; {_told(decoder.heard)}" if decoder.heard else ""
        return (
            f"{self._n_bytes} bytes, {self._n_lines} lines, none with 32, 192 or 896 values{counts}"
        )


def _likely(decoder: OpenEitDecoder, least: int) -> int | None:
    """The number of values that most lines have, if so many have it and it is one of the board's."""
    known = Counter({n: times for n, times in decoder.heard.items() if n in N_MEAS or n == SINGLE})
    return next((n for n, times in known.most_common(1) if times >= least), None)


def _told(heard: Counter[int]) -> str:
    return ", ".join(f"{times} lines of {n}" for n, times in heard.most_common(3)) or "nothing"

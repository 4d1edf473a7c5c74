"""Driver of Analog Devices' EVAL-CN0565-ARDZ with the text firmware of no-OS: polled, complex values, no checksum.

Imports plain, its dialogue and text, partners, silence, links, pattern, frames, errors. Written from the firmware's
source (no-OS projects/cn0565, example "eit") and its host program (pyadi-iio examples/cn0565), **not tried on
hardware**; what is uncertain stands in docs/boards/cn0565.md, and `eit-rt selftest` is how a first owner finds out.
"""

import re

from eit_rt.boards import cn0565_text as text
from eit_rt.boards.clock import Clock
from eit_rt.boards.cn0565_dialogue import Dialogue, Setup
from eit_rt.boards.cn0565_text import Kind
from eit_rt.boards.found import FrameDecoder
from eit_rt.boards.lines import Lines
from eit_rt.boards.partners import PartnerPlausibility
from eit_rt.boards.plain import PlainBoard
from eit_rt.boards.plausibility import Plausibility
from eit_rt.boards.silence import advice
from eit_rt.errors import BoardError, ConfigError, MismatchError
from eit_rt.frames import BoardIdentity, Stream, ValueKind
from eit_rt.links import Link, open_link
from eit_rt.pattern import Pattern

BAUD = 230400
ELECTRODES = (8, 16)
"""The firmware lists 32 as well, but its switch list has 256 places, and its switches 16 electrodes."""
FREQUENCIES_KHZ = range(10, 81)
POINT_S = 0.023
"""Assumed time for a voltage: 20.5 ms for the DFT (8192 values at 400 kHz), the rest for switches, bus and printing."""
CURRENT_S = 0.0205
"""What the current takes more: another DFT."""
IDENTIFY_TRIES = 4
TRY_NS = 700_000_000
CONFIGURE_NS = 6_000_000_000
READ_S = 0.05
LONGEST_LINE = 8192
_IDENTITY = re.compile(rb"!B ([0-9a-f]{2}(?:,[0-9a-f]{2})*)")


def open_cn0565(
    url: str,
    *,
    baud: int = BAUD,
    values: str = "raw",
    frequency_khz: int = 10,
    electrodes: int = 16,
    swapped: bool = False,
) -> "Cn0565Board":
    """The board at a port.

    values: raw (complex voltage, DFT steps), Z (complex impedance, ohm; half as fast), M or ZM (magnitudes of these).
    frequency_khz: 10..80. electrodes: 8 or 16, where no pattern is asked for. swapped: the polarity is the other way.
    Raises LinkError if the port cannot be opened, ConfigError for an option that the board cannot do.
    """
    kind = _kind(values)
    if frequency_khz not in FREQUENCIES_KHZ:
        raise ConfigError(
            f"frequency_khz is {frequency_khz}; this board measures at whole numbers from {FREQUENCIES_KHZ[0]} to "
            f"{FREQUENCIES_KHZ[-1]} kHz"
        )
    if electrodes not in ELECTRODES:
        raise ConfigError(f"electrodes is {electrodes}; {_only_these(electrodes)}")
    return Cn0565Board(open_link(url, baud), kind, frequency_khz, electrodes, swapped=swapped)


class Cn0565Board(PlainBoard):
    """A board that is asked for each frame. Owns the link."""

    def __init__(
        self,
        link: Link,
        kind: Kind = Kind.RAW,
        frequency_khz: int = 10,
        electrodes: int = 16,
        *,
        swapped: bool = False,
        clock: Clock | None = None,
    ) -> None:
        """clock: None is the system's. Otherwise as `open_cn0565`."""
        super().__init__(link, clock)
        self._kind, self._frequency_khz = kind, frequency_khz
        self._electrodes, self._swapped = electrodes, swapped
        self._setup: Setup | None = None
        self._dialogue: Dialogue | None = None

    # -- the contract ------------------------------------------------------------------------------------------

    def _identify(self) -> BoardIdentity:
        """`O` and `B`, the board's own question: while it measures it hears nothing but a stop."""
        lines, heard, n_lines = Lines(LONGEST_LINE, joins_midway=False), b"", 0
        for _ in range(IDENTIFY_TRIES):
            self._link.write(b"\n" + text.STOP + text.IDENTIFY)
            end_ns = self._clock.now_ns() + TRY_NS
            while self._clock.now_ns() < end_ns:
                data = self._link.read(READ_S)
                heard = (heard + data)[-LONGEST_LINE:]
                for line in lines.feed(data):
                    n_lines += 1
                    if found := _IDENTITY.fullmatch(line):
                        return _identity(found[1])
        raise BoardError(self._nobody(n_lines, heard))

    def _configure(self, pattern: Pattern | None, rate_hz: float | None) -> Stream:
        if pattern is None:
            pattern = Pattern.by_name("adjacent", self._electrodes)
        drive, sense = _distances(pattern)
        point_s = POINT_S + (CURRENT_S if self._kind.is_impedance else 0.0)
        own_hz = 1.0 / (pattern.n_meas * point_s)
        self._setup = Setup(
            self._command(pattern, drive, sense, _another(self._frequency_khz)),
            self._command(pattern, drive, sense, self._frequency_khz),
            pattern.n_meas,
            self._kind,
            pattern.n_meas * point_s,
            self._swapped,
            round(1e9 / rate_hz) if rate_hz else 0,
        )
        self._agree(Dialogue(self._setup))
        return Stream(
            pattern,
            min(own_hz, rate_hz) if rate_hz else own_hz,
            ValueKind.MAGNITUDE if self._kind.is_magnitude else ValueKind.COMPLEX,
            unit="ohm" if self._kind.is_impedance else "",
        )

    def _decoder(self) -> FrameDecoder:
        assert self._setup is not None
        # It begins with stopping and configuring the board, whatever it does at that moment.
        self._dialogue = Dialogue(self._setup)
        return self._dialogue

    def _prompt(self, now_ns: int) -> None:
        if self._dialogue is not None and (words := self._dialogue.due(now_ns)):
            self._link.write(words)

    def _end(self) -> None:
        self._link.write(text.STOP)

    def _plausibility(self) -> Plausibility:
        resolution = 0.0 if self._kind.is_impedance else 1.0
        return PartnerPlausibility(
            self.stream.pattern, resolution, signed=not self._kind.is_magnitude
        )

    # `_begin` has nothing to say: the dialogue notices silence itself, and a board in the middle of an answer must not
    # be disturbed once a second.

    # -- talking to the board ----------------------------------------------------------------------------------

    def _agree(self, dialogue: Dialogue) -> None:
        """Configure the board. Raises BoardError if it does not take that, LinkLost."""
        assert self._setup is not None
        end_ns = self._clock.now_ns() + CONFIGURE_NS
        while self._clock.now_ns() < end_ns:
            if words := dialogue.due(self._clock.now_ns()):
                self._link.write(words)
            dialogue.feed(self._link.read(READ_S))
            if dialogue.is_ready:
                return
            if dialogue.is_refused:
                raise BoardError(
                    f"the board refuses `{self._setup.command.decode().strip()}` (!CMD C ERROR); is its firmware the "
                    "`eit` example of no-OS projects/cn0565?"
                )
        raise BoardError(
            f"the board at {self._link.url} does not obey `{self._setup.command.decode().strip()}`; switch it off and "
            "on, and try again"
        )

    def _command(self, pattern: Pattern, drive: int, sense: int, frequency_khz: int) -> bytes:
        return text.configure_command(frequency_khz, pattern.n_electrodes, drive, sense, self._kind)

    def _nobody(self, n_lines: int, heard: bytes) -> str:
        url = self._link.url
        if not heard:
            return (
                f"nothing answers at {url}; is the board powered and connected there (`eit-rt ports`), and "
                f"does no other program use the port?{advice(url)}"
            )
        return (
            f"{url} sends {len(heard)} bytes, {n_lines} lines, none an answer of an EVAL-CN0565 to `B` "
            f"(last: {heard[-40:]!r}); is the baud rate right ({BAUD}), and is this the right port and driver?"
            f"{advice(url)}"
        )


def _identity(counts: bytes) -> BoardIdentity:
    known = ",".join(str(int(count, 16)) for count in counts.split(b","))
    return BoardIdentity(
        "cn0565",
        "EVAL-CN0565-ARDZ",
        max_electrodes=max(ELECTRODES),
        capabilities=(f"electrodes {known}",),
    )


def _kind(values: str) -> Kind:
    for kind in Kind:
        if values.lower() == kind.value.lower():
            return kind
    raise ConfigError(
        f"values is {values!r}; this board sends raw (voltage), Z (impedance), M or ZM (magnitudes of these)"
    )


def _another(frequency_khz: int) -> int:
    """A frequency beside this one."""
    return frequency_khz + (1 if frequency_khz < FREQUENCIES_KHZ[-1] else -1)


def _only_these(electrodes: int) -> str:
    reason = (
        ": its firmware lists 32, but keeps 256 switch positions, which 32 electrodes overrun, and switches 16"
        if electrodes == 32
        else ""
    )
    return f"this board drives 8 or 16 electrodes{reason}"


def _distances(pattern: Pattern) -> tuple[int, int]:
    """Drive and sense distance of a pattern as the firmware makes it. Raises MismatchError if it has no such."""
    n = pattern.n_electrodes
    if n not in ELECTRODES:
        raise MismatchError(f"the pattern has {n} electrodes; {_only_these(n)}")
    if pattern.table is not None:
        a, b, c, d = (int(electrode) for electrode in pattern.table[0])
        for drive in ((a - b) % n, (b - a) % n):
            for sense in ((d - c) % n, (c - d) % n):
                if Pattern.skip(n, drive, sense) == pattern:
                    return drive, sense
    raise MismatchError(
        f"this board has no pattern {pattern.describe()}: for each k it drives k and k + drive, and measures j and j + "
        "sense for j rising from 0, without driven electrodes; ask for adjacent, opposite or skipK/skipL"
    )

"""Sciospec driver: EIT16, EIT32, EIT64 and EIT128 on their USB serial port (full speed), or its bytes over TCP.

Imports plain, the other sciospec files, partners, silence, links, frames, pattern, errors. Written from sciopy, eit_app
and a recorded run of the maker's example, and not tried on hardware: `eit-rt selftest` tells whether it is right. The
board sends potentials against ground; differences are formed here. The rule it keeps: one command at a time, in one
write, and the next one after its acknowledgement.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping

from eit_rt.boards.board import State
from eit_rt.boards.clock import Clock
from eit_rt.boards.found import Fault
from eit_rt.boards.partners import PartnerPlausibility
from eit_rt.boards.plain import PlainBoard
from eit_rt.boards.plausibility import Plausibility
from eit_rt.boards.sciospec_frames import SciospecDecoder
from eit_rt.boards.sciospec_messages import (
    ANSWERS,
    ASKED,
    DEVICE,
    FIRMWARE,
    RUNNING,
    Code,
    Message,
    Messages,
    message,
)
from eit_rt.boards.sciospec_setup import (
    MOST_CHANNELS,
    START,
    STOP,
    Command,
    Frequencies,
    FrequenciesWanted,
    Settings,
    Setup,
)
from eit_rt.boards.silence import advice
from eit_rt.errors import BoardError, MismatchError
from eit_rt.frames import BoardIdentity, Stream, ValueKind
from eit_rt.links import Link, open_link
from eit_rt.pattern import Pattern

BAUD = 115200
"""Means nothing to the board: its port is a virtual one."""
ANSWER_S = 1.0
"""Longest wait for an acknowledgement; in a run half of it, so that `stop` need not wait."""
TRIES = 4
READ_S = 0.02
QUIET_S = 0.05
"""So long a silence after a stop: nothing more is on its way."""
MOST_QUIET_S = 2.0


def open_sciospec(
    url: str,
    *,
    baud: int = BAUD,
    electrodes: int | None = None,
    amplitude_ma: float = 1.0,
    frequencies_hz: FrequenciesWanted = 10_000.0,
    stream_frequency: float | None = None,
    adc_range_v: int = 10,
    gain: int = 1,
    polarity: str = "first",
) -> "SciospecBoard":
    """The board at a port.

    electrodes: on channels 1, 2, ...; None: those of the pattern asked for, or 16. frequencies_hz: a number, a list, or
    "LEAST:MOST:COUNT[:log]"; stream_frequency: which of them makes the frames, None: the first. adc_range_v: 1, 5, 10.
    gain: 1, 10, 100, 1000. polarity: the electrode of a pair at which the current enters the tank, first or second.
    Raises LinkError if the port cannot be opened, ConfigError for an option that cannot be.
    """
    frequencies = Frequencies.of(frequencies_hz)
    row = frequencies.row_of(None if stream_frequency is None else float(stream_frequency))
    settings = Settings(electrodes, amplitude_ma, frequencies, row, adc_range_v, gain, polarity)
    return SciospecBoard(open_link(url, baud), settings)


class SciospecBoard(PlainBoard):
    """Complex differences, V, of any pattern of pairs."""

    def __init__(
        self, link: Link, settings: Settings | None = None, *, clock: Clock | None = None
    ) -> None:
        super().__init__(link, clock)
        self._settings = settings or Settings()
        self._setup: Setup | None = None
        self._messages = Messages()
        self._early: list[Message | Fault] = []
        self._decoding: SciospecDecoder | None = None
        self._talking = threading.Lock()
        """Held from the look whether a start is still wanted to its last byte: a stop comes after it or prevents it."""

    # -- what the base asks for --------------------------------------------------------------------------------

    def _identify(self) -> BoardIdentity:
        """Asks for the device info, which changes nothing."""
        self._link.discard_input()
        talk = _Talk(self._link, ASKED)
        for _ in range(TRIES):
            answer = talk.ask(message(DEVICE), ANSWER_S, reply=DEVICE)
            if answer.reply is not None:
                firmware = talk.ask(message(FIRMWARE), ANSWER_S, reply=FIRMWARE).reply
                return BoardIdentity(
                    "sciospec",
                    "EIT",
                    _serial(answer.reply),
                    _hexadecimal(firmware or b""),
                    MOST_CHANNELS,
                )
        heard = f"{talk.n_bytes} bytes, {talk.n_messages} messages, none with its device info"
        raise BoardError(
            f"no Sciospec board answers at {self._link.url}: {heard if talk.n_bytes else 'nothing'} in "
            f"{TRIES * ANSWER_S:g} s; is it powered (it boots for 10 s), and is this its port and not another board's?"
            f"{advice(self._link.url)}"
        )

    def _configure(self, pattern: Pattern | None, rate_hz: float | None) -> Stream:
        self._setup = Setup.of(self._settings, pattern, rate_hz)
        self._send_setup(self._setup, ANSWER_S, TRIES, lambda: True)
        return Stream(self._setup.pattern, self._setup.rate_hz, ValueKind.COMPLEX, unit="V")

    def _begin(self) -> None:
        assert self._setup is not None
        if self.state is not State.RUNNING:
            self._decoding = None
            self._early = self._start_board(self._setup, ANSWER_S, TRIES, lambda: True)
            return
        try:
            early = self._start_board(
                self._setup, ANSWER_S / 2, 1, lambda: self.state is State.RUNNING
            )
        except MismatchError as error:
            raise BoardError(str(error)) from error
        if self._decoding is not None:
            self._decoding.begin_again(early)

    def _end(self) -> None:
        with self._talking:
            self._link.write(STOP)

    def _decoder(self) -> SciospecDecoder:
        assert self._setup is not None
        early, self._early = self._early, []
        self._decoding = SciospecDecoder(self._setup, self._messages, early)
        return self._decoding

    def _plausibility(self) -> Plausibility:
        """Single potentials are judged by the decoder; what leaps or parts from its partner is doubted on top."""
        return PartnerPlausibility(self.stream.pattern)

    # -- setting up --------------------------------------------------------------------------------------------

    def _start_board(
        self, setup: Setup, patience_s: float, tries: int, is_wanted: Callable[[], bool]
    ) -> list[Message | Fault]:
        """Everything from stop to start. Returns what came with the start's acknowledgement."""
        for left in range(tries - 1, -1, -1):
            self._send_setup(setup, patience_s, tries, is_wanted)
            with self._talking:
                if not is_wanted():
                    raise BoardError("the run is over")
                self._messages.clear()
                talk = _Talk(self._link, RUNNING, self._messages)
                talk.say(START)
            code = talk.wait(patience_s, is_wanted).code
            if code is Code.OK:
                return talk.heard
            if not left or code is Code.NOT_EXECUTED:
                raise _refusal(self._link.url, "start", code)
        raise AssertionError("a try returns or raises")

    def _send_setup(
        self, setup: Setup, patience_s: float, tries: int, is_wanted: Callable[[], bool]
    ) -> None:
        """Stop the board and tell it all anew, until it has taken every command: one alone may not be said twice."""
        for left in range(tries - 1, -1, -1):
            failed = self._tell(setup, patience_s, is_wanted)
            if failed is None:
                return
            command, code = failed
            if code in (Code.NOT_EXECUTED, Code.NOT_RECOGNISED) and command.tells_pattern:
                raise MismatchError(
                    f"the board refuses the {command.name}: it has not got the channels of {setup.pattern.describe()}"
                )
            if not left or code in (Code.NOT_EXECUTED, Code.NOT_RECOGNISED):
                raise _refusal(self._link.url, command.name, code)

    def _tell(
        self, setup: Setup, patience_s: float, is_wanted: Callable[[], bool]
    ) -> tuple[Command, Code | None] | None:
        """The command that was not taken, and what the board said of it (None: nothing); None if all were."""
        talk = _Talk(self._link, RUNNING)
        code = talk.ask(STOP, patience_s, is_wanted).code
        if code is not Code.OK:
            return Command("stop", STOP), code
        talk.until_quiet(is_wanted)
        for command in setup.commands():
            if not is_wanted():
                raise BoardError("the run is over")
            code = talk.ask(command.bytes, patience_s, is_wanted).code
            if code is Code.OK or (command.is_optional and code is Code.NOT_RECOGNISED):
                continue
            return command, code
        return None


class _Answer:
    """What came after a command."""

    def __init__(self) -> None:
        self.code: Code | None = None
        self.reply: bytes | None = None


class _Talk:
    """Commands and their answers on a link, with whatever comes in between."""

    def __init__(
        self,
        link: Link,
        lengths: Mapping[int, Collection[int]],
        messages: Messages | None = None,
    ) -> None:
        self._link = link
        self._messages = messages or Messages(lengths)
        self.heard: list[Message | Fault] = []
        """Since the last command, without its answer: measurements that came with it, unasked acknowledgements."""
        self.n_bytes = self.n_messages = 0

    def say(self, command: bytes) -> None:
        self.heard = []
        self._link.write(command)

    def ask(
        self,
        command: bytes,
        patience_s: float,
        is_wanted: Callable[[], bool] = lambda: True,
        reply: int = 0,
    ) -> _Answer:
        """Say it and wait. reply: tag of the answer that comes before the acknowledgement."""
        self.say(command)
        return self.wait(patience_s, is_wanted, reply)

    def wait(
        self, patience_s: float, is_wanted: Callable[[], bool] = lambda: True, reply: int = 0
    ) -> _Answer:
        """Until the acknowledgement; a code of None if none came, or nobody wants it any more."""
        answer = _Answer()
        end = time.monotonic() + patience_s
        while time.monotonic() < end and is_wanted():
            for found in self._listen():
                if isinstance(found, Message) and reply and found.tag == reply:
                    answer.reply = found.content
                elif isinstance(found, Message) and answer.code is None and found.code in ANSWERS:
                    answer.code = found.code
                else:
                    self.heard.append(found)
            if answer.code is not None:
                return answer
        return answer

    def until_quiet(self, is_wanted: Callable[[], bool]) -> None:
        """Forget what still comes after a stop, as long as anybody wants to know."""
        end = time.monotonic() + MOST_QUIET_S
        quiet_s = time.monotonic() + QUIET_S
        while time.monotonic() < min(end, quiet_s) and is_wanted():
            if self._listen():
                quiet_s = time.monotonic() + QUIET_S
        self.heard = []

    def _listen(self) -> list[Message | Fault]:
        data = self._link.read(READ_S)
        found = self._messages.feed(data)
        self.n_bytes += len(data)
        self.n_messages += sum(isinstance(one, Message) for one in found)
        return found


def _refusal(url: str, what: str, code: Code | None) -> BoardError:
    said = "does not answer" if code is None else f"says {code:02X} ({code.name.lower()})"
    return BoardError(
        f"the board at {url} {said} to: {what}; is it powered, and does no other program talk to it?"
    )


def _serial(content: bytes) -> str:
    """As it stands on the board: XX-XXXX-XXXX-XXXX."""
    digits = content[:7].hex().upper()
    return "-".join([digits[:2], digits[2:6], digits[6:10], digits[10:14]])


def _hexadecimal(content: bytes) -> str:
    digits = content.hex().upper()
    return "-".join(digits[k : k + 4] for k in range(0, len(digits), 4))

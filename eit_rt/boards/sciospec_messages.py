"""Messages of a Sciospec EIT board: tag, length, content, the tag again; found in bytes cut anywhere. Imports found.

The format has no checksum. The rule it keeps: a message is one only if its tag and length are among those expected and
its tag comes again at its end; and where that end could just as well be the beginning of the next message, what follows
has to begin like one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum

from eit_rt.boards.found import Fault

ACK = 0x18
MEASUREMENT = 0xB4
DEVICE = 0xD1
FIRMWARE = 0xD2
NO_MESSAGE = "not a message"


class Code(IntEnum):
    """What an acknowledgement says."""

    SYNTAX = 0x01
    TIME_OUT = 0x02
    WAKE_UP = 0x04
    CLIENT = 0x11
    NOT_EXECUTED = 0x81
    NOT_RECOGNISED = 0x82
    OK = 0x83
    READY = 0x84
    HOLD_UP_MANUAL = 0x91
    HOLD_UP = 0x92


ANSWERS = frozenset({Code.SYNTAX, Code.TIME_OUT, Code.NOT_EXECUTED, Code.NOT_RECOGNISED, Code.OK})
"""Those that answer a command; the others come unasked."""
HOLD_UPS = frozenset({Code.HOLD_UP_MANUAL, Code.HOLD_UP})
"""The board could not get rid of its data and dropped some: 91 in the manual, 92 in sciopy."""
RUNNING: Mapping[int, Collection[int]] = {ACK: (1,), MEASUREMENT: (133, 135, 137)}
"""tag: lengths of its content, of what comes while the board measures."""
ASKED: Mapping[int, Collection[int]] = {
    **RUNNING,
    DEVICE: range(7, 65),
    FIRMWARE: range(1, 65),
}
"""The same and what answers the questions of `identify`."""


@dataclass(frozen=True, slots=True)
class Message:
    """One whole message."""

    tag: int
    content: bytes

    @property
    def code(self) -> Code | None:
        """Of an acknowledgement; None if it says something unknown, or is something else."""
        if self.tag != ACK or self.content[0] not in Code.__members__.values():
            return None
        return Code(self.content[0])


def message(tag: int, content: bytes = b"") -> bytes:
    """The bytes of a message. A command must leave in one write: the board waits 10 ms for the rest of it at most."""
    return bytes([tag, len(content), *content, tag])


class Messages:
    """Finds messages. Holds less than two; never raises."""

    def __init__(self, lengths: Mapping[int, Collection[int]] = RUNNING) -> None:
        """lengths: tag -> lengths of content that are expected; everything else is damage."""
        self._lengths = lengths
        self._bytes = bytearray()
        self._is_told = False
        """The stretch of bytes that are no message, in which we are, has been told."""

    def feed(self, data: bytes) -> list[Message | Fault]:
        """What these bytes complete, in order. b"": nothing has come for a while, so nothing follows."""
        self._bytes += data
        found: list[Message | Fault] = []
        while self._bytes:
            size = self._size()
            if size is None:
                self._skip(found)
            elif size == 0 or len(self._bytes) < size:
                break
            elif self._bytes[size - 1] != self._bytes[0]:
                self._skip(found)
            else:
                is_alone = self._stands_alone(size, is_silent=not data)
                if is_alone is None:
                    break
                if is_alone:
                    self._take(size, found)
                else:
                    self._skip(found)
        return found

    def clear(self) -> None:
        """Forget the bytes that wait for more."""
        self._bytes.clear()
        self._is_told = False

    def _size(self) -> int | None:
        """Bytes of the message that begins here; 0: not yet known; None: none does."""
        lengths = self._lengths.get(self._bytes[0])
        if lengths is None:
            return None
        if len(self._bytes) < 2:
            return 0
        return self._bytes[1] + 3 if self._bytes[1] in lengths else None

    def _stands_alone(self, size: int, *, is_silent: bool) -> bool | None:
        """False: a byte was lost, and the end is the beginning of the next message. None: what follows will tell.

        Then the end that was meant is the last byte of the content; by chance a sound message has such a one in 256.
        """
        if size == 4 or self._bytes[size - 2] != self._bytes[0]:
            return True
        if len(self._bytes) > size:
            return self._bytes[size] in self._lengths
        return True if is_silent else None

    def _take(self, size: int, found: list[Message | Fault]) -> None:
        found.append(Message(self._bytes[0], bytes(self._bytes[2 : size - 1])))
        del self._bytes[:size]
        self._is_told = False

    def _skip(self, found: list[Message | Fault]) -> None:
        """Search on one byte later; a stretch is one fault, however long."""
        del self._bytes[0]
        if not self._is_told:
            found.append(Fault(NO_MESSAGE))
        self._is_told = True

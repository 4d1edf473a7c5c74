"""The line to a board that speaks EITP: commands with answers, and everything else in its order.

Imports protocol, links, errors. One command is outstanding at a time; what arrives while its answer is awaited is kept
for `receive`, with the moment it was read. At most what arrives within the time-outs of one command is kept.
"""

import itertools
import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar, cast

from eit_rt.boards.clock import Clock
from eit_rt.errors import BoardError
from eit_rt.links import Link
from eit_rt.protocol import (
    COMMAND_TIMEOUT_MS,
    COMMAND_TRIES,
    DELIMITER,
    RESPONSE_BIT,
    SELFTEST_TIMEOUT_MS,
    TYPE_OF,
    Decoder,
    Fault,
    Message,
    MessageType,
    Packet,
    Refusal,
    Status,
    StopRequest,
    encode_message,
    explain,
    parse,
)

Arrived = tuple[int, list[Packet | Fault]]
"""The clock's nanoseconds right after the read that completed them, and what it completed."""
Answer = TypeVar("Answer", bound=Message)

SLICE_S = 0.05
BUSY_PAUSE_S = 0.1


class Refused(BoardError):
    """The board answered a command with another status than OK."""

    def __init__(self, text: str, refusal: Refusal) -> None:
        super().__init__(text)
        self.refusal = refusal


class Line:
    """A link with a decoder. `send` may be called from any thread; `ask` and `receive` take turns."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self.link, self.clock = link, clock
        self.decoder = Decoder()
        self._kept: deque[Arrived] = deque()
        self._seq = itertools.count(1)
        self._turn = threading.Lock()

    def greet(self) -> None:
        """Find a common beginning: forget old bytes, close a torn packet, end a stream that still runs."""
        self.discard()
        # The delimiter ends whatever noise or half a packet the board has in its ears.
        self.link.write(DELIMITER + encode_message(StopRequest(), next(self._seq)))

    def discard(self) -> None:
        """Forget everything that has arrived."""
        with self._turn:
            self._kept.clear()
            self.link.discard_input()
            self.decoder.reset()

    def receive(self, timeout_s: float) -> Arrived:
        """What came next; an empty list after the time-out. Raises LinkLost."""
        with self._turn:
            return self._kept.popleft() if self._kept else self._read(timeout_s)

    def send(self, request: Message) -> int:
        """Send without waiting for the answer. Returns its seq. Raises LinkLost."""
        seq = next(self._seq) & 0xFFFF
        self.link.write(encode_message(request, seq))
        return seq

    def ask(
        self,
        request: Message,
        answer: type[Answer],
        timeout_s: float = COMMAND_TIMEOUT_MS / 1000,
        tries: int = COMMAND_TRIES,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Send a command and wait for its answer. is_wanted: asked often; False gives up.

        Raises Refused if the board says no, BoardError if it says nothing (or nobody wants to know), LinkLost.
        """
        with self._turn:
            for _ in range(tries):
                found = self._await(self.send(request), request, timeout_s, is_wanted)
                if isinstance(found, Refusal):
                    raise Refused(f"{self.link.url}: {explain(found, request)}", found)
                if found is not None:
                    return cast(Answer, found)
        raise BoardError(
            f"{self.link.url}: no answer to {_name(request)} in {timeout_s * tries:g} s; is the board powered, "
            "and does no other program use the port?"
        )

    # -- parts -------------------------------------------------------------------------------------------------

    def _read(self, timeout_s: float) -> Arrived:
        data = self.link.read(timeout_s)
        arrived_ns = self.clock.now_ns()
        return arrived_ns, self.decoder.feed(data) if data else []

    def _await(
        self, seq: int, request: Message, timeout_s: float, is_wanted: Callable[[], bool]
    ) -> Message | Refusal | None:
        """The answer to seq, or None after the time-out (sooner if the board is busy)."""
        wanted_type = TYPE_OF[type(request)] | RESPONSE_BIT
        deadline_ns = self._in(timeout_s)
        while (left_s := (deadline_ns - self.clock.now_ns()) / 1e9) > 0:
            if not is_wanted():
                raise BoardError(f"{_name(request)} was given up because the board was stopped")
            arrived_ns, items = self._read(min(left_s, SLICE_S))
            found = None
            others: list[Packet | Fault] = []
            for item in items:
                if isinstance(item, Packet) and (item.type, item.seq) == (wanted_type, seq):
                    found = parse(item)
                else:
                    others.append(item)
            if others:
                self._kept.append((arrived_ns, others))
            if isinstance(found, Refusal) and found.status == Status.BUSY:
                pause_s = SELFTEST_TIMEOUT_MS / 1000 if found.detail == 1 else BUSY_PAUSE_S
                deadline_ns = self._in(pause_s)
            elif isinstance(found, Fault):
                self._kept.append((arrived_ns, [found]))
            elif found is not None:
                return found
        return None

    def _in(self, seconds: float) -> int:
        return self.clock.now_ns() + round(seconds * 1e9)


def _name(request: Message) -> str:
    return MessageType(TYPE_OF[type(request)]).name

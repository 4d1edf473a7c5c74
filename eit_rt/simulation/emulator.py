"""Emulator: what the emulators of vendors' boards share: boot and crash, and a line that takes its time.

Imports outbox, scenario, source, pattern. The rule it keeps: byte for byte and at the real speed unless the scenario
says another rate; then the line is as fast as that needs.
"""

from abc import ABC, abstractmethod
from math import inf

from eit_rt.pattern import Pattern
from eit_rt.simulation.outbox import Outbox
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.source import FrameSource, open_source

BITS_PER_BYTE = 10
"""8N1: a start bit, eight bits, a stop bit."""
CHUNK_S = 0.005
"""Bytes leave in portions of so long: a host that reads a slow line sees cut-off lines."""
TX_BYTES = 1 << 16


class PacedOutbox(Outbox):
    """An outbox whose bytes leave at the speed of a line."""

    def __init__(self, frame_bytes: int, bytes_per_s: float = inf) -> None:
        super().__init__(frame_bytes)
        self.bytes_per_s = bytes_per_s
        self._credit = 0.0
        self._told_s = 0.0

    def let(self, now_s: float) -> None:
        """Time has passed: so many more bytes may leave. An idle line saves nothing up."""
        if self.bytes_per_s == inf:
            self._credit = inf
            return
        earned = (now_s - self._told_s) * self.bytes_per_s
        self._told_s = now_s
        self._credit = self._credit + earned if len(self) else 0.0

    def next_s(self, now_s: float) -> float:
        """When the next portion may leave; inf if nothing waits."""
        return now_s + CHUNK_S if len(self) else inf

    def take(self, limit: int) -> bytes:
        taken = super().take(int(min(limit, self._credit)))
        self._credit -= len(taken)
        return taken


class Emulator(ABC):
    """A vendor's board on a line of `baud` bits a second. Keeps `ServedBoard`.

    An emulator writes `_power_up`, `_hear`, `_work` and `_due_s`; it sends with `_say`.
    """

    baud: int
    """Of the board's serial line; 0: no serial line behind it (USB)."""

    def __init__(self, scenario: Scenario, seed: int | None = None) -> None:
        """seed: instead of the scenario's. Raises ConfigError or PhysicsError if it cannot be simulated."""
        self.scenario = scenario if seed is None else scenario.changed(seed=seed)
        self.frames_sent = 0
        self.frames_dropped = 0
        self._tank = open_source(self.scenario)
        is_real_time = scenario.rate_hz is None and self.baud > 0
        self.outbox = PacedOutbox(TX_BYTES, self.baud / BITS_PER_BYTE if is_real_time else inf)

    # -- what a server calls -----------------------------------------------------------------------------------

    @property
    def wants_input(self) -> bool:
        return True

    def boot(self, now_s: float) -> None:
        self.outbox.let(now_s)
        self._power_up(now_s)

    def crash(self, now_s: float) -> None:
        self.outbox.clear()
        self.boot(now_s)

    def feed(self, data: bytes, now_s: float) -> None:
        self._hear(data, now_s)

    def tick(self, now_s: float) -> None:
        self._work(now_s)
        self.outbox.let(now_s)

    def next_due(self, now_s: float) -> float:
        return min(self._due_s(), self.outbox.next_s(now_s))

    # -- what an emulator writes -------------------------------------------------------------------------------

    @abstractmethod
    def _power_up(self, now_s: float) -> None:
        """Forget everything; say what the board says when power comes on."""

    @abstractmethod
    def _hear(self, data: bytes, now_s: float) -> None:
        """Bytes from the host."""

    @abstractmethod
    def _work(self, now_s: float) -> None:
        """Do what is due: at most one frame."""

    @abstractmethod
    def _due_s(self) -> float:
        """When `_work` has something to do next; inf: only bytes change anything."""

    # -- what an emulator uses ---------------------------------------------------------------------------------

    def _say(self, data: bytes) -> bool:
        """Send bytes. False if the board's memory is full: nothing of them is sent."""
        return self.outbox.offer_frame([data])

    def _measuring(self, pattern: Pattern, rate_hz: float) -> FrameSource:
        """The tank measured with the board's own pattern. Raises MismatchError for other electrodes."""
        return self._tank.measured(pattern, rate_hz)

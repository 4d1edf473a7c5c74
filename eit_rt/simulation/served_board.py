"""What a server asks of the board that it serves: the simulated board and the emulators of vendors' boards keep it.

Imports outbox and scenario. The rule they keep: no I/O, no threads, no clock; bytes and time are handed in.
"""

from typing import Protocol

from eit_rt.simulation.outbox import Outbox
from eit_rt.simulation.scenario import Scenario


class ServedBoard(Protocol):
    """One board. Times (`now_s`) are seconds on any clock that never goes back."""

    scenario: Scenario
    frames_sent: int
    frames_dropped: int

    @property
    def outbox(self) -> Outbox:
        """What waits to be sent."""

    @property
    def wants_input(self) -> bool:
        """False: read no more, the line holds the host back."""

    def boot(self, now_s: float) -> None:
        """Power comes on."""

    def crash(self, now_s: float) -> None:
        """Reboot out of the blue: what waited to be sent is lost."""

    def feed(self, data: bytes, now_s: float) -> None:
        """Bytes from the host."""

    def tick(self, now_s: float) -> None:
        """Let time pass: at most one frame is made."""

    def next_due(self, now_s: float) -> float:
        """When `tick` has something to do next; inf if only bytes can change anything."""

"""A simulated board that no busy machine makes lose a frame: its time never leaps, and it has memory for minutes."""

import time
from collections.abc import Callable
from math import inf
from pathlib import Path

from eit_rt.simulation import Scenario, Server
from eit_rt.simulation.boards import make_board
from eit_rt.simulation.ports import PtyPort, TcpPort

LONGEST_STEP_S = 0.1
"""Of a longer pause of the machine an idle board knows nothing."""
ROOMY_BYTES = 1 << 24


class SteadyClock:
    """Seconds that pass, but never leap: not over a moment at which the board has something to do.

    Nor do they go beyond `until_s`, which a test may raise: so it says when the faults of a scenario come.
    """

    def __init__(self, until_s: float = inf) -> None:
        self.until_s = until_s
        self.next_due: Callable[[float], float] = lambda now_s: inf
        self._now_s = 0.0
        self._looked_s = inf

    def __call__(self) -> float:
        looked_s = time.monotonic()
        step_s = min(max(looked_s - self._looked_s, 0.0), LONGEST_STEP_S)
        self._looked_s = looked_s
        limit_s = min(self.until_s, self.next_due(self._now_s))
        self._now_s = max(self._now_s, min(self._now_s + step_s, limit_s))
        return self._now_s


def served(
    scenario: str | Scenario,
    kind: str = "pty",
    *,
    board: str = "eitp",
    clock: SteadyClock | None = None,
    link: Path | None = None,
    **options: int,
) -> Server:
    """As `simulated_board`. clock: of the board; with an `until_s`, what its faults do then waits for the test."""
    wanted = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario)
    roomy = {"tx_bytes": ROOMY_BYTES} if board == "eitp" else {}
    made = make_board(board, wanted, **(roomy | options))
    port = PtyPort(link) if kind == "pty" else TcpPort()
    clock = clock or SteadyClock()
    clock.next_due = made.next_due
    return Server(made, port, clock)

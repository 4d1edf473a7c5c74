"""Ending: Ctrl-C, SIGTERM and a closed terminal ask a command to end in good order. Not a command.

The rule it keeps: a handler only remembers, as it may run while its own thread holds any lock; who waits looks.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

CLOSED_TERMINAL = "SIGHUP"
"""Not known everywhere."""


@dataclass(slots=True)
class Ending:
    """Whether somebody wants the command to end."""

    is_asked: bool = False

    def ask(self, *_: Any) -> None:
        self.is_asked = True


@contextmanager
def ending_by_signals() -> Iterator[Ending]:
    """Signals are noticed while this holds; in the main thread only, where Python handles them."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    kinds = [signal.SIGINT, signal.SIGTERM]
    closed = signal.Signals.__members__.get(CLOSED_TERMINAL)
    # Under nohup a run outlives its terminal. SIGINT is another matter: shells ignore it for what they start with `&`,
    # and who sends it to such a run means it.
    if closed is not None and signal.getsignal(closed) is not signal.SIG_IGN:
        kinds.append(closed)
    before = {kind: signal.signal(kind, ending.ask) for kind in kinds}
    try:
        yield ending
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)

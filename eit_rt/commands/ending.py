"""Ending: Ctrl-C, SIGTERM and a closed terminal ask a command to end in good order. Not a command.

The rule it keeps: a handler only remembers, as it may run while its own thread holds any lock; who waits looks. What
was ignored when the program began (`nohup`) stays ignored.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

KINDS = ("SIGINT", "SIGTERM", "SIGHUP")
"""SIGHUP is not known everywhere."""


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
    known = [signal.Signals[name] for name in KINDS if name in signal.Signals.__members__]
    # None: a handler that is not Python's, which Python could not put back.
    ours = [kind for kind in known if signal.getsignal(kind) not in (signal.SIG_IGN, None)]
    before = {kind: signal.signal(kind, ending.ask) for kind in ours}
    try:
        yield ending
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)

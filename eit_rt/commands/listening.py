"""Listening to a board for a while, and giving up when it says nothing. Not a command."""

import argparse
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eit_rt.commands.arguments import positive_float

if TYPE_CHECKING:
    from eit_rt.boards import Board
    from eit_rt.frames import Event, Frame

LOOK_EVERY_S = 0.05


def add_timeout_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout",
        type=positive_float,
        default=10.0,
        metavar="S",
        help="give up after so long without a frame (%(default)s)",
    )


def patience_s(timeout_s: float, rate_hz: float) -> float:
    """How long to wait for a frame: a slow board gets three frames' time."""
    return max(timeout_s, 3 / rate_hz if rate_hz else 0.0)


@contextmanager
def stopped_when_idle(board: "Board", patience_s: float) -> Iterator["Listener"]:
    """Stops the board from another thread when nothing came for so long: the iteration over its frames then ends."""
    listener, done = Listener(), threading.Event()

    def watch() -> None:
        while not done.wait(LOOK_EVERY_S):
            if time.monotonic() - listener.heard_s > patience_s:
                board.stop()
                return

    watcher = threading.Thread(target=watch, name="idle-watch", daemon=True)
    watcher.start()
    try:
        yield listener
    finally:
        done.set()
        watcher.join()


class Listener:
    """Passes items on and remembers when the last frame came."""

    def __init__(self) -> None:
        self.heard_s = time.monotonic()

    def __call__(self, items: Iterable["Frame | Event"]) -> Iterator["Frame | Event"]:
        from eit_rt.frames import Frame

        for item in items:
            if isinstance(item, Frame):
                self.heard_s = time.monotonic()
            yield item

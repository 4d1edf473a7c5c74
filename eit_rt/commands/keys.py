"""Keys of the terminal while a recording plays without a window. Not a command. POSIX terminals; elsewhere no keys."""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eit_rt.boards import ReplayBoard

HELP = "space pause   . step   ←/→ one second   ,/; slower/faster   q quit"
JUMP_S = 1.0
SLOWEST, FASTEST = 0.1, 100.0
LEFT, RIGHT = "\x1b[D", "\x1b[C"


@contextmanager
def single_keys() -> Iterator[bool]:
    """The terminal gives keys at once and does not echo them; as it was before at the end. False if there is none."""
    try:
        import termios
        import tty
    except ImportError:
        yield False
        return
    if not sys.stdin.isatty():
        yield False
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield True
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def pressed() -> str:
    """What was typed since the last call; "" if nothing."""
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return os.read(sys.stdin.fileno(), 64).decode(errors="ignore") if ready else ""


def obey(keys: str, player: "ReplayBoard") -> bool:
    """Do to the player what the keys say. Returns False if they say quit."""
    for key in _split(keys):
        if key == "q":
            return False
        if key == " ":
            player.resume() if player.is_paused else player.pause()
        elif key == ".":
            player.pause()
            player.step()
        elif key in (LEFT, RIGHT):
            jump(player, JUMP_S if key == RIGHT else -JUMP_S)
        elif key in (",", ";"):
            player.speed = min(FASTEST, max(SLOWEST, player.speed * (2.0 if key == ";" else 0.5)))
    return True


def jump(player: "ReplayBoard", by_s: float) -> None:
    """Forward or back by so many seconds of the recording, within its ends."""
    times_s = player.recording.times_s
    position_s = float(times_s[min(player.position, len(times_s) - 1)])
    player.seek_time(max(0.0, position_s + by_s))


def _split(keys: str) -> Iterator[str]:
    while keys:
        size = 3 if keys.startswith("\x1b[") else 1
        yield keys[:size]
        keys = keys[size:]

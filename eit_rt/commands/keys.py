"""Keys of the terminal while a recording plays without a window. Not a command. POSIX terminals; elsewhere no keys."""

import os
import re
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eit_rt.viewer import Playback

HELP = "space pause   . step   ←/→ one second   ,/; slower/faster   q quit"
LEFT, RIGHT = "\x1b[D", "\x1b[C"
KEY = re.compile(r"\x1b[\[O][0-9;]*[@-~]|.", re.DOTALL)
"""One key: an escape sequence, whatever its length, or a character."""


@contextmanager
def single_keys() -> Iterator[bool]:
    """The terminal gives keys at once and does not echo them; as it was before at the end. False if there is none."""
    try:
        import termios
        import tty
    except ImportError:
        yield False
        return
    # Changing the terminal from the background (`eit-rt replay … &`) would stop the whole program.
    if sys.stdin is None or not sys.stdin.isatty() or _is_in_background():
        yield False
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield True
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def pressed() -> str:
    """What was typed since the last call; "" if nothing, or if the terminal is gone or another program's just now."""
    try:
        if _is_in_background() or not select.select([sys.stdin], [], [], 0)[0]:
            return ""
        return os.read(sys.stdin.fileno(), 64).decode(errors="ignore")
    except OSError:
        return ""


def obey(keys: str, playback: "Playback") -> bool:
    """Do what the keys say. Returns False if they say quit."""
    from eit_rt.viewer.playback import JUMP_S

    moves = {
        " ": playback.toggle,
        ".": playback.step,
        LEFT: lambda: playback.jump(-JUMP_S),
        RIGHT: lambda: playback.jump(JUMP_S),
        ",": playback.slower,
        ";": playback.faster,
    }
    for key in KEY.findall(keys):
        # A terminal in application mode sends O where others send [.
        key = key.replace("\x1bO", "\x1b[")
        if key == "q":
            return False
        if key in moves:
            moves[key]()
    return True


def _is_in_background() -> bool:
    """Whether another program has our terminal: asking it for keys would stop us."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp()
    except OSError:  # not the terminal that rules this program: nothing stops us
        return False

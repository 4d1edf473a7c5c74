"""Qt lives here and nowhere else: the window that shows a running measurement.

Importing this door imports no Qt; `run_viewer` and `save_window_png` do when they are called.
"""

from eit_rt.viewer.playback import Playback, speed_name
from eit_rt.viewer.player import Player
from eit_rt.viewer.run import run_viewer, save_window_png
from eit_rt.viewer.screen import Mode, choose_mode
from eit_rt.viewer.source import Source

__all__ = [
    "Mode",
    "Playback",
    "Player",
    "Source",
    "choose_mode",
    "run_viewer",
    "save_window_png",
    "speed_name",
]

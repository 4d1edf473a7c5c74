"""Boards: what sends frames. One driver a file, one contract (`Board`), one registry; a recording is a board, too.

Importing this door loads no driver and no recording: the registry does that when a board is opened.
"""

from eit_rt.boards.board import Board, State
from eit_rt.boards.reconnecting import ReconnectingBoard, open_reconnecting
from eit_rt.boards.registry import Driver, drivers, open_board
from eit_rt.boards.replay import ReplayBoard

__all__ = [
    "Board",
    "Driver",
    "ReconnectingBoard",
    "ReplayBoard",
    "State",
    "drivers",
    "open_board",
    "open_reconnecting",
]

"""Which boards can be simulated: this project's own, and emulators of vendors' boards.

Imports errors and scenario; a board when it is asked for.
"""

import importlib
from typing import Any, cast

from eit_rt.errors import ConfigError
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.served_board import ServedBoard

BOARDS = {
    "eitp": ("eit_rt.simulation.device", "SimulatedBoard"),
    "openeit": ("eit_rt.simulation.openeit", "OpenEitEmulator"),
    "cn0565": ("eit_rt.simulation.cn0565", "Cn0565Emulator"),
    "sciospec": ("eit_rt.simulation.sciospec", "SciospecEmulator"),
}
"""name: (module, class); the names are those of the drivers that speak to them."""
NO_PLAYBACK = {
    "openeit": "it sends voltages over currents, in all of its three modes, and a recording holds voltages of one",
    "sciospec": "it sends potentials against ground, and a recording holds their differences",
}
"""Emulators of boards that send what no recording holds, and why."""


def make_board(name: str, scenario: Scenario, **options: Any) -> ServedBoard:
    """A board to serve. options: of that board. Raises ConfigError, RecordingError or PhysicsError."""
    if name not in BOARDS:
        raise ConfigError(f"no simulated board is called {name!r}; known: {', '.join(BOARDS)}")
    if scenario.playback is not None and name in NO_PLAYBACK:
        raise ConfigError(
            f"the simulated {name} board cannot play back a recording: {NO_PLAYBACK[name]}. The board eitp can: leave "
            "--board out"
        )
    module, kind = BOARDS[name]
    try:
        made = getattr(importlib.import_module(module), kind)(scenario, **options)
    except TypeError as error:
        raise ConfigError(f"the simulated {name} board does not take that: {error}") from error
    return cast(ServedBoard, made)

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


def make_board(name: str, scenario: Scenario, **options: Any) -> ServedBoard:
    """A board to serve. options: of that board. Raises ConfigError, RecordingError or PhysicsError."""
    if name not in BOARDS:
        raise ConfigError(f"no simulated board is called {name!r}; known: {', '.join(BOARDS)}")
    module, kind = BOARDS[name]
    try:
        made = getattr(importlib.import_module(module), kind)(scenario, **options)
    except TypeError as error:
        raise ConfigError(f"the simulated {name} board does not take that: {error}") from error
    return cast(ServedBoard, made)

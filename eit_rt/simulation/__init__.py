"""A board that is not there: scenarios become frames, frames become the bytes that a real board sends.

    with simulated_board("rod") as server:                  # in a thread of this process
        board = open_board("eitp", server.url)
    with SimulatorProcess("rod") as simulator:              # in a process of its own
        board = open_board("eitp", simulator.url)

The door loads what is asked for: a program that only starts a SimulatorProcess pays for no physics.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eit_rt.simulation.device import SimulatedBoard as SimulatedBoard
    from eit_rt.simulation.objects import PlacedObject as PlacedObject
    from eit_rt.simulation.process import SimulatorProcess as SimulatorProcess
    from eit_rt.simulation.scenario import Scenario as Scenario
    from eit_rt.simulation.server import PtyServer as PtyServer
    from eit_rt.simulation.server import Server as Server
    from eit_rt.simulation.server import TcpServer as TcpServer
    from eit_rt.simulation.server import simulated_board as simulated_board

_HOME = {"PlacedObject": "objects", "Scenario": "scenario", "SimulatedBoard": "device"}
_HOME |= dict.fromkeys(("PtyServer", "Server", "TcpServer", "simulated_board"), "server")
_HOME |= {"SimulatorProcess": "process"}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

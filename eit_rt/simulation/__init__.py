"""A board that is not there: scenarios become frames, frames become the bytes that a real board sends.

with simulated_board("rod") as server:                  # in a thread of this process
    board = open_board("eitp", server.url)
with SimulatorProcess("rod") as simulator:              # in a process of its own
    board = open_board("eitp", simulator.url)
"""

from eit_rt.simulation.device import SimulatedBoard
from eit_rt.simulation.objects import PlacedObject
from eit_rt.simulation.process import SimulatorProcess
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.server import PtyServer, Server, TcpServer, simulated_board

__all__ = [
    "PlacedObject",
    "PtyServer",
    "Scenario",
    "Server",
    "SimulatedBoard",
    "SimulatorProcess",
    "TcpServer",
    "simulated_board",
]

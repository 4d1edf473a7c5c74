"""Links: where bytes come from. Serial ports, TCP, pseudo-terminals, memory; a tap that copies what is read.

Importing this door costs no pyserial: it is loaded when the first port is opened or listed.
"""

from eit_rt.links.link import Link
from eit_rt.links.memory import MemoryLink
from eit_rt.links.opener import DEFAULT_BAUD, open_link
from eit_rt.links.port_watch import Changes, PortWatch
from eit_rt.links.ports import Port, PortMemory, find_port, list_ports, port_at
from eit_rt.links.tap import TapLink

__all__ = [
    "DEFAULT_BAUD",
    "Changes",
    "Link",
    "MemoryLink",
    "Port",
    "PortMemory",
    "PortWatch",
    "TapLink",
    "find_port",
    "list_ports",
    "open_link",
    "port_at",
]

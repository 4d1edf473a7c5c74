"""What is plugged in and pulled out: two lists of ports compared. Imports ports; no thread, and the caller waits.

The rule it keeps: a port that is taken by another device between two looks is one that went and one that came.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from eit_rt.links.ports import Port, list_ports

POLL_S = 0.5
"""How often to look: soon enough for a hand, seldom enough to cost nothing."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Between two looks. False if nothing changed."""

    appeared: tuple[Port, ...] = ()
    gone: tuple[Port, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.appeared or self.gone)


class PortWatch:
    """Remembers which ports were there when it was last told or looked; none at first."""

    def __init__(self) -> None:
        self._there: dict[tuple[str | None, ...], Port] = {}

    @property
    def ports(self) -> list[Port]:
        """Those of the last look."""
        return list(self._there.values())

    def look(self) -> Changes:
        """Ask the operating system; what changed since the last time. Opens no port."""
        return self.changes(list_ports())

    def changes(self, now: Iterable[Port]) -> Changes:
        """What is different from the last time, if `now` are the ports that are there."""
        before, self._there = self._there, {_identity(port): port for port in now}
        return Changes(
            tuple(port for key, port in self._there.items() if key not in before),
            tuple(port for key, port in before.items() if key not in self._there),
        )


def _identity(port: Port) -> tuple[str | None, ...]:
    # Not the texts: some systems know them a moment later than the port.
    return port.device, port.usb_id, port.serial_number, port.location

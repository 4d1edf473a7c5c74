"""The serial ports that are there, without a byte written to any of them. Imports errors only (pyserial on first use).

Probing an unknown port by writing can disturb another instrument; so ports are listed, and a person chooses.
"""

import os
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port as the operating system describes it. None = not known (not on USB)."""

    device: str
    description: str = ""
    vendor_id: int | None = None
    product_id: int | None = None
    serial_number: str | None = None
    manufacturer: str | None = None
    product: str | None = None
    location: str | None = None
    """USB bus and plug."""

    @property
    def usb_id(self) -> str:
        """`vvvv:pppp` in hexadecimal, or ""."""
        if self.vendor_id is None or self.product_id is None:
            return ""
        return f"{self.vendor_id:04x}:{self.product_id:04x}"

    def is_same_hardware(self, other: "Port") -> bool:
        """Same USB chip: vendor, product and serial number agree. False without a serial number: chips share those."""
        return self.serial_number not in (None, "") and (
            (self.vendor_id, self.product_id, self.serial_number)
            == (other.vendor_id, other.product_id, other.serial_number)
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def list_ports() -> list[Port]:
    """Serial ports with hardware behind them, sorted by name."""
    from serial.tools.list_ports import comports

    ports = [
        Port(
            device=found.device,
            description=_known(found.description) or "",
            vendor_id=found.vid,
            product_id=found.pid,
            serial_number=_known(found.serial_number),
            manufacturer=_known(found.manufacturer),
            product=_known(found.product),
            location=_known(found.location),
        )
        for found in comports()
    ]
    return sorted(ports, key=lambda port: port.device)


def find_port(wanted: Port) -> Port | None:
    """Where a USB device is now, by vendor, product and serial number; None if it is not there or has none."""
    return next((port for port in list_ports() if port.is_same_hardware(wanted)), None)


def port_at(path: str) -> Port | None:
    """What the operating system says of the port at this path or symbolic link; None: nothing (a URL, a terminal)."""
    device = os.path.realpath(path)
    return next((port for port in list_ports() if os.path.realpath(port.device) == device), None)


class PortMemory:
    """Remembers which USB device a port was, and finds it again after it was plugged in elsewhere.

    Only serial devices with a USB serial number move; everything else (TCP, pseudo-terminals, symbolic links to them)
    is where it always was.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._hardware: Port | None = None

    @property
    def hardware(self) -> Port | None:
        """The USB device that is remembered; None before `where` found it, and for what is not on USB.

        It is found elsewhere only if it has a serial number.
        """
        return self._hardware

    def where(self) -> str:
        """What to open now: the URL as it was typed, or the path that the remembered device has now."""
        if "://" in self.url:
            return self.url
        here = port_at(self.url)
        if self._hardware is None:
            self._hardware = here
        if self._hardware is None or (here is not None and here.is_same_hardware(self._hardware)):
            return self.url
        moved = find_port(self._hardware)
        return self.url if moved is None else moved.device


def _known(text: str | None) -> str | None:
    return None if text in (None, "", "n/a") else text

"""Which driver a port may want, from what USB says of it; no port is opened. Imports links.

The rule it keeps: every guess has its reason, and no more is claimed than USB can tell. Most boards hide behind a
bridge chip that thousands of other devices have, too; only a name in the device's own texts makes a guess likely.
Source of the numbers: the public lists of USB ids, the makers' code and documents.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from eit_rt.links import Port


class Sure(StrEnum):
    """How sure a guess is."""

    LIKELY = "likely"
    """The device names itself."""
    POSSIBLE = "possible"
    """A chip that such boards have, and other devices, too."""
    UNKNOWN = "unknown"
    """A chip that any board may have; no driver is named."""
    WRONG_PORT = "wrong port"
    """Perhaps such a board, but its driver speaks on another port of it."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a port may be."""

    driver: str
    """"": any."""
    sure: Sure
    reason: str

    @property
    def names_a_driver(self) -> bool:
        """It may be tried on this port."""
        return self.sure in (Sure.LIKELY, Sure.POSSIBLE)

    def to_dict(self) -> dict[str, str | None]:
        return {"driver": self.driver or None, "sure": self.sure.value, "reason": self.reason}

    def __str__(self) -> str:
        return f"{self.driver}, {self.sure}" if self.driver else self.sure.value


HIGH_SPEED = Guess(
    "sciospec",
    Sure.WRONG_PORT,
    "an FT232H, as the high-speed port of Sciospec boards is; the driver speaks on their virtual COM port (full "
    "speed): connect that one, it appears as a port of its own. Other devices have this chip, too",
)
NAMED: tuple[tuple[str, Guess], ...] = (
    ("sciospec", Guess("sciospec", Sure.LIKELY, "the device calls itself Sciospec")),
    ("openeit", Guess("openeit", Sure.LIKELY, "the device calls itself OpenEIT")),
    ("eitp", Guess("eitp", Sure.LIKELY, "the device calls itself a board that speaks EITP")),
    ("eit-rt", Guess("eitp", Sure.LIKELY, "the device calls itself a board for eit-rt")),
    ("cn0565", Guess("cn0565", Sure.LIKELY, "the device calls itself CN0565")),
    (
        "adicup",
        Guess(
            "cn0565",
            Sure.POSSIBLE,
            "an Analog Devices ADICUP board, which carries the EVAL-CN0565-ARDZ; it carries other shields, too",
        ),
    ),
)
"""What a word in manufacturer, product or description begins with, in small letters: the first that fits counts."""

FTDI_BRIDGE = Guess(
    "openeit",
    Sure.POSSIBLE,
    "an FTDI serial bridge, as OpenEIT and Spectra boards have; so do many other devices",
)
DAPLINK = Guess(
    "cn0565",
    Sure.POSSIBLE,
    "an Arm DAPLink (mbed) interface, as the carrier of the EVAL-CN0565-ARDZ has; so do many other boards",
)


def _bridge(chip: str) -> Guess:
    return Guess("", Sure.UNKNOWN, f"{chip}: any board may be behind it")


KNOWN: dict[tuple[int, int], Guess] = {
    (0x0403, 0x6001): FTDI_BRIDGE,  # FT232R
    (0x0403, 0x6015): FTDI_BRIDGE,  # FT231X and its sisters of the X series
    (0x0D28, 0x0204): DAPLINK,
    (0x0403, 0x6010): _bridge("an FTDI bridge with two ports (FT2232)"),
    (0x0403, 0x6011): _bridge("an FTDI bridge with four ports (FT4232)"),
    (0x10C4, 0xEA60): _bridge("a Silicon Labs CP210x serial bridge"),
    (0x1A86, 0x7523): _bridge("a WCH CH340 serial bridge"),
    (0x1A86, 0x55D4): _bridge("a WCH CH9102 serial bridge"),
    (0x067B, 0x2303): _bridge("a Prolific PL2303 serial bridge"),
    (0x0483, 0x5740): _bridge("the USB serial port of an STM32"),
    (0x2E8A, 0x000A): _bridge("the USB serial port of a Raspberry Pi Pico"),
    (0x303A, 0x1001): _bridge("the USB serial port of an ESP32"),
}
"""(vendor, product) -> guess. `_bridge`: chips of which USB does not say what they belong to."""
FT232H = (0x0403, 0x6014)


def guess(port: Port) -> Guess | None:
    """What the port may be; None: not on USB, or nothing known of it."""
    usb = (port.vendor_id, port.product_id)
    if usb == FT232H:  # whatever the board calls itself
        return HIGH_SPEED
    texts = " ".join(filter(None, (port.manufacturer, port.product, port.description))).lower()
    named = next((one for word, one in NAMED if re.search(rf"\b{word}", texts)), None)
    if named is not None:
        return named
    if port.vendor_id is None or port.product_id is None:
        return None
    return KNOWN.get((port.vendor_id, port.product_id))


def fitting(
    ports: Iterable[Port], driver: str | None = None, usb_serial: str | None = None
) -> list[tuple[Port, Guess | None]]:
    """Ports at which a board may be meant that is not named by its port.

    driver: None = any. usb_serial: the device with this USB serial number, whatever else is known of it. Of the others
    those count whose guess names a driver (the one asked for): likely ones, or else possible ones; or else, for a
    driver that is asked for, chips that any board may have.
    """
    guessed = [(port, guess(port)) for port in ports]
    if usb_serial is not None:
        return [(port, one) for port, one in guessed if port.serial_number == usb_serial]
    for sure in (Sure.LIKELY, Sure.POSSIBLE, *((Sure.UNKNOWN,) if driver else ())):
        found: list[tuple[Port, Guess | None]] = [
            (port, one)
            for port, one in guessed
            if one and one.sure is sure and (one.driver in (driver, "") or driver is None)
        ]
        if found:
            return found
    return []

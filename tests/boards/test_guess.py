"""Guesses of the driver from what USB says of a port."""

import pytest

from eit_rt.boards.guess import KNOWN, NAMED, Sure, fitting, guess
from eit_rt.boards.registry import BUILT_IN
from eit_rt.links import Port


def usb(vid: int, pid: int, device: str = "/dev/ttyUSB0", **texts: str) -> Port:
    return Port(device, vendor_id=vid, product_id=pid, **texts)


FTDI = usb(0x0403, 0x6001, "/dev/ttyUSB0", serial_number="A1", description="FT232R USB UART")
CABLE = usb(0x0403, 0x6015, "/dev/ttyUSB1", serial_number="C3")
CH340 = usb(0x1A86, 0x7523, "/dev/ttyUSB2", description="USB Serial")
HIGH_SPEED = usb(0x0403, 0x6014, "/dev/ttyUSB3", serial_number="H4", product="Sciospec EIT")
SCIOSPEC = usb(0x1234, 0x5678, "/dev/ttyACM0", serial_number="S5", manufacturer="Sciospec GmbH")
MOUSE = usb(0x1234, 0x9999, "/dev/ttyACM1", serial_number="M6")
LEGACY = Port("/dev/ttyS0")


@pytest.mark.parametrize(
    ("port", "driver", "sure"),
    [
        (FTDI, "openeit", Sure.POSSIBLE),
        (CABLE, "openeit", Sure.POSSIBLE),
        (usb(0x0403, 0x6001, product="Spectra by OpenEIT"), "openeit", Sure.LIKELY),
        (usb(0x0403, 0x6001, description="eit-rt board"), "eitp", Sure.LIKELY),
        (usb(0x2E8A, 0x000A, product="EITP 16"), "eitp", Sure.LIKELY),
        (SCIOSPEC, "sciospec", Sure.LIKELY),
        (HIGH_SPEED, "sciospec", Sure.WRONG_PORT),
        (usb(0x0D28, 0x0204, product="DAPLink CMSIS-DAP"), "cn0565", Sure.POSSIBLE),
        (usb(0x1234, 0x5678, product="EVAL-ADICUP3029"), "cn0565", Sure.POSSIBLE),
        (CH340, "", Sure.UNKNOWN),
        (usb(0x10C4, 0xEA60, description="CP2102 USB to UART Bridge"), "", Sure.UNKNOWN),
    ],
)
def test_what_usb_tells(port, driver, sure):
    found = guess(port)
    assert found is not None
    assert (found.driver, found.sure) == (driver, sure)
    assert found.names_a_driver is (sure in (Sure.LIKELY, Sure.POSSIBLE))


@pytest.mark.parametrize("port", [LEGACY, MOUSE, usb(0x1234, 1, product="DeitP")])
def test_of_what_is_not_known_nothing_is_claimed(port):
    assert guess(port) is None


def test_every_entry_names_a_driver_that_there_is_and_has_a_reason():
    entries = [*KNOWN.values(), *(one for _, one in NAMED)]
    assert {one.driver for one in entries} <= {"", *BUILT_IN}
    assert all(one.reason for one in entries)


def test_a_shared_chip_is_never_more_than_possible():
    assert not [one for one in KNOWN.values() if one.sure is Sure.LIKELY]


@pytest.mark.parametrize(
    ("ports", "driver", "usb_serial", "fit"),
    [
        ([], None, None, []),
        ([LEGACY, MOUSE, CH340, HIGH_SPEED], None, None, []),
        ([FTDI, CH340, MOUSE], None, None, [FTDI]),
        ([FTDI, CABLE], None, None, [FTDI, CABLE]),
        ([FTDI, SCIOSPEC], None, None, [SCIOSPEC]),  # likely before possible
        ([FTDI, SCIOSPEC], "openeit", None, [FTDI]),
        ([FTDI, CH340], "eitp", None, [CH340]),  # any board may be behind that
        ([FTDI, CH340], "openeit", None, [FTDI]),
        ([HIGH_SPEED], "sciospec", None, []),
        ([FTDI, CABLE, MOUSE], None, "C3", [CABLE]),
        ([FTDI, MOUSE], None, "M6", [MOUSE]),
        ([FTDI, MOUSE], "eitp", "A1", [FTDI]),
        ([FTDI, LEGACY], None, "X", []),
    ],
)
def test_ports_at_which_a_board_may_be_meant(ports, driver, usb_serial, fit):
    assert [port for port, _ in fitting(ports, driver, usb_serial)] == fit

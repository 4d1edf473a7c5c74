"""Ports as the operating system lists them, and finding a device again by its USB serial number."""

from types import SimpleNamespace

import pytest

from eit_rt.links import Port, PortMemory, find_port, list_ports, port_at


def listed(device: str, serial_number: str | None, vid: int | None = 0x0403) -> SimpleNamespace:
    return SimpleNamespace(
        device=device, description="n/a", vid=vid, pid=None if vid is None else 0x6001,
        serial_number=serial_number, manufacturer="FTDI", product=None, location="1-1.2",
    )  # fmt: skip


@pytest.fixture
def two_ports(monkeypatch):
    there = [listed("/dev/ttyUSB1", "B2"), listed("/dev/ttyUSB0", "A1")]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: there)
    return there


def test_ports_come_sorted_with_what_is_known(two_ports):
    first, second = list_ports()
    assert (first.device, second.device) == ("/dev/ttyUSB0", "/dev/ttyUSB1")
    assert first.usb_id == "0403:6001"
    assert first.description == ""  # "n/a" is not a description


def test_a_device_is_found_where_it_is_now(two_ports):
    before = Port("/dev/ttyUSB7", vendor_id=0x0403, product_id=0x6001, serial_number="B2")
    found = find_port(before)
    assert found is not None
    assert found.device == "/dev/ttyUSB1"


def test_a_device_without_serial_number_is_never_guessed(monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [listed("/dev/ttyUSB0", None)])
    assert find_port(list_ports()[0]) is None


def test_a_port_that_is_not_on_usb_has_no_usb_id(monkeypatch):
    monkeypatch.setattr(
        "serial.tools.list_ports.comports", lambda: [listed("/dev/ttyS0", None, vid=None)]
    )
    assert list_ports()[0].usb_id == ""


def test_what_is_known_of_a_path_is_found_through_a_symbolic_link(two_ports, tmp_path):
    link = tmp_path / "board"
    link.symlink_to("/dev/ttyUSB1")
    found = port_at(str(link))
    assert found is not None
    assert found.serial_number == "B2"
    assert port_at("/dev/pts/3") is None


class TestPortMemory:
    def test_it_tells_which_device_it_remembers(self, two_ports):
        memory = PortMemory("/dev/ttyUSB1")
        assert memory.hardware is None
        memory.where()
        two_ports[:] = []
        memory.where()
        assert memory.hardware is not None
        assert memory.hardware.serial_number == "B2"

    def test_a_device_that_was_plugged_in_elsewhere_is_found_there(self, two_ports):
        memory = PortMemory("/dev/ttyUSB1")
        assert memory.where() == "/dev/ttyUSB1"
        two_ports[:] = [listed("/dev/ttyUSB5", "B2"), listed("/dev/ttyUSB0", "A1")]
        assert memory.where() == "/dev/ttyUSB5"

    def test_another_device_in_its_place_is_not_taken_for_it(self, two_ports):
        memory = PortMemory("/dev/ttyUSB1")
        memory.where()
        two_ports[:] = [listed("/dev/ttyUSB1", "A1"), listed("/dev/ttyUSB2", "B2")]
        assert memory.where() == "/dev/ttyUSB2"

    def test_a_device_that_is_nowhere_is_waited_for_where_it_was(self, two_ports):
        memory = PortMemory("/dev/ttyUSB1")
        memory.where()
        two_ports[:] = []
        assert memory.where() == "/dev/ttyUSB1"

    def test_a_symbolic_link_leads_to_the_device(self, two_ports, tmp_path):
        link = tmp_path / "board"
        link.symlink_to("/dev/ttyUSB1")
        memory = PortMemory(str(link))
        assert memory.where() == str(link)
        link.unlink()
        two_ports[:] = [listed("/dev/ttyUSB5", "B2")]
        assert memory.where() == "/dev/ttyUSB5"

    @pytest.mark.parametrize("url", ["socket://host:5000", "/dev/pts/3", "loop://"])
    def test_what_is_not_on_usb_stays_where_it_is(self, two_ports, url):
        memory = PortMemory(url)
        assert memory.where() == url
        two_ports[:] = []
        assert memory.where() == url

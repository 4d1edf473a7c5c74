"""`eit-rt ports`: lists, and writes to nothing."""

import json
from types import SimpleNamespace

import pytest

from eit_rt.boards import Driver
from eit_rt.cli import main


@pytest.fixture
def two_ports(monkeypatch):
    there = [
        SimpleNamespace(
            device="/dev/ttyUSB0", description="FT232R USB UART", vid=0x0403, pid=0x6001,
            serial_number="A9X1", manufacturer="FTDI", product="FT232R USB UART", location="1-1",
        ),
        SimpleNamespace(
            device="/dev/ttyS0", description="n/a", vid=None, pid=None,
            serial_number=None, manufacturer=None, product=None, location=None,
        ),
    ]  # fmt: skip
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: there)

    def never(*_args, **_kwargs):
        raise AssertionError("a port was opened")

    monkeypatch.setattr("serial.Serial", never)
    monkeypatch.setattr("serial.serial_for_url", never)


def test_ports_are_listed_with_what_is_known_and_none_is_opened(two_ports, capsys):
    assert main(["ports"]) == 0
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if "/dev/ttyUSB0" in line)
    assert "0403:6001" in line
    assert "A9X1" in line
    assert "FTDI FT232R USB UART" in line
    assert "/dev/ttyS0" in out
    assert "eitp" in out


def test_json_is_for_programs(two_ports, capsys):
    assert main(["ports", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    first, second = plain["ports"]
    assert (first["device"], second["device"]) == ("/dev/ttyS0", "/dev/ttyUSB0")
    assert second["serial_number"] == "A9X1"
    assert (second["vendor_id"], second["product_id"], second["usb_id"]) == (
        0x0403, 0x6001, "0403:6001",
    )  # fmt: skip
    assert first["usb_id"] == ""
    assert {"eitp", "replay"} <= {driver["name"] for driver in plain["drivers"]}


def test_no_ports_gives_hints(monkeypatch, capsys):
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    assert main(["ports"]) == 0
    out = capsys.readouterr().out
    assert "No serial ports found" in out
    assert "eit-rt simulate" in out


def test_a_broken_plug_in_is_told_on_standard_error(monkeypatch, capsys):
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    broken = Driver("mine", "plug-in mine:open", "cannot be loaded: ImportError: x")
    monkeypatch.setattr("eit_rt.boards.drivers", lambda: [broken, Driver("eitp", "ours")])
    assert main(["ports"]) == 0
    captured = capsys.readouterr()
    assert "warning: driver mine" in captured.err
    assert "ImportError" in captured.err
    assert "eitp" in captured.out
    assert "mine" not in captured.out

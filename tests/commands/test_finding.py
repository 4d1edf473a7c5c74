"""--port auto: which port is taken, what is waited for, and that several are none. Boards are real terminals."""

from types import SimpleNamespace

import pytest

from eit_rt.cli import main
from eit_rt.recording import Recording
from eit_rt.simulation import Scenario
from tests.simulation.served import served

FTDI, CH340, FT232H, NAMELESS = (0x0403, 0x6001), (0x1A86, 0x7523), (0x0403, 0x6014), (0x1234, 1)


def listed(device, usb=NAMELESS, number=None, product=None):
    return SimpleNamespace(
        device=device, description="n/a", vid=usb[0], pid=usb[1],
        serial_number=number, manufacturer=None, product=product, location="1-1",
    )  # fmt: skip


class Plugs:
    """What is there at each look; the last state stays."""

    def __init__(self) -> None:
        self.looks: list[list[SimpleNamespace]] = [[]]
        self.slept = 0

    def comports(self):
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    def sleep(self, seconds):
        self.slept += 1
        if self.slept > 20:
            raise KeyboardInterrupt


@pytest.fixture
def plugs(monkeypatch):
    plugs = Plugs()
    monkeypatch.setattr("serial.tools.list_ports.comports", plugs.comports)
    monkeypatch.setattr("eit_rt.commands.finding.time", SimpleNamespace(sleep=plugs.sleep))
    return plugs


@pytest.fixture
def board():
    with served("empty") as server:
        yield server


def record(tmp_path, *words):
    path = tmp_path / "r.mcap"
    code = main(["record", "--port", "auto", "--frames", "3", "-o", str(path), *words])
    return code, path


def driver_in(path):
    with Recording.open(path) as recording:
        return recording.about.identity.driver


def test_the_only_board_is_taken_at_once(plugs, board, tmp_path, capsys):
    plugs.looks = [[listed("/dev/ttyS0", (None, None)), listed(board.url, product="EITP board")]]
    code, path = record(tmp_path)
    assert code == 0
    assert driver_in(path) == "eitp"
    said = capsys.readouterr().err
    assert f"board at {board.url}, driver eitp: the device calls itself" in said
    assert "waiting" not in said


def test_the_guess_chooses_the_driver(plugs, tmp_path):
    fast = Scenario.load("empty").changed(rate_hz=100.0)
    with served(fast, board="openeit") as server:
        plugs.looks = [[listed(server.url, FTDI, "A1")]]
        code, path = record(tmp_path)
    assert code == 0
    assert driver_in(path) == "openeit"


def test_a_driver_that_is_asked_for_outweighs_the_guess(plugs, board, tmp_path):
    """Even the one that would be taken by default."""
    plugs.looks = [[listed(board.url, FTDI, "A1")]]
    code, path = record(tmp_path, "--driver", "eitp", "--usb-serial", "A1")
    assert code == 0
    assert driver_in(path) == "eitp"


def test_a_board_is_waited_for_and_what_is_not_taken_is_told(plugs, board, tmp_path, capsys):
    other = listed("/dev/ttyUSB7", CH340)
    plugs.looks = [[other], [other], [other, listed(board.url, product="EITP board")]]
    assert record(tmp_path)[0] == 0
    assert plugs.slept == 3  # one more look after it came
    said = capsys.readouterr().err
    assert "waiting for a board that a driver is known for to be plugged in" in said
    assert "not taken: /dev/ttyUSB7  no serial number; unknown: a WCH CH340" in said


def test_a_usb_serial_number_names_the_device_whatever_it_is(plugs, board, tmp_path, capsys):
    fitting = listed("/dev/ttyUSB7", FTDI, "A1")
    plugs.looks = [[fitting], [fitting, listed(board.url, NAMELESS, "N9")]]
    code, path = record(tmp_path, "--usb-serial", "N9")
    assert code == 0
    assert driver_in(path) == "eitp"
    assert "waiting for the USB device with serial number N9" in capsys.readouterr().err


def test_several_that_fit_are_listed_and_none_is_taken(plugs, tmp_path, capsys):
    plugs.looks = [[listed("/dev/ttyUSB1", FTDI, "B2"), listed("/dev/ttyUSB0", FTDI, "A1")]]
    code, path = record(tmp_path)
    assert code == 2
    assert not path.exists()
    said = capsys.readouterr().err
    assert "several ports fit" in said
    assert "/dev/ttyUSB0  serial number A1; openeit, possible" in said
    assert "/dev/ttyUSB1  serial number B2" in said


def test_waiting_ends_with_ctrl_c(plugs, tmp_path, capsys):
    code, path = record(tmp_path)
    assert code == 130
    assert not path.exists()
    assert "interrupted" in capsys.readouterr().err


def test_a_port_that_the_driver_does_not_speak_on_is_refused_with_what_to_do(
    plugs, tmp_path, capsys
):
    plugs.looks = [[listed("/dev/ttyUSB0", FT232H, "H4", "Sciospec EIT32")]]
    assert record(tmp_path, "--usb-serial", "H4")[0] == 2
    assert "virtual COM port" in capsys.readouterr().err


def test_a_number_without_auto_is_a_mistake(tmp_path, capsys):
    words = ["--port", "/dev/ttyUSB0", "--usb-serial", "A1", "-o", str(tmp_path / "r.mcap")]
    assert main(["record", *words]) == 2
    assert "--port auto" in capsys.readouterr().err


def test_calibrate_finds_its_board_too(plugs, board, tmp_path):
    plugs.looks = [[listed(board.url, product="EITP board")]]
    path = tmp_path / "profile.yaml"
    words = ["--frames", "20", "--skip", "0", "-o", str(path)]
    assert main(["calibrate", "--port", "auto", *words]) == 0
    assert f"--port {board.url} --driver eitp" in path.read_text()

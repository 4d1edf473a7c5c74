"""`eit-rt ports`: lists and watches, and writes to nothing unless it is asked who is there."""

import json
import os
import subprocess
import sys
import tty
from types import SimpleNamespace

import pytest

from eit_rt.boards import Driver
from eit_rt.cli import main
from eit_rt.simulation import Scenario
from tests.simulation.served import served


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
    assert "openeit, possible" in line
    assert "as OpenEIT and Spectra boards have; so do many other devices" in out
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
    assert first["guess"] is None
    assert (second["guess"]["driver"], second["guess"]["sure"]) == ("openeit", "possible")
    assert second["guess"]["reason"]
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


# -- watching ----------------------------------------------------------------------------------------------------


def listed(device, number):
    return SimpleNamespace(
        device=device, description="FT232R USB UART", vid=0x0403, pid=0x6001,
        serial_number=number, manufacturer="FTDI", product=None, location="1-1",
    )  # fmt: skip


@pytest.fixture
def a_morning(monkeypatch):
    """What is there at each look; then somebody presses Ctrl-C."""
    looks = [
        [listed("/dev/ttyUSB0", "A1")],
        [listed("/dev/ttyUSB0", "A1")],
        [listed("/dev/ttyUSB0", "A1"), listed("/dev/ttyUSB1", "B2")],
        [listed("/dev/ttyUSB1", "B2")],
    ]

    def sleep(seconds):
        if not looks:
            raise KeyboardInterrupt

    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: looks.pop(0))
    monkeypatch.setattr("eit_rt.commands.ports.time", SimpleNamespace(sleep=sleep))


def test_watch_tells_what_comes_and_goes_until_ctrl_c(a_morning, capsys):
    assert main(["ports", "--watch"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [
        line.split()[:2] for line in lines if line.split()[0] in ("there", "appeared", "gone")
    ] == [
        ["there", "/dev/ttyUSB0"],
        ["appeared", "/dev/ttyUSB1"],
        ["gone", "/dev/ttyUSB0"],
    ]
    assert "serial number B2" in lines[2]
    assert "openeit, possible" in lines[2]


def test_watch_for_programs_prints_one_object_a_line(a_morning, capsys):
    assert main(["ports", "--watch", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in told] == ["there", "appeared", "gone"]
    assert told[1]["port"]["serial_number"] == "B2"
    assert told[1]["port"]["guess"]["driver"] == "openeit"


# -- who is there? -----------------------------------------------------------------------------------------------


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr("eit_rt.boards.openeit.LISTEN_S", 0.2)
    monkeypatch.setattr("eit_rt.boards.cn0565.TRY_NS", 50_000_000)


def test_a_board_is_identified_and_the_next_command_works(hasty, tmp_path, capsys):
    with served("empty") as server:
        assert main(["ports", "--identify", server.url]) == 0
        out = capsys.readouterr().out
        listening, asking = (
            out.index("listening with openeit for"),
            out.index("asking with eitp: sends 00"),
        )
        assert listening < asking < out.index("SIM-1-empty")
        assert "ring_pattern" in out
        assert "sciospec" not in out  # who has found somebody asks no more
        command = out.splitlines()[-1].removeprefix("go on with: eit-rt ")
        assert command == f"live --driver eitp --port {server.url}"
        done = subprocess.run(
            [sys.executable, "-m", "eit_rt", *command.split(), "--headless", "--frames", "3"],
            cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_who_only_listens_finds_a_board_that_talks(capsys):
    fast = Scenario.load("empty").changed(rate_hz=100.0)
    with served(fast, "tcp", board="openeit") as server:
        assert main(["ports", "--identify", server.url]) == 0
    out = capsys.readouterr().out
    assert "asking" not in out
    assert out.endswith(f"go on with: eit-rt live --driver openeit --port {server.url}\n")


def test_json_of_an_identity_says_what_was_asked(hasty, capsys):
    with served("empty") as server:
        assert main(["ports", "--identify", server.url, "--json"]) == 0
    said = capsys.readouterr()
    plain = json.loads(said.out)
    assert plain["port"] == server.url
    assert [one["driver"] for one in plain["asked"]] == ["openeit", "cn0565", "eitp"]
    assert plain["asked"][0]["sends"] == []
    assert f"no OpenEIT board talks at {server.url}" in plain["asked"][0]["heard"]
    assert plain["asked"][1]["sends"][0]["hex"] == b"\nB \n".hex()
    assert plain["asked"][2]["sends"][0]["meaning"] == "STOP"
    assert plain["identity"]["driver"] == "eitp"
    assert plain["identity"]["serial"] == "SIM-1-empty"
    assert "asking with eitp" in said.err  # before it is done


@pytest.fixture
def silent_port():
    own, host_side = os.openpty()
    tty.setraw(host_side)
    yield os.ttyname(host_side)
    os.close(own)
    os.close(host_side)


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_nobody_at_a_port_is_the_boards_error(silent_port, words, capsys):
    assert main(["ports", "--identify", silent_port, "--driver", "eitp", *words]) == 3
    said = capsys.readouterr()
    assert f"nothing answers at {silent_port}" in said.out
    assert f"nobody at {silent_port} answered in a way that eitp understands" in said.err
    if words:
        assert json.loads(said.out)["identity"] is None


def test_the_guess_comes_first(silent_port, monkeypatch, capsys):
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [listed(silent_port, "A1")])
    assert main(["ports", "--identify", silent_port, "--driver", "eitp"]) == 3
    assert capsys.readouterr().out.startswith(f"{silent_port} may be: openeit, possible (an FTDI")


@pytest.mark.parametrize(
    ("words", "exit_code", "told"),
    [
        (["--identify", "/dev/ttyUSB99"], 3, "no port /dev/ttyUSB99"),
        (["--identify", "socket://127.0.0.1:1"], 3, "127.0.0.1:1"),
        (["--identify", "/dev/ttyUSB99", "--driver", "etip"], 2, "did you mean 'eitp'"),
        (["--identify", "run.mcap", "--driver", "replay"], 2, "plays files"),
        (["--driver", "eitp"], 2, "--identify PORT"),
        (["--baud", "9600"], 2, "--identify and --driver"),
        (["--identify", "/dev/ttyUSB99", "--driver", "eitp", "--baud", "-1"], 2, "baud rate is -1"),
    ],
)
def test_mistakes_are_told(words, exit_code, told, capsys):
    assert main(["ports", *words]) == exit_code
    assert told in capsys.readouterr().err

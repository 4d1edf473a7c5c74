"""`eit-rt simulate` as a user runs it."""

import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from eit_rt.cli import main
from eit_rt.commands import simulate
from eit_rt.commands.ending import Ending
from eit_rt.recording import sample
from eit_rt.simulation import Scenario

ROD = sample.find("sample:rod")


def run(*words):
    return main(["simulate", *words])


class Running:
    """The command in a process, from its port line to its end."""

    def __init__(self, *words):
        self.child = subprocess.Popen(
            [sys.executable, "-m", "eit_rt", "simulate", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.first_line = self.child.stdout.readline()

    def end(self, number):
        self.child.send_signal(number)
        out, err = self.child.communicate(timeout=60)
        return self.child.returncode, out, err


def test_the_port_comes_first_and_ctrl_c_ends_it_quietly():
    running = Running("--scenario", "empty", "--pty")
    assert running.first_line.startswith("port: /dev/pts/")
    assert os.path.exists(running.first_line.split()[1])
    code, out, err = running.end(signal.SIGINT)
    assert (code, out) == (0, "")
    assert err == "simulated eitp board: 0 frames sent, 0 dropped\n"


def test_a_link_names_the_port_and_goes_with_it_at_sigterm(tmp_path):
    link = tmp_path / "board"
    running = Running("--scenario", "empty", "--link", str(link))
    assert running.first_line == f"port: {link}\n"
    assert link.is_symlink()
    assert running.end(signal.SIGTERM)[0] == 0
    assert not link.is_symlink()


def test_a_second_board_leaves_the_link_of_the_first(tmp_path, capsys):
    link = tmp_path / "board"
    running = Running("--scenario", "empty", "--link", str(link))
    terminal = os.readlink(link)
    assert run("--scenario", "empty", "--link", str(link), "--duration", "0.1") == 3
    assert f"{link} leads to {terminal}, which another" in capsys.readouterr().err
    assert os.readlink(link) == terminal
    running.child.kill()
    running.child.communicate()
    assert link.is_symlink()
    assert run("--scenario", "empty", "--link", str(link), "--duration", "0.1") == 0
    assert not link.is_symlink()


def test_duration_ends_it(capsys):
    began = time.monotonic()
    assert run("--scenario", "empty", "--tcp", "0", "--duration", "0.3") == 0
    assert time.monotonic() - began >= 0.3
    assert capsys.readouterr().out.startswith("port: socket://127.0.0.1:")


@pytest.mark.parametrize("duration_s", [0.05, 0.3, 60.0])
def test_duration_is_waited_for_in_steps_and_no_longer(duration_s, monkeypatch):
    waits_s = []
    monkeypatch.setattr(simulate.time, "sleep", waits_s.append)
    simulate._wait(SimpleNamespace(is_alive=True), Ending(), duration_s)
    assert sum(waits_s) == pytest.approx(duration_s)
    assert max(waits_s) <= 0.2  # so soon it notices that the board has ended


def test_list_names_and_describes_every_scenario(capsys):
    assert run("--list") == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == Scenario.names()
    assert "one turn in 10 s" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scenario", "rodd"], "drift, empty, loose-electrode"),
        (["--rate", "-5"], "rate_hz: "),
        (["--drop-bytes", "2"], "faults.drop_rate: "),
        (["--stall", "5"], "such as 5/0.5"),
        (["--disconnect", "1/x"], "such as 5/0.5"),
        (["--tcp", "0.0.0.0:0"], "--allow-remote"),
        (["--tcp", "host"], "[HOST:]PORT"),
        (["--tcp", "70000"], "[HOST:]PORT"),
        (["--tcp", "0", "--link", "x"], "leave it out with --tcp"),
        (["--scenario", "playback"], "--recording"),
        (["--board", "openeit", "--recording", str(ROD)], "openeit board cannot play back"),
        (["--board", "sciospec", "--recording", str(ROD)], "leave --board out"),
        (["--max-payload", "9"], "max_payload"),
        (["--tx-bytes", "-1"], "tx_bytes"),
        (["--duration", "-1"], "--duration"),
        (["--dirt", "0.1"], "--drop-bytes"),
        (["--board", "openeit", "--dirt", "-1"], "0 or more"),
        (["--board", "openeit", "--dirt", "nan"], "0 or more"),
        (["--board", "openeit", "--dirt", "2"], "0 to 1"),
        (["--board", "openeit", "--max-payload", "512"], "--max-payload: of the board eitp only"),
        (
            ["--board", "openeit", "--tx-bytes", "1", "--max-payload", "512"],
            "--max-payload and --tx-bytes",
        ),
        (["--board", "openheit"], "known: eitp, openeit"),
    ],
)
def test_mistakes_are_told_with_exit_code_two(words, told, capsys):
    assert run(*words) == 2
    said = capsys.readouterr()
    assert said.err.startswith("eit-rt simulate: ")
    assert told in said.err
    assert said.out == ""


def test_a_missing_recording_is_told(capsys):
    assert run("--recording", "nowhere.mcap") == 6
    assert "nowhere.mcap" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "share"), [([], 0.01), (["--dirt", "0"], 0), (["--dirt", "0.5"], 0.5)]
)
def test_dirt_reaches_an_emulator(words, share, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(
        "eit_rt.commands.simulate._wait", lambda server, ending, duration_s: seen.append(server)
    )
    assert run("--scenario", "empty", "--board", "openeit", "--tcp", "0", *words) == 0
    assert seen[0].board._dirt == share
    assert capsys.readouterr().err.startswith("simulated openeit board: ")


def test_faults_reach_the_board(monkeypatch):
    seen = {}

    def instead(server, ending, duration_s):
        seen.update(server.board.scenario.faults.model_dump())
        seen["seed"] = server.board.scenario.seed

    monkeypatch.setattr("eit_rt.commands.simulate._wait", instead)
    words = "--scenario empty --seed 77 --tcp 0 --drop-bytes 0.1 --flip-bits 0.2 --insert-noise 0.3"
    assert run(*words.split(), "--stall", "5/0.5", "--reboot-at", "9", "--disconnect", "3/1") == 0
    assert seen == {
        "drop_rate": 0.1,
        "flip_rate": 0.2,
        "noise_rate": 0.3,
        "direction": "to_host",
        "stall": {"every_s": 5.0, "for_s": 0.5},
        "reboot_at_s": 9.0,
        "disconnect": {"at_s": 3.0, "for_s": 1.0},
        "seed": 77,
    }

"""The simulated board as a process of its own."""

import os
import re
import subprocess
import sys
import textwrap
import time

import pytest

from eit_rt.boards import open_board
from eit_rt.errors import BoardError
from eit_rt.frames import Frame
from eit_rt.simulation import SimulatorProcess


@pytest.mark.parametrize("kind", ["pty", "tcp"])
def test_a_driver_gets_frames_from_it(kind):
    with SimulatorProcess("empty", kind, "--rate", "20") as simulator:
        assert simulator.is_alive
        with open_board("eitp", simulator.url) as board:
            assert board.configure().rate_hz == 20
            board.start()
            frame = next(item for item in board.frames() if isinstance(item, Frame))
        assert len(frame.values) == 208
        last_words = simulator.stop()
    assert not simulator.is_alive
    assert re.fullmatch(r"simulated eitp board: [1-9]\d* frames? sent, 0 dropped\n", last_words)
    assert simulator.stop() == ""


def test_options_of_an_emulator_are_passed_on():
    words = ("--board", "openeit", "--dirt", "0", "--rate", "50")
    with SimulatorProcess("empty", "pty", *words) as simulator:
        with open_board("openeit", simulator.url) as board:
            assert board.identify().driver == "openeit"
        assert simulator.stop().startswith("simulated openeit board: ")


def test_a_bad_scenario_is_told_by_the_parent():
    with pytest.raises(BoardError, match="no scenario file 'nonsense'"):
        SimulatorProcess("nonsense").start()


def test_it_ends_with_a_parent_that_was_killed():
    parent = textwrap.dedent(
        """
        import os, time
        from eit_rt.simulation import SimulatorProcess
        simulator = SimulatorProcess("empty").start()
        print(simulator.url, simulator._child.pid, flush=True)
        time.sleep(110)
        """
    )
    running = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    _, child = running.stdout.readline().split()
    running.kill()
    running.wait()
    running.stdout.close()
    deadline = time.monotonic() + 30
    while is_running(int(child)):
        assert time.monotonic() < deadline, "the simulator outlived its parent"
        time.sleep(0.02)


def is_running(pid):
    """An orphan that has ended may wait as a zombie for a new parent that does not care."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """A busy machine takes its time to end a process."""
    monkeypatch.setattr("eit_rt.simulation.process.END_S", 30.0)


@pytest.fixture(autouse=True)
def _proc():
    if not os.path.isdir("/proc/self"):
        pytest.skip("needs /proc")

"""The driver on docs/add_a_board.md, as it stands on the page, against a device that speaks like its board."""

import os
import re
import subprocess
import sys
import threading
import time
import tomllib
import tty
import types
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from eit_rt.boards import open_board
from eit_rt.errors import BoardError
from eit_rt.pattern import Pattern
from tests.boards.contract import BoardContract, take
from tests.conftest import REPOSITORY

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "add_a_board.md").read_text()
DRIVER, BINARY, TEST = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(PROJECT,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
N_MEAS = Pattern.by_name("adjacent", 8).n_meas
PERIOD_S = 0.01


class Device:
    """A Bench-8 at the other end of a pseudo-terminal."""

    def __init__(self) -> None:
        self._own, self._host_side = os.openpty()
        tty.setraw(self._host_side)
        os.set_blocking(self._own, False)
        self.url = os.ttyname(self._host_side)
        self.is_mute = False
        self.damage = lambda line, number: line
        self._runs = False
        self._number = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(5)
        os.close(self._own)
        os.close(self._host_side)

    def _serve(self) -> None:
        heard = b""
        while not self._ended.wait(PERIOD_S):
            with suppress(BlockingIOError):
                heard += os.read(self._own, 1000)
            *words, heard = heard.split(b"\n")
            for word in words:
                self._obey(word)
            if self._runs and not self.is_mute:
                os.write(self._own, self.damage(line(self._number), self._number))
                self._number += 1

    def _obey(self, word: bytes) -> None:
        if word == b"who" and not self.is_mute:
            os.write(self._own, b"BENCH-8 0042\n")
        if word in (b"go", b"halt"):
            self._number = 0 if word == b"go" and not self._runs else self._number
            self._runs = word == b"go"


def values_of(number: int) -> np.ndarray:
    values = (np.arange(N_MEAS) + number / 8).astype(np.float32)
    values[3] = np.nan
    return values


def line(number: int) -> bytes:
    numbers = " ".join("x" if np.isnan(v) else f"{1000 * v:.3f}" for v in values_of(number))
    body = f"F {number} {10 * number} {numbers} ".encode()
    return body + b"*%02x\n" % (sum(body) % 256)


@pytest.fixture
def bench8(monkeypatch):
    """The page's module, installed as a plug-in."""
    module = types.ModuleType("bench8_of_the_page")
    exec(compile(DRIVER, "docs/add_a_board.md", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    entry = EntryPoint("bench8", f"{module.__name__}:open_bench8", "eit_rt.boards")
    monkeypatch.setattr("eit_rt.boards.registry.entry_points", lambda group: [entry])
    return module


@pytest.fixture
def device():
    made = Device()
    yield made
    made.close()


class TestBench8(BoardContract):
    @pytest.fixture
    def board(self, bench8, device):
        with open_board("bench8", device.url) as board:
            yield board


def test_the_example_is_short():
    assert len(DRIVER.splitlines()) < 80


def test_frames_are_those_of_the_device(bench8, device):
    with open_board("bench8", device.url, baud=115200) as board:
        assert board.identify().serial == "0042"
        board.configure()
        board.start()
        for frame in take(board, 20):
            assert frame.values == pytest.approx(values_of(frame.sequence), rel=1e-5, nan_ok=True)
            assert frame.t_board_ns == frame.sequence * 10_000_000


def test_a_damaged_line_is_a_fault_and_its_frame_is_lost(bench8, device):
    device.damage = lambda line, number: line.replace(b"1", b"2", 1) if number == 5 else line
    with open_board("bench8", device.url) as board:
        board.configure()
        board.start()
        sequences = [frame.sequence for frame in take(board, 10)]
        assert sequences == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]
        assert board.counters.faults == {"wrong checksum": 1}
        assert board.counters.lost == 1


def test_silence_is_told_and_ends(bench8, device, hasty):
    with open_board("bench8", device.url) as board:
        board.configure()
        board.start()
        take(board, 3)
        device.is_mute = True
        kinds = []
        for item in board.frames():
            kinds.append(getattr(item, "kind", "frame"))
            if kinds[-1] == "stall":
                device.is_mute = False
            if kinds[-1] == "resumed":
                break
        assert "stall" in kinds


def test_a_port_where_nobody_answers_says_so(bench8, device, monkeypatch):
    device.is_mute = True
    monkeypatch.setattr(bench8, "ANSWER_S", 0.2)
    time.sleep(0.05)
    with (
        open_board("bench8", device.url) as board,
        pytest.raises(BoardError, match="nobody calls itself BENCH-8"),
    ):
        board.identify()


def test_the_binary_example_finds_its_packet(capsys):
    exec(compile(BINARY, "docs/add_a_board.md", "exec"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert "not a packet" in first
    assert second.startswith("b'\\xa5Z")


def test_the_page_s_own_test_passes(tmp_path):
    (tmp_path / "bench8.py").write_text(DRIVER)
    (tmp_path / "test_bench8.py").write_text(TEST)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "16 passed" in done.stdout


def test_the_page_s_project_file_names_the_driver():
    entries = tomllib.loads(PROJECT)["project"]["entry-points"]["eit_rt.boards"]
    assert entries == {"bench8": "bench8:open_bench8"}
    assert "def open_bench8(" in DRIVER

"""`eit-rt replay --headless` in a real pseudo-terminal: keys rule playback, the line that is written over tells it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import numpy as np
import pytest

from eit_rt.frames import BoardIdentity, Frame, frozen
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recorder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
PATIENCE_S = 50.0
FRAMES, RATE_HZ = 3000, 50
LEFT, RIGHT = "\x1b[D", "\x1b[C"


class Terminal:
    """A terminal in which eit-rt runs: what it wrote, and what is typed."""

    def __init__(self, columns: int, *words: object, shell: str = "") -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        self.modes = termios.tcgetattr(slave)
        command = [sys.executable, "-m", "eit_rt", *map(str, words)]
        self.process = subprocess.Popen(
            ["sh", "-c", shell, *command] if shell else command,
            stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        self._slave = slave
        self.text = ""

    def read(self, patience_s: float = 0.05) -> bool:
        """Whether anything came."""
        if not select.select([self._master], [], [], patience_s)[0]:
            return False
        self.text += os.read(self._master, 65536).decode(errors="ignore")
        return True

    @property
    def lines(self) -> list[str]:
        """Each state of the line that is written over."""
        return re.findall(r"\r\x1b\[K([^\r\n]+)", self.text)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first line written from now on in which the pattern is found."""
        begin, end = len(self.lines), time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.read()
            # The newest line may not have arrived whole.
            for line in self.lines[begin:-1]:
                if found := re.search(pattern, line):
                    return found
        raise AssertionError(f"waited in vain for {pattern!r}; the end of it: {self.text[-500:]!r}")

    def type(self, keys: str) -> None:
        # What was written before must not be taken for an answer; a busy machine may have let it pile up.
        while self.read(patience_s=0.0):
            pass
        os.write(self._master, keys.encode())

    def frame(self) -> int:
        """Number of the frame that the newest line tells, from 1."""
        return int(self.wait_for(r"frame (\d+) of")[1])

    def still(self) -> int:
        """Number of the frame at which playback stands: the same in five lines."""
        numbers: list[int] = []
        while len(numbers) < 5 or len(set(numbers[-5:])) > 1:
            numbers.append(self.frame())
            assert len(numbers) < 100, f"it does not stand still: {numbers}"
        return numbers[-1]

    def end(self) -> int:
        """The exit code."""
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
        self.read()
        return self.process.wait(timeout=PATIENCE_S)

    def modes_now(self) -> list:
        return termios.tcgetattr(self._slave)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """60 s at 50 frames per second."""
    pattern = Pattern.by_name("adjacent", 16)
    path = tmp_path_factory.mktemp("keys") / "minute.mcap"
    about = About(pattern, Layout.ring(16), BoardIdentity("eitp", "bench", "1"), rate_hz=RATE_HZ)
    values = frozen(np.linspace(1.0, 2.0, pattern.n_meas))
    with Recorder(path, about) as recorder:
        for k in range(FRAMES):
            recorder.write(Frame(values, k, k * 20_000_000, k * 20_000_000))
    return path


@pytest.fixture
def terminal():
    opened = []

    def run(*words, columns=200, **options) -> Terminal:
        opened.append(Terminal(columns, *words, **options))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


@pytest.fixture
def replay(terminal, path):
    def run(*words, **options) -> Terminal:
        opened = terminal("replay", path, "--headless", *words, **options)
        opened.wait_for("frame [0-9]+ of 3000")
        return opened

    return run


def test_the_line_tells_where_it_is_and_how_fast(replay):
    terminal = replay("--speed", 2)
    assert "space pause" in terminal.text
    found = terminal.wait_for(r"^(\d+\.\d) / 60\.0 s, frame (\d+) of 3000, 2x  ")
    assert float(found[1]) == pytest.approx((int(found[2]) - 1) / RATE_HZ, abs=0.051)


def test_space_pauses_and_goes_on(replay):
    terminal = replay()
    terminal.type(" ")
    terminal.wait_for("playback paused")
    held = terminal.still()
    assert [terminal.frame() for _ in range(5)] == [held] * 5
    terminal.type(" ")
    terminal.wait_for(r"1x  ")
    assert terminal.frame() > held


def test_a_dot_pauses_and_plays_single_frames(replay):
    terminal = replay()
    terminal.type(".")
    terminal.wait_for("playback paused")
    held = terminal.still()
    terminal.type("...")
    terminal.wait_for(f"frame {held + 3} of")
    assert terminal.still() == held + 3


@pytest.mark.parametrize("sequence", [RIGHT, "\x1bOC"])
def test_an_arrow_moves_by_one_second(replay, sequence):
    terminal = replay("--from-frame", 1000)
    terminal.type(" ")
    terminal.wait_for("playback paused")
    held = terminal.still()
    terminal.type(sequence)
    terminal.wait_for(f"frame {held + RATE_HZ} of")
    terminal.type(LEFT + LEFT)
    terminal.wait_for(f"frame {held - RATE_HZ} of")


def test_arrows_stop_at_the_ends(replay):
    terminal = replay("--from-frame", 20)
    terminal.type(" ")
    terminal.wait_for("playback paused")
    terminal.type(LEFT * 20)
    terminal.wait_for("frame 1 of 3000, 1x, playback paused")


def test_speed_goes_in_steps_between_a_tenth_and_as_fast_as_possible(replay):
    terminal = replay()
    terminal.type(" ")
    terminal.wait_for("paused")
    for keys, speed in ((",", "0.5x"), (",,", "0.1x"), (",,,;", "0.2x"), (";" * 20 + ",", "100x")):
        terminal.type(keys)
        terminal.wait_for(rf"of 3000, {speed}, playback paused")
    terminal.type(";;;")
    terminal.wait_for("of 3000, max, playback paused")


def test_other_keys_do_nothing(replay):
    terminal = replay()
    terminal.type("\x1b[5~x\x1b[A\x1b[1;5Dy7\x1b")
    for _ in range(5):
        assert "paused" not in terminal.wait_for(".*")[0]
    assert terminal.wait_for(r"of 3000, (\S+)  ")[1] == "1x"


def test_q_quits_in_good_order_and_gives_the_terminal_back(replay, tmp_path):
    terminal = replay("--report", tmp_path / "report.json")
    assert terminal.modes_now() != terminal.modes
    terminal.type("q")
    assert terminal.end() == 0
    assert terminal.modes_now() == terminal.modes
    assert (tmp_path / "report.json").is_file()
    assert "Traceback" not in terminal.text


def test_ctrl_c_ends_it_while_keys_are_listened_to(replay):
    terminal = replay()
    terminal.type("\x03")
    terminal.end()
    assert terminal.modes_now() == terminal.modes
    assert "Traceback" not in terminal.text


def test_without_a_window_the_end_is_the_end(replay):
    terminal = replay("--from-time", 59.5)
    assert terminal.end() == 0


def test_a_narrow_terminal_gets_lines_that_fit(replay):
    terminal = replay(columns=50)
    for _ in range(3):
        terminal.wait_for("frame")
    assert max(map(len, terminal.lines)) <= 49


def test_in_the_background_it_leaves_the_terminal_alone(terminal, path):
    """A background job that changes the terminal is stopped by the system, and would never end."""
    words = ("replay", path, "--headless", "--speed", "max")
    terminal = terminal(*words, shell='set -m; "$0" "$@" <&1 & wait')
    assert terminal.end() == 0
    assert "3000 received" in terminal.text
    assert "space pause" not in terminal.text

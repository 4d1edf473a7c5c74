"""What the tests of drivers for other makers' boards share: an emulator on a port, and its physics to compare with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
import pytest

from eit_rt.boards import Board, open_board
from eit_rt.frames import Event, Frame
from eit_rt.links import Link
from eit_rt.simulation import Scenario, Server
from tests.boards.contract import BoardContract, Listener, items
from tests.simulation.served import served

SHORT = 40
"""Bytes: an answer is shorter, frames are longer."""
CLEAN = {"dirt": 0.0}
FAULTS = {"drop_rate": 1e-3, "flip_rate": 1e-3, "noise_rate": 1e-3, "direction": "to_host"}


@contextmanager
def emulated(
    board: str, scenario: str = "empty", kind: str = "pty", rate_hz: float = 100.0, **options
) -> Iterator[Server]:
    """A vendor's board, faster than the real one. options: `changes` of the scenario, and those of the emulator."""
    wanted = Scenario.load(scenario).changed(rate_hz=rate_hz, **options.pop("changes", {}))
    with served(wanted, kind, board=board, **options) as server:
        yield server


def url_of(board: str, kind: str = "pty"):
    """A fixture: the port of an emulator without dirt, as long as a module's tests run."""

    @pytest.fixture(scope="module")
    def url():
        with emulated(board, kind=kind, **CLEAN) as server:
            yield server.url

    return url


class EmulatedContract(BoardContract):
    """The contract of all drivers, against an emulator at the port that a fixture of the module gives."""

    driver: ClassVar[str]
    options: ClassVar[dict[str, object]] = {}
    port: ClassVar[str] = "url"

    @pytest.fixture
    def board(self, request):
        with open_board(self.driver, request.getfixturevalue(self.port), **self.options) as board:
            yield board


class Chatter:
    """A link that at some point cuts what is long, so that frames are lost, and from then on is never quiet."""

    def __init__(self, link: Link, chatter: bytes) -> None:
        self._link, self._chatter = link, chatter
        self.is_on = False
        self.reads_s: list[float] = []
        """What was asked for since the last write."""

    def read(self, timeout_s: float = 0.05) -> bytes:
        self.reads_s.append(timeout_s)
        if not self.is_on:
            return self._link.read(timeout_s)
        data = self._link.read(min(timeout_s, 0.001))
        return data[-SHORT:] + self._chatter

    def write(self, data: bytes) -> None:
        self.reads_s.clear()
        self._link.write(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._link, name)


class BeginAgainContract(EmulatedContract):
    """The same of drivers that talk to a silent board in a run, and wait for answers."""

    chatter: ClassVar[bytes]
    """Whole messages, or lines, that are no answers."""

    def test_stop_while_it_begins_again_ends_the_frames_in_time(self, board, hasty, monkeypatch):
        """Whatever the driver waits for in a run, it asks all the while whether anybody still wants it."""
        monkeypatch.setattr("eit_rt.boards.plain.ASK_AGAIN_NS", 50_000_000)
        board.configure()
        link = board._link = Chatter(board._link, self.chatter)
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 2)
        link.is_on = True
        listener.wait_for(lambda: "stall" in listener.kinds() and len(link.reads_s) > 20)
        board.stop()
        before = len(link.reads_s)
        listener.join()
        assert sum(link.reads_s[before:]) <= 0.1


def run(board: Board, n_frames: int) -> tuple[list[Frame], list[Event]]:
    """So many frames of a board that is configured and started here, and the events among them."""
    board.configure()
    board.start()
    found = items(board, n_frames)
    board.stop()
    return (
        [one for one in found if isinstance(one, Frame)],
        [one for one in found if isinstance(one, Event)],
    )


def offset_of(frame: Frame, expected, n_search: int) -> int:
    """Which frame of the emulator the driver numbered 0: the emulator ran before the driver came.

    expected: number -> values of that frame. Fails if none is this frame.
    """
    for number in range(n_search):
        if np.array_equal(frame.values, expected(number), equal_nan=True):
            return number - frame.sequence
    raise AssertionError(f"frame {frame.sequence} is none of the emulator's first {n_search}")

"""What the tests of drivers for other makers' boards share: an emulator on a port, and its physics to compare with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
import pytest

from eit_rt.boards import Board, open_board
from eit_rt.frames import Event, Frame
from eit_rt.simulation import Scenario, Server
from tests.boards.contract import BoardContract, items
from tests.simulation.served import served

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

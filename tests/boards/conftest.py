"""Fixtures of the boards' tests."""

import pytest

from eit_rt.boards.eitp import EitpBoard
from tests.boards.device import Bench


@pytest.fixture
def bench():
    """Makes a board driver with a scripted device: bench(**quirks) -> (EitpBoard, Device)."""
    made: list[Bench] = []

    def make(**quirks):
        made.append(Bench(**quirks))
        return EitpBoard(made[-1].link), made[-1].device

    yield make
    for one in made:
        one.close()


@pytest.fixture
def impatient(monkeypatch):
    """Short time-outs, for tests in which nobody answers."""
    monkeypatch.setattr("eit_rt.boards.eitp.IDENTIFY_TIMEOUT_MS", 50)
    ask = EitpBoard._restart.__globals__["Line"].ask
    defaults = (0.1, 2, *ask.__defaults__[2:])
    monkeypatch.setattr(ask, "__defaults__", defaults)

"""Fixtures of the boards' tests."""

import pytest

from eit_rt.boards.eitp import EitpBoard
from eit_rt.simulation import Scenario, simulated_board
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


@pytest.fixture(scope="session")
def empty_tank():
    """Scenario of an empty tank, 200 frames a second."""
    return Scenario.load("empty").changed(rate_hz=200)


@pytest.fixture(scope="module")
def pty_url(empty_tank):
    """Port of a simulated board that is served as long as the module's tests run."""
    with simulated_board(empty_tank, "pty") as server:
        yield server.url


@pytest.fixture(scope="module")
def tcp_url(empty_tank):
    """The same over TCP, with packets so short that a frame goes in parts."""
    with simulated_board(empty_tank, "tcp", max_payload=256) as server:
        yield server.url


@pytest.fixture
def hasty(monkeypatch):
    """A driver that notices silence after 0.3 s and asks again each 0.2 s, so that tests need not wait long."""
    monkeypatch.setattr("eit_rt.boards.stall.LEAST_SILENCE_S", 0.3)
    monkeypatch.setattr("eit_rt.boards.eitp_run.ASK_AGAIN_NS", 200_000_000)


@pytest.fixture
def impatient(monkeypatch):
    """Short time-outs, for tests in which nobody answers."""
    monkeypatch.setattr("eit_rt.boards.eitp.IDENTIFY_TIMEOUT_MS", 50)
    ask = EitpBoard._restart.__globals__["Line"].ask
    defaults = (0.1, 2, *ask.__defaults__[2:])
    monkeypatch.setattr(ask, "__defaults__", defaults)

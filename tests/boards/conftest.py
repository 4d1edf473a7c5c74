"""Fixtures of the boards' tests."""

import pytest

from eit_rt.boards.eitp import EitpBoard
from eit_rt.simulation import Scenario
from tests.boards.device import Bench
from tests.simulation.served import served


@pytest.fixture
def bench():
    """Makes a board driver with a scripted device: bench(clock, **quirks) -> (EitpBoard, Device)."""
    made: list[Bench] = []

    def make(clock=None, **quirks):
        made.append(Bench(clock, **quirks))
        return EitpBoard(made[-1].link, clock=made[-1].clock), made[-1].device

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
    with served(empty_tank, "pty") as server:
        yield server.url


@pytest.fixture(scope="module")
def tcp_url(empty_tank):
    """The same over TCP, with packets so short that a frame goes in parts."""
    with served(empty_tank, "tcp", max_payload=256) as server:
        yield server.url


@pytest.fixture
def hasty(monkeypatch):
    """A driver that notices silence after 0.3 s, so that tests need not wait long."""
    monkeypatch.setattr("eit_rt.boards.stall.LEAST_SILENCE_S", 0.3)


@pytest.fixture
def impatient(monkeypatch):
    """A short time-out, for tests in which nobody answers."""
    monkeypatch.setattr("eit_rt.boards.eitp.IDENTIFY_TIMEOUT_MS", 50)

"""What a descriptor link asks of the system: how long it waits, by a clock that leaps to the end of each wait."""

import os
from types import SimpleNamespace

import pytest

from eit_rt.links import descriptor
from eit_rt.links.descriptor import CHUNK, DISCARD_S, DescriptorLink


class LeapingSystem:
    """Time, `select` and `sleep` of the system: nothing is ready before `ready_s`."""

    def __init__(self, ready_s: float) -> None:
        self.passed_s, self.ready_s = 0.0, ready_s
        self.waits_s: list[float] = []

    def monotonic(self) -> float:
        return 100.0 + self.passed_s

    def select(self, readers, writers, _errors, timeout_s):
        self.waits_s.append(timeout_s)
        if self.passed_s < self.ready_s:
            self.passed_s = min(self.passed_s + timeout_s, self.ready_s)
        is_ready = self.passed_s >= self.ready_s
        return (readers, writers, []) if is_ready else ([], [], [])

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


@pytest.fixture
def leaping(monkeypatch):
    def leaping(ready_s: float) -> LeapingSystem:
        system = LeapingSystem(ready_s)
        monkeypatch.setattr(descriptor, "time", system)
        monkeypatch.setattr(descriptor, "select", SimpleNamespace(select=system.select))
        return system

    return leaping


@pytest.fixture
def link():
    """A link over a pipe that holds ten bytes."""
    reading, writing = os.pipe()
    os.write(writing, b"0123456789")
    yield DescriptorLink("pipe", reading, lambda: None)
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("timeout_s", [0.0, 0.001, 0.05, 0.1, 2.0])
def test_a_read_waits_as_long_as_it_is_asked_to(leaping, link, timeout_s):
    system = leaping(ready_s=60.0)
    assert link.read(timeout_s) == b""
    assert system.passed_s == pytest.approx(timeout_s)
    assert max(system.waits_s) <= 0.05  # so soon it notices that it was closed


def test_a_read_waits_no_longer_than_until_something_arrives(leaping, link):
    system = leaping(ready_s=0.33)
    assert link.read(2.0) == b"0123456789"
    assert system.passed_s == pytest.approx(0.33)


def test_bytes_after_a_silence_are_read_at_once_and_dribbling_ones_in_batches(leaping, link):
    system = leaping(ready_s=0.0)
    assert link.read(2.0)
    assert system.passed_s == 0
    link._receive = lambda: b"x"
    for _ in range(1000):
        assert link.read(2.0) == b"x"
    assert system.passed_s == pytest.approx(0.5)  # 2000 reads a second
    link._receive = lambda: bytes(CHUNK)
    assert link.read(2.0)
    before_s = system.passed_s
    assert link.read(2.0)
    assert system.passed_s == before_s


def test_a_flood_is_discarded_for_a_while_and_one_look_is_taken_however_late(leaping, link):
    system = leaping(ready_s=0.0)
    reads_s: list[float] = []

    def receive() -> bytes:
        reads_s.append(system.passed_s)
        system.passed_s += 0.03
        return bytes(CHUNK)

    link._receive = receive
    link.discard_input()
    assert reads_s[-1] < DISCARD_S <= reads_s[-1] + 0.03
    select = system.select

    def held_up(*words):
        system.passed_s += 10.0
        return select(*words)

    descriptor.select.select = held_up
    before = len(reads_s)
    link.discard_input()
    assert len(reads_s) == before + 1

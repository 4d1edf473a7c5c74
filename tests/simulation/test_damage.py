"""Damage to bytes: as often as told, the same for the same seed, however the stream is cut."""

import itertools

import numpy as np
import pytest

from eit_rt.simulation.damage import Damage
from eit_rt.simulation.sections import Faults

STREAM = np.random.default_rng(1).bytes(200_000)
ALL = Faults(drop_rate=0.001, flip_rate=0.002, noise_rate=0.0005)


def cut(data, sizes):
    sizes, place = itertools.cycle(sizes), 0
    while place < len(data):
        size = next(sizes)
        yield data[place : place + size]
        place += size


@pytest.mark.parametrize("sizes", [[1], [7, 64, 3], [4096], [99_991]])
def test_cuts_do_not_matter(sizes):
    whole = Damage(ALL, 5).apply(STREAM)
    damage = Damage(ALL, 5)
    assert b"".join(damage.apply(part) for part in cut(STREAM, sizes)) == whole != STREAM


def test_seeds_and_directions_differ():
    results = {Damage(ALL, 5).apply(STREAM), Damage(ALL, 6).apply(STREAM)}
    results.add(Damage(ALL, 5, reverse=True).apply(STREAM))
    assert len(results) == 3


def test_bytes_are_lost_as_often_as_told():
    lost = len(STREAM) - len(Damage(Faults(drop_rate=0.01), 1).apply(STREAM))
    assert lost == pytest.approx(2000, abs=150)


def test_single_bits_are_flipped_as_often_as_told():
    arrived = np.frombuffer(Damage(Faults(flip_rate=0.01), 1).apply(STREAM), np.uint8)
    wrong = arrived ^ np.frombuffer(STREAM, np.uint8)
    flipped = wrong[wrong > 0]
    assert len(flipped) == pytest.approx(2000, abs=150)
    assert set(np.unpackbits(flipped[:, None], axis=1).sum(axis=1)) == {1}
    assert len(set(flipped)) == 8


def test_noise_is_put_in_and_nothing_is_lost():
    arrived = Damage(Faults(noise_rate=0.001), 1).apply(STREAM)
    assert len(arrived) - len(STREAM) == pytest.approx(200 * 4.5, rel=0.25)
    rest = iter(arrived)
    assert all(byte in rest for byte in STREAM)


def test_a_clean_line_changes_nothing():
    assert Damage(Faults(), 1).apply(STREAM) is STREAM


def test_the_worst_line_lets_nothing_through():
    assert Damage(Faults(drop_rate=1.0), 1).apply(STREAM) == b""

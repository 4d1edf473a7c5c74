"""Packets are found however the bytes are cut, and damage is told once a stretch."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eit_rt.boards.found import Fault
from eit_rt.boards.packets import Packets

MARK, SIZE = b"\xa5\x5a", 10


def is_sound(packet: bytes) -> bool:
    return packet[-1] == sum(packet[:-1]) % 256


def packet(number: int) -> bytes:
    body = MARK + bytes([number, *range(6)])
    return body + bytes([sum(body) % 256])


def fed(data: bytes, cuts=(), **more) -> list[bytes | Fault]:
    packets = Packets(MARK, SIZE, is_sound, **more)
    places = [0, *sorted(cuts), len(data)]
    return [one for a, b in pairwise(places) for one in packets.feed(data[a:b])]


STREAM = b"".join(map(packet, range(20)))


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_cuts_do_not_matter(cuts):
    assert fed(STREAM, cuts) == [packet(k) for k in range(20)]


def test_a_stretch_of_noise_is_one_fault_and_costs_no_packet():
    noise = bytes(range(100)) + b"\xa5"
    assert fed(packet(1) + noise + packet(2)) == [packet(1), Fault("not a packet"), packet(2)]


def test_a_damaged_packet_is_one_fault():
    damaged = bytearray(STREAM)
    damaged[SIZE + 4] ^= 1
    found = fed(bytes(damaged))
    assert found == [packet(0), Fault("wrong checksum"), *map(packet, range(2, 20))]


def test_a_whole_packet_behind_a_cut_off_one_is_found():
    assert fed(packet(1)[:6] + packet(2)) == [Fault("wrong checksum"), packet(2)]


def test_the_rest_of_a_packet_at_the_beginning_is_no_fault_when_joining():
    rest = packet(1)[4:]
    assert fed(rest + packet(2), joins_midway=True) == [packet(2)]
    assert fed(rest + packet(2)) == [Fault("not a packet"), packet(2)]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_nothing_is_raised_and_little_is_kept(seed):
    rng = np.random.default_rng(seed)
    packets = Packets(MARK, SIZE, is_sound)
    for _ in range(200):
        packets.feed(
            rng.choice([0xA5, 0x5A, 0, 7], int(rng.integers(0, 40))).astype("u1").tobytes()
        )
        assert len(packets._bytes) < 2 * SIZE

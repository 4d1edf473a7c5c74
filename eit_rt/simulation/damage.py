"""Damage: what a bad line does to bytes. Lost bytes, flipped bits, bursts of noise, at seeded places in the stream.

Imports chance. The rule it keeps: the places are counted in bytes of the stream, so the damage is the same however the
bytes are cut into writes.
"""

import numpy as np

from eit_rt.simulation.chance import Purpose, numbers
from eit_rt.simulation.sections import Faults

LONGEST_BURST = 8
OTHER_DIRECTION = 1_000
"""Offset of the counter, so that the two directions of a line are damaged at different places."""


ONE_BYTE = ("another byte", "a bit flipped", "a byte lost", "a byte put in")
"""What can happen to a single byte."""


def one_byte(data: bytes, place: int, kind: str, chance: np.random.Generator) -> bytes:
    """The bytes with one damaged. kind: of ONE_BYTE."""
    before, byte, after = data[:place], data[place], data[place + 1 :]
    if kind == "another byte":
        return before + bytes([(byte + int(chance.integers(1, 256))) % 256]) + after
    if kind == "a bit flipped":
        return before + bytes([byte ^ (1 << int(chance.integers(8)))]) + after
    if kind == "a byte lost":
        return before + after
    return before + bytes([int(chance.integers(256)), byte]) + after


class _Places:
    """Ever-growing byte positions; the gaps are geometric, so each byte is hit with the same chance."""

    def __init__(self, rate: float, seed: int, purpose: Purpose, counter: int) -> None:
        self._chance = numbers(seed, purpose, counter)
        # What happens at a place has numbers of its own: drawn between the gaps, they would depend on the cuts.
        self.details = numbers(seed, purpose, counter + 1)
        self._rate = rate
        self._next = -1
        self._advance()

    def within(self, start: int, length: int) -> list[int]:
        """Offsets from start of the bytes that are hit among `length`."""
        hit = []
        while 0 <= self._next < start + length:
            hit.append(self._next - start)
            self._advance()
        return hit

    def _advance(self) -> None:
        if self._rate > 0:
            self._next += int(self._chance.geometric(self._rate))


class Damage:
    """Damages one direction of a line. Feed it every byte of the stream, in order."""

    def __init__(self, faults: Faults, seed: int, *, reverse: bool = False) -> None:
        counter = OTHER_DIRECTION if reverse else 0
        self._is_off = not (faults.drop_rate or faults.flip_rate or faults.noise_rate)
        self._drop = _Places(faults.drop_rate, seed, Purpose.DROP, counter)
        self._flip = _Places(faults.flip_rate, seed, Purpose.FLIP, counter)
        self._burst = _Places(faults.noise_rate, seed, Purpose.BURST, counter)
        self._seen = 0

    def apply(self, data: bytes) -> bytes:
        """The bytes that arrive when `data` is sent."""
        if self._is_off or not data:
            return data
        bits = {
            place: self._flip.details.integers(8) for place in self._flip.within(*self._span(data))
        }
        lost = set(self._drop.within(*self._span(data)))
        bursts = {place: self._noise() for place in self._burst.within(*self._span(data))}
        self._seen += len(data)
        if not (bits or lost or bursts):
            return data
        arrived = bytearray()
        for place, byte in enumerate(data):
            arrived += bursts.get(place, b"")
            if place not in lost:
                arrived.append(byte ^ (1 << int(bits[place])) if place in bits else byte)
        return bytes(arrived)

    def _span(self, data: bytes) -> tuple[int, int]:
        return self._seen, len(data)

    def _noise(self) -> bytes:
        return self._burst.details.bytes(int(self._burst.details.integers(1, LONGEST_BURST + 1)))

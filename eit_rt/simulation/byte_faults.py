"""Byte faults: what becomes of single damaged bytes in the values of boards whose format has no checksum.

Imports damage. The rule it keeps: the driver's own decoder and judgement look at all frames in order, most of them
sound; what it cannot see is measured against the noise of those frames.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from eit_rt.simulation.damage import one_byte

LARGE = 10.0
"""Changes above so many times the noise are counted apart."""

Values = NDArray[Any]


class Heard(NamedTuple):
    """A frame as a driver gives it on."""

    values: Values
    """(n_meas,) NaN where missing or doubted."""
    is_marked: bool
    """Something in it was out of form."""


class Sent(Protocol):
    """What a board sends, frame by frame, again and again."""

    noise: float
    """Of a value, in its unit."""
    settled: int
    """Sound frames before the first fault."""
    every: int
    """One frame of so many is damaged."""

    def data(self, number: int) -> bytes: ...

    def true(self, number: int) -> Values:
        """(n_meas,) what is to be made of `data`."""

    def place(self, sound: bytes, chance: np.random.Generator) -> int:
        """Any byte among the values."""

    def listener(self) -> Callable[[bytes], Heard | None]:
        """A driver that has heard nothing yet: bytes of a frame in, the frame out; None if it is lost."""

    def change(self, sound: bytes, damaged: bytes) -> float | None:
        """By how much a damaged byte changes values if nobody looks; None where that is nothing to judge by."""


@dataclass(slots=True)
class Tally:
    """What became of faults."""

    ends: Counter[str] = field(default_factory=Counter)
    """How many were "seen by form", "doubted", "harmless", "not seen"."""
    unseen: list[float] = field(default_factory=list)
    """How wrong the worst value of those is that were not seen, in times the noise."""
    changes: list[float] = field(default_factory=list)
    """What faults would change if nobody looked, in times the noise; only of formats where each byte changes values."""
    n_false: int = 0
    """Sound values that are missing."""
    n_spoiled: int = 0
    """Sound frames that were lost or came wrong."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.ends + other.ends,
            self.unseen + other.unseen,
            self.changes + other.changes,
            self.n_false + other.n_false,
            self.n_spoiled + other.n_spoiled,
        )

    @property
    def n_faults(self) -> int:
        return self.ends.total()

    def share(self, end: str) -> float:
        """Of all faults."""
        return self.ends[end] / self.n_faults

    def unseen_above(self, times: float) -> float:
        """Share of all faults that were not seen and change a value by more than so many times the noise."""
        return sum(size > times for size in self.unseen) / self.n_faults

    @property
    def below_noise(self) -> float | None:
        """Share of all faults that change values by less than the noise, seen or not; None if that is not known."""
        if not self.changes:
            return None
        return sum(change < 1 for change in self.changes) / self.n_faults


def tally(sent: Sent, kind: str, n_faults: int, seed: Sequence[int] | int) -> Tally:
    """Faults of one kind (of `damage.ONE_BYTE`), one after the other, each in a frame of its own."""
    chance, hear, found = np.random.default_rng(seed), sent.listener(), Tally()
    for number in range(sent.settled + sent.every * n_faults):
        sound, true = sent.data(number), sent.true(number)
        if number < sent.settled or number % sent.every:
            _count_sound(found, hear(sound), true)
            continue
        damaged = one_byte(sound, sent.place(sound, chance), kind, chance)
        _count_fault(found, hear(damaged), true, sent.noise)
        if (change := sent.change(sound, damaged)) is not None:
            found.changes.append(change / sent.noise)
    return found


def _count_sound(found: Tally, heard: Heard | None, true: Values) -> None:
    if heard is None:
        found.n_spoiled += 1
        return
    found.n_spoiled += bool(_off(heard.values, true).any())
    found.n_false += int(np.count_nonzero(_lost(heard.values, true)))


def _count_fault(found: Tally, heard: Heard | None, true: Values, noise: float) -> None:
    if heard is None:
        end = "seen by form"
    elif (off := _off(heard.values, true)).any():
        end = "not seen"
        found.unseen.append(float(off.max()) / noise)
    elif _lost(heard.values, true).any():
        end = "seen by form" if heard.is_marked else "doubted"
    else:
        end = "harmless"
    found.ends[end] += 1


def _off(values: Values, true: Values) -> Values:
    """(n_meas,) how wrong each value is; 0 where it is missing."""
    return np.asarray(np.nan_to_num(np.abs(values - true)))


def _lost(values: Values, true: Values) -> NDArray[np.bool_]:
    return np.asarray(np.isnan(values) & ~np.isnan(true))

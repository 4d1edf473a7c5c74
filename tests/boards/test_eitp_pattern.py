"""Ring steps of a pattern: found for every pattern that has them, never for another."""

import numpy as np
import pytest

from eit_rt.boards.eitp_pattern import hash_of, ring_of
from eit_rt.pattern import Pattern
from eit_rt.protocol import PatternFlag

NAMES = [
    "adjacent", "adjacent-all", "adjacent-rotated", "opposite", "opposite-all-rotated",
    "skip2", "skip4/skip0", "skip3/skip1-rotated",
]  # fmt: skip


@pytest.mark.parametrize("n", [8, 13, 16, 32])
@pytest.mark.parametrize("name", NAMES)
def test_the_steps_make_the_same_pattern_again(name, n):
    wanted = Pattern.by_name(name, n)
    ring = ring_of(wanted)
    assert ring is not None
    made = Pattern.skip(
        n,
        ring.drive_step,
        ring.sense_step,
        driven=PatternFlag.DRIVEN in ring.flags,
        rotated=PatternFlag.ROTATED in ring.flags,
    )
    assert made.sha256 == wanted.sha256
    assert Pattern.by_name(ring.name(n), n) == wanted


def test_rows_with_both_pairs_swapped_are_the_same_pattern():
    wanted = Pattern.by_name("adjacent", 16)
    swapped = Pattern.pairwise(wanted.table[:, [1, 0, 3, 2]], 16)
    assert ring_of(swapped) == ring_of(wanted)


@pytest.mark.parametrize("name", ["adjacent-half", "skip4-next1", "trig"])
def test_other_patterns_have_no_steps(name):
    assert ring_of(Pattern.by_name(name, 16)) is None


def test_one_changed_row_is_another_pattern():
    table = Pattern.by_name("adjacent", 16).table.copy()
    table[100, 2:] = table[100, [3, 2]]
    assert ring_of(Pattern.pairwise(table, 16)) is None
    table = Pattern.by_name("adjacent", 16).table[::-1]
    assert ring_of(Pattern.pairwise(table, 16)) is None


def test_the_hash_is_the_first_eight_bytes_of_the_patterns():
    pattern = Pattern.by_name("adjacent", 16)
    assert hash_of(pattern).hex() == pattern.sha256[:16]


def test_many_electrodes_take_no_long_search():
    table = Pattern.by_name("adjacent", 64).table
    assert len(table) == 3904
    assert ring_of(Pattern.pairwise(np.array(table), 64)) is not None

"""Silence and its end, with the clock in the test's hands."""

import pytest

from eit_rt.boards.digest import Digest
from eit_rt.boards.stall import StallWatch

S = 1_000_000_000


@pytest.mark.parametrize(
    ("rate_hz", "limit_s"), [(100.0, 1.0), (5.0, 1.0), (4.0, 1.25), (0.5, 10.0), (0.0, 1.0)]
)
def test_a_stall_is_one_second_or_five_frame_times(rate_hz, limit_s):
    watch = StallWatch(rate_hz, 0)
    assert watch.look(int(limit_s * S) - 1) is None
    event = watch.look(int(limit_s * S))
    assert event.kind == "stall"


def test_a_stall_is_told_once_and_its_end_once():
    watch = StallWatch(100.0, 0)
    assert watch.frame_came(S // 2) is None
    assert watch.look(S) is None
    assert watch.look(2 * S) is not None
    assert watch.look(3 * S) is None
    assert watch.is_stalled
    resumed = watch.frame_came(4 * S)
    assert resumed.kind == "resumed"
    assert "3.5 s" in resumed.text
    assert watch.frame_came(4 * S + 1) is None
    assert not watch.is_stalled


def test_a_new_beginning_forgets_the_stall():
    watch = StallWatch(100.0, 0)
    watch.look(2 * S)
    watch.begin(5 * S)
    assert watch.look(5 * S + S // 2) is None
    assert watch.frame_came(5 * S + S // 2) is None


def test_the_first_fault_is_told_at_once_and_those_of_the_next_second_together():
    digest = Digest("fault", "damaged bytes")
    assert digest.due(0) is None
    digest.add("bad_crc")
    first = digest.due(10)
    assert (first.kind, first.count, first.text) == ("fault", 1, "damaged bytes: 1 bad_crc")
    for _ in range(500):
        digest.add("bad_crc")
    digest.add("bad_cobs", 3)
    assert digest.due(S // 2) is None
    second = digest.due(10 + S)
    assert second.count == 503
    assert second.text == "damaged bytes: 3 bad_cobs, 500 bad_crc"
    assert digest.due(5 * S) is None


def test_what_is_untold_at_the_end_is_told_then():
    digest = Digest("lost", "frames are missing")
    digest.add("x")
    digest.due(0)
    digest.add("x", 2)
    digest.add("y", 0)
    assert digest.rest(1).count == 2
    assert digest.rest(2) is None

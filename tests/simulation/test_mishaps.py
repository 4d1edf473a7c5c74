"""The timetable of stalls, disconnection and reboot."""

from itertools import pairwise
from math import inf

import pytest

from eit_rt.simulation.mishaps import Mishaps
from eit_rt.simulation.sections import Disconnection, Faults, Stall


def test_nothing_happens_by_itself():
    calm = Mishaps(Faults())
    assert not calm.is_stalled(3.0)
    assert not calm.is_disconnected(3.0)
    assert not calm.reboots(0.0, 1e9)
    assert calm.next_change(3.0) == inf


@pytest.mark.parametrize(
    ("now_s", "stalled", "change_s"),
    [(0, False, 4.5), (4.4, False, 4.5), (4.5, True, 5), (4.9, True, 5), (5, False, 9.5), (9.6, True, 10)],
)  # fmt: skip
def test_stalls_end_each_stretch(now_s, stalled, change_s):
    line = Mishaps(Faults(stall=Stall(every_s=5, for_s=0.5)))
    assert line.is_stalled(now_s) is stalled
    assert line.next_change(now_s) == pytest.approx(change_s)


@pytest.mark.parametrize(
    ("now_s", "gone", "change_s"), [(1.9, False, 2), (2, True, 5), (4.9, True, 5), (5, False, inf)]
)
def test_disconnection(now_s, gone, change_s):
    line = Mishaps(Faults(disconnect=Disconnection(at_s=2, for_s=3)))
    assert line.is_disconnected(now_s) is gone
    assert line.next_change(now_s) == change_s


def test_a_reboot_happens_once():
    line = Mishaps(Faults(reboot_at_s=2.0))
    times = [0.0, 1.0, 1.999, 2.0, 2.001, 3.0]
    assert [line.reboots(a, b) for a, b in pairwise(times)].count(True) == 1

"""The tally of damaged bytes: drivers that believe everything or nothing, and the bench that prints it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eit_rt.simulation.byte_faults import Heard, tally
from eit_rt.simulation.damage import ONE_BYTE
from eit_rt.simulation.faulty_boards import CASES

BENCH = Path(__file__).resolve().parents[2] / "bench" / "byte_faults.py"
N_MEAS, N_FAULTS = 20, 60


class Bytes:
    """A board that sends each value as one byte, and a driver that judges as it is told."""

    noise, settled, every = 4.0, 3, 2

    def __init__(self, judge):
        self._judge = judge

    def data(self, number):
        return bytes((number + k) % 256 for k in range(N_MEAS))

    def true(self, number):
        return np.frombuffer(self.data(number), np.uint8).astype(np.float32)

    def place(self, sound, chance):
        return int(chance.integers(len(sound)))

    def listener(self):
        numbers = iter(range(10**6))

        def hear(data):
            true = self.true(next(numbers))
            if len(data) != N_MEAS:
                return None
            values = np.frombuffer(data, np.uint8).astype(np.float32)
            return self._judge(values, values != true)

        return hear

    def change(self, sound, damaged):
        values = [np.frombuffer(data, np.uint8).astype(float) for data in (sound, damaged)]
        return None if len(damaged) != N_MEAS else float(np.abs(values[1] - values[0]).max())


def trusting(values, is_wrong):
    return Heard(values, False)


def doubting(values, is_wrong):
    values[is_wrong] = np.nan
    return Heard(values, False)


def marking(values, is_wrong):
    values[is_wrong] = np.nan
    return Heard(values, bool(is_wrong.any()))


def timid(values, is_wrong):
    values[:2] = np.nan
    return Heard(values, False)


@pytest.mark.parametrize(
    ("judge", "end"),
    [(trusting, "not seen"), (doubting, "doubted"), (marking, "seen by form")],
)
def test_faults_end_as_the_driver_judges(judge, end):
    found = tally(Bytes(judge), "another byte", N_FAULTS, seed=1)
    assert found.ends == {end: N_FAULTS}
    assert (found.n_false, found.n_spoiled) == (0, 0)
    assert len(found.unseen) == (N_FAULTS if end == "not seen" else 0)


def test_unseen_faults_are_measured_by_the_noise():
    found = tally(Bytes(trusting), "a bit flipped", N_FAULTS, seed=1)
    # Bits 0 to 7, over a noise of 4.
    assert {size * 4 for size in found.unseen} == {2**k for k in range(8)}
    assert found.unseen == found.changes
    large = sum(size > 10 for size in found.unseen) / N_FAULTS
    assert found.unseen_above(10) == large > 0
    assert found.below_noise == sum(size < 1 for size in found.unseen) / N_FAULTS > 0


def test_frames_that_are_lost_are_seen_and_changes_are_not_known():
    found = tally(Bytes(trusting), "a byte lost", N_FAULTS, seed=1)
    assert found.ends == {"seen by form": N_FAULTS}
    assert found.below_noise is None


def test_sound_values_that_are_missing_are_counted():
    found = tally(Bytes(timid), "another byte", N_FAULTS, seed=1)
    assert found.n_false == 2 * (3 + N_FAULTS)  # three before, and one of two after it


def test_faults_of_all_damages_add_up():
    kinds = [tally(Bytes(trusting), kind, N_FAULTS, seed=1) for kind in ONE_BYTE]
    total = kinds[0] + kinds[1] + kinds[2] + kinds[3]
    assert total.n_faults == 4 * N_FAULTS
    assert total.share("not seen") == 0.5
    assert len(total.unseen) == len(total.changes) == 2 * N_FAULTS


def bench(*words):
    return subprocess.run(
        [sys.executable, str(BENCH), *words], capture_output=True, text=True, check=False
    )


def test_the_bench_prints_a_row_for_each_damage():
    done = bench("--board", "openeit", "--faults", "5")
    assert done.returncode == 0, done.stderr
    head, board, *rows = filter(None, done.stdout.splitlines())
    assert "above 10x" in head
    assert board == "openeit"
    assert [row[:16].strip() for row in rows] == [*ONE_BYTE, "all"]
    assert len({len(line) for line in (head, *rows)}) == 1


@pytest.mark.parametrize("words", [("--board", "eitp"), ("--faults", "0")])
def test_the_bench_refuses_what_it_cannot_do(words):
    assert bench(*words).returncode == 2


def test_every_board_without_a_checksum_has_a_case():
    assert {name.partition(" ")[0] for name in CASES} == {"openeit", "cn0565", "sciospec"}

"""The emulated OpenEIT board: its bytes, its line, its two-byte receive buffer, its dirt. Time is handed in."""

import re
from math import inf

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.simulation import Scenario
from eit_rt.simulation.openeit import DIRT, GREETING, SETTLE_S, OpenEitEmulator
from eit_rt.simulation.openeit_modes import STEPS_PER_OHM, line_of, number_of
from tests.simulation.served import served

EMPTY = Scenario.load("empty")
VALUE = rb"[ \d]{8}\.\d{4},"


class Bench:
    """A board whose bytes are collected while its time passes."""

    def __init__(self, scenario: Scenario = EMPTY, **options) -> None:
        self.board = OpenEitEmulator(scenario, **({"dirt": 0.0} | options))
        self.now_s = 0.0
        self.board.boot(0.0)

    def run(self, seconds: float) -> bytes:
        end_s, heard = self.now_s + seconds, b""
        while self.now_s < end_s:
            due_s = self.board.next_due(self.now_s)
            self.now_s = min(max(due_s, self.now_s + 1e-6), end_s)
            self.board.tick(self.now_s)
            heard += self.board.outbox.take(1 << 16)
        return heard

    def hear(self, data: bytes) -> None:
        self.board.feed(data, self.now_s)


def fast(rate_hz: float = 100.0, **changes) -> Scenario:
    return EMPTY.changed(rate_hz=rate_hz, **changes)


def counts_of(heard: bytes) -> list[int]:
    """Numbers of values of the whole lines."""
    return [line.count(b",") for line in heard.split(b"\r\n")[:-1] if b"magnitudes: " in line]


# -- bytes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        (1975, b"     123.4375"),
        (0, b"       0.0000"),
        (1, b"       0.0625"),
        (0x7FFFFFFF, b"134217727.9375"),
    ],
)
def test_numbers_are_printed_as_the_firmware_does(steps, text):
    assert number_of(steps) == text


def test_a_line_is_a_label_and_values_of_fourteen_bytes():
    line = line_of(np.array([1975, 1889, 1560]))
    assert line == b"magnitudes:      123.4375,     118.0625,      97.5000,\r\n"
    for n_meas, n_bytes in ((32, 462), (192, 2702), (896, 12558)):
        assert len(line_of(np.full(n_meas, 1600))) == n_bytes


def test_it_greets_and_streams_sixteen_electrodes_unasked():
    heard = Bench(fast()).run(0.5)
    assert heard.startswith(GREETING + b"magnitudes: ")
    assert set(counts_of(heard)) == {192}
    assert re.fullmatch(GREETING + rb"(magnitudes: (" + VALUE + rb"){192}\r\n)+", heard)


def test_values_are_the_tank_s_in_sixteenths_of_an_ohm():
    bench = Bench(fast())
    line = bench.run(0.1).split(b"\r\n")[2]
    printed = [float(word) for word in line.partition(b":")[2].split(b",")[:-1]]
    source = bench.board._measuring(bench.board.scenario.make_pattern(), 100.0)
    ohm = np.abs(source.reading(2).values) / source.amplitude_a
    assert np.abs(printed - ohm).max() <= 0.5 / STEPS_PER_OHM + 1e-3
    assert 50 < np.median(ohm) < 200


def test_the_line_s_speed_sets_the_rate():
    bench = Bench()
    bench.run(SETTLE_S)
    heard = bench.run(10.0)
    assert len(heard) == pytest.approx(10 * 11520, rel=0.05)
    assert len(counts_of(heard)) == pytest.approx(10 * 4.26, abs=2)


def test_an_electrode_that_is_off_drives_no_current():
    loose = [{"electrode": 3, "from_s": 0.0}]
    board = Bench(fast(electrode_faults=loose)).board
    table = board.scenario.make_pattern().table
    assert np.array_equal(board.mode.steps(0) == 0, (table[:, :2] == 2).any(axis=1))


# -- commands --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "says", "n_values"),
    [
        (b"c", b"mode 3: 8 electrode imaging\n", 32),
        (b"e", b"mode 3: 32 electrode imaging\n", 896),
    ],
)
def test_a_letter_changes_the_mode_between_frames(letter, says, n_values):
    bench = Bench(fast())
    bench.run(0.5)
    bench.hear(letter + b"\n")
    before, said, after = bench.run(1.0).partition(says)
    assert said
    assert set(counts_of(before)) <= {192}
    assert before.endswith(b"\r\n")
    assert set(counts_of(after)) == {n_values}


def test_the_mode_that_it_is_in_already_changes_nothing():
    bench = Bench(fast())
    bench.run(0.5)
    bench.hear(b"d\n")
    assert b"mode" not in bench.run(0.5)


@pytest.mark.parametrize("words", [[b"c", b"\n"], [b"c\r"], [b"\nc"], [b"x\n"], [b"C\n"]])
def test_half_a_command_and_other_words_are_lost(words):
    bench = Bench(fast())
    bench.run(0.5)
    for word in words:
        bench.hear(word)
        assert b"mode" not in bench.run(0.1)


def test_the_buffer_keeps_the_line_feed_of_the_last_command():
    bench = Bench(fast())
    bench.hear(b"c\n")
    bench.run(0.1)
    bench.hear(b"d")
    assert b"mode 4" in bench.run(0.1)


def test_a_third_byte_within_a_frame_hangs_it_until_power_comes_back():
    bench = Bench(fast())
    bench.run(0.5)
    bench.hear(b"c\nd")
    assert bench.board.is_hung
    assert bench.run(2.0) == b""
    assert bench.board.next_due(bench.now_s) == inf
    bench.board.crash(bench.now_s)
    assert bench.run(0.5).startswith(GREETING)


def test_power_brings_the_first_mode_back():
    bench = Bench(fast())
    bench.hear(b"c\n")
    bench.run(0.5)
    bench.board.crash(bench.now_s)
    assert set(counts_of(bench.run(0.5))) == {192}


def test_modes_without_pictures_print_single_values():
    bench = Bench(fast())
    bench.hear(b"a\n")
    heard = bench.run(0.5).partition(b"mode 1: time series\n")[2]
    assert re.fullmatch(rb"([ \d]{8}\.\d{4} \r\n)+", heard)
    bench.hear(b"b\n")
    heard = bench.run(0.5).partition(b"mode 2: bioimpedance spectroscopy\nend initialize\n")[2]
    lines = heard.split(b"\r\n")
    assert re.fullmatch(rb"magnitudes:200;[ \d]{8}\.\d{4} ", lines[0])
    assert re.fullmatch(rb"magnitudes:70000;[ \d]{8}\.\d{4} ", lines[14])


def test_changing_the_mode_takes_its_time_on_the_real_line():
    bench = Bench()
    bench.run(2.0)
    bench.hear(b"c\n")
    heard = bench.run(2.5).partition(b"imaging\n")[2]
    assert len(counts_of(heard)) < 24.9 * 2.5 - 24.9 * SETTLE_S


# -- dirt ------------------------------------------------------------------------------------------------------


def test_dirt_is_the_same_for_the_same_seed_and_counted():
    first, second = Bench(fast(), dirt=0.5), Bench(fast(), dirt=0.5)
    assert first.run(2.0) == second.run(2.0)
    made = first.board.dirt_made
    assert made == second.board.dirt_made
    frames = range(first.board.frames_made)
    assert made == {kind: sum(first.board.dirt_of(k) == kind for k in frames) for kind in DIRT}
    assert made.total() == pytest.approx(100, abs=25)


def test_each_dirt_is_what_it_is_called():
    heard = Bench(fast(), dirt=0.5).run(3.0)
    for trace in (
        b"FAILED Impedance Measurement",
        b"Impedance Measurement FAILED",
        b"number of measures is 0\n",
    ):
        assert trace in heard
    assert re.search(rb"\d{4},[ \d.,]*mode 4: 16 electrode imaging\n[ \d.,]+\r\n", heard)
    assert re.search(rb"[\x80-\xff]{3}", heard)
    assert min(counts_of(heard)) < 192


def test_there_is_little_dirt_by_default_and_none_if_none_is_wanted():
    board, clean = OpenEitEmulator(fast()), OpenEitEmulator(fast(), dirt=0.0)
    assert 2 < sum(bool(board.dirt_of(k)) for k in range(1000)) < 25
    assert not any(clean.dirt_of(k) for k in range(1000))


@pytest.mark.parametrize("dirt", [-0.1, 1.1])
def test_impossible_dirt_is_refused(dirt):
    with pytest.raises(ConfigError, match="0 to 1"):
        OpenEitEmulator(EMPTY, dirt=dirt)


def test_a_tank_that_does_not_fit_is_refused():
    scenario = EMPTY.changed(layout={"n_electrodes": 12})
    with pytest.raises(ConfigError, match="12 electrodes"):
        served(scenario, board="openeit")

"""The CN0565 driver against the emulated board: contract, values, dirt, faults, power cycles, what it cannot do."""

import re
from math import inf
from typing import ClassVar

import numpy as np
import pytest

from eit_rt.boards import open_board, open_reconnecting
from eit_rt.boards.cn0565 import POINT_S, Cn0565Board
from eit_rt.errors import BoardError, ConfigError, MismatchError
from eit_rt.frames import ValueKind
from eit_rt.links import MemoryLink
from eit_rt.pattern import Pattern
from eit_rt.simulation import Scenario
from eit_rt.simulation.cn0565 import DIRT, FULL_SCALE_V
from eit_rt.simulation.source import open_source
from tests.boards.contract import Listener, take, wait_for
from tests.boards.emulated import CLEAN, FAULTS, EmulatedContract, emulated, run, url_of
from tests.simulation.served import SteadyClock, served

ADJACENT = Pattern.by_name("adjacent", 16)
AMPERE = 1e-3


url, tcp_url = url_of("cn0565"), url_of("cn0565", "tcp")


@pytest.fixture
def brisk(monkeypatch):
    """A driver that gives an answer up after 0.3 s, so that tests need not wait long."""
    monkeypatch.setattr("eit_rt.boards.cn0565_dialogue.LEAST_SILENCE_NS", 300_000_000)
    monkeypatch.setattr("eit_rt.boards.cn0565_dialogue.REFUSED_PAUSE_NS", 50_000_000)
    monkeypatch.setattr("eit_rt.boards.cn0565_dialogue.FIRST_SILENCE_NS", 1_000_000_000)


class TestCn0565(EmulatedContract):
    driver = "cn0565"


class TestCn0565OverTcp(EmulatedContract):
    driver = "cn0565"
    port = "tcp_url"


class TestCn0565Magnitudes(EmulatedContract):
    driver = "cn0565"
    options: ClassVar = {"values": "M", "frequency_khz": 50}


class Physics:
    """What a driver should give for each frame, from the tank and nothing else."""

    def __init__(self, scenario: Scenario, pattern: Pattern = ADJACENT, khz: int = 10) -> None:
        adc = {"bits": 18, "full_scale_v": FULL_SCALE_V}
        if "adc" in scenario.model_fields_set:
            adc = {"bits": 18, "full_scale_v": scenario.adc.full_scale_v}
        self._counts_per_volt = (1 << 17) / adc["full_scale_v"]
        source = open_source(scenario.changed(adc=adc))
        self._source = source.measured(pattern, scenario.rate)
        self._phase = np.exp(1j * np.deg2rad(0.2 * khz))

    def volts(self, frame: int) -> np.ndarray:
        return self._source.reading(frame).values.astype(np.float64) * self._phase

    def counts(self, frame: int) -> np.ndarray:
        counts = self.volts(frame) * self._counts_per_volt
        return (np.rint(counts.real) + 1j * np.rint(counts.imag)).astype(np.complex64)


# -- values ----------------------------------------------------------------------------------------------------

COST = {
    "noise line": (1, 0),
    "cut answer": (1, 1),
    "no answer": (0, 1),
    "refused": (1, 0),
    "reboot": (1, 1),
}
"""What each dirt is counted as: faults, lost frames. A refusal comes with an answer that does not come."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pty", "tcp"])
def test_a_thousand_frames_have_no_wrong_value_and_all_dirt_is_counted(kind, brisk):
    with (
        emulated("cn0565", "rod", kind, rate_hz=200, dirt=0.05) as server,
        open_board("cn0565", server.url) as board,
    ):
        frames, events = run(board, 1000)
        counters, emulator = board.counters, server.board
        made, asked = dict(emulator.dirt_made), [emulator.dirt_of(k) for k in range(1500)]
    physics = Physics(server.board.scenario)
    assert set(made) == set(DIRT)
    # The driver's number is the number of the question, lost ones included.
    for frame in frames:
        np.testing.assert_array_equal(frame.values, physics.counts(frame.sequence))
    last = frames[-1].sequence
    costly = sum(kind not in ("", "noise line") for kind in asked[: last + 1])
    assert counters.lost == costly == last + 1 - 1000
    costs = [COST[kind][0] * n for kind, n in made.items()]
    after_the_end = COST[asked[last + 1]][0] if asked[last + 1] else 0
    assert sum(costs) - after_the_end <= counters.bad <= sum(costs)
    assert counters.faults["configuration refused"] == made["refused"]
    assert counters.faults["cut answer"] == made["reboot"]
    assert "implausible value" not in counters.faults
    assert sum("started anew" in event.text for event in events) == made["reboot"]


@pytest.mark.parametrize(
    ("pattern", "electrodes"),
    [("opposite", 16), ("skip2/skip0", 16), ("skip2", 16), ("adjacent", 8)],
)
def test_patterns_are_those_of_the_tank(pattern, electrodes):
    changes = {"layout": {"n_electrodes": electrodes}}
    wanted = Pattern.by_name(pattern, electrodes)
    with (
        emulated("cn0565", "empty", changes=changes, **CLEAN) as server,
        open_board("cn0565", server.url) as board,
    ):
        assert board.configure(wanted).pattern == wanted
        board.start()
        frames = take(board, 3)
    physics = Physics(server.board.scenario, wanted)
    for frame in frames:
        np.testing.assert_array_equal(frame.values, physics.counts(frame.sequence))


def test_eight_electrodes_may_be_asked_for_by_an_option(url):
    with open_board("cn0565", url, electrodes=8) as board:
        assert board.configure().pattern == Pattern.by_name("adjacent", 8)


@pytest.mark.parametrize("khz", [10, 80])
def test_impedances_are_right_although_voltages_were_measured_before(khz):
    """The firmware begins to measure the current only when the frequency changes."""
    with emulated("cn0565", **CLEAN) as server:
        with open_board("cn0565", server.url, frequency_khz=khz) as board:
            before = len(run(board, 2)[0])
        server.board.frames_made = 0
        with open_board("cn0565", server.url, values="Z", frequency_khz=khz) as board:
            frames, _ = run(board, 3)
            assert board.stream.unit == "ohm"
            assert board.stream.value_kind is ValueKind.COMPLEX
    physics = Physics(server.board.scenario, khz=khz)
    assert before == 2
    for frame in frames:
        ohm = physics.volts(frame.sequence) / AMPERE
        np.testing.assert_allclose(frame.values, ohm, rtol=1e-6)


@pytest.mark.parametrize(("values", "unit"), [("M", ""), ("ZM", "ohm"), ("zm", "ohm")])
def test_magnitudes(values, unit):
    with (
        emulated("cn0565", **CLEAN) as server,
        open_board("cn0565", server.url, values=values) as board,
    ):
        stream = board.configure()
        assert (stream.value_kind, stream.unit) == (ValueKind.MAGNITUDE, unit)
        board.start()
        frames = take(board, 2)
    physics = Physics(server.board.scenario)
    for frame in frames:
        k = frame.sequence
        sizes = np.abs(physics.volts(k)) / AMPERE if unit else np.abs(physics.counts(k))
        np.testing.assert_allclose(frame.values, sizes, rtol=1e-6)


def test_a_swapped_polarity_can_be_said(url):
    with open_board("cn0565", url, swapped=True) as board:
        assert (run(board, 1)[0][0].values.real < 0).all()
    with open_board("cn0565", url) as board:
        assert (run(board, 1)[0][0].values.real > 0).all()


def test_clipped_values_are_missing():
    changes = {"adc": {"full_scale_v": 1e-3}}
    with (
        emulated("cn0565", changes=changes, **CLEAN) as server,
        open_board("cn0565", server.url) as board,
    ):
        (frame, *_), _ = run(board, 1)
    volts = np.abs(Physics(server.board.scenario.changed(adc={"full_scale_v": 1.0})).volts(0))
    assert np.isnan(frame.values[volts > 1.02e-3]).all()
    assert np.isfinite(frame.values[volts < 0.98e-3]).all()
    assert 20 < np.isnan(frame.values).sum() < 200


def test_a_rate_is_kept(url):
    with open_board("cn0565", url) as board:
        assert board.configure(rate_hz=0.1).rate_hz == 0.1
        assert board.configure().rate_hz == pytest.approx(1 / (208 * POINT_S))
        board.configure(rate_hz=20.0)
        board.start()
        steps_s = np.diff([frame.t_board_ns for frame in take(board, 8)]) / 1e9
    assert np.median(steps_s) > 0.045


# -- who it is, and what it cannot do --------------------------------------------------------------------------


def test_identify_says_what_the_board_says(url):
    with open_board("cn0565", url) as board:
        identity = board.identify()
    assert (identity.driver, identity.model) == ("cn0565", "EVAL-CN0565-ARDZ")
    assert identity.max_electrodes == 16
    assert identity.capabilities == ("electrodes 8,16,32",)


def test_a_board_that_was_left_measuring_is_found():
    with emulated("cn0565", rate_hz=0.2, **CLEAN) as server:
        with open_board("cn0565", server.url) as board:
            board.configure()
            board._link.write(b"V \n")
            wait_for(lambda: server.board.frames_made == 1)
        with open_board("cn0565", server.url) as board:
            assert board.identify()
            board.configure()


def test_another_board_is_not_taken_for_one(pty_url, monkeypatch):
    monkeypatch.setattr("eit_rt.boards.cn0565.TRY_NS", 50_000_000)
    with (
        open_board("cn0565", pty_url) as board,
        pytest.raises(BoardError, match=r"nothing answers|none an answer"),
    ):
        board.identify()


def test_a_talking_stranger_is_told_of(monkeypatch):
    monkeypatch.setattr("eit_rt.boards.cn0565.TRY_NS", 30_000_000)
    here, there = MemoryLink.pair()
    there.write(b"temperature 21.5\n" * 12)
    with (
        Cn0565Board(here) as board,
        pytest.raises(BoardError, match=r"204 bytes, 12 lines, none an answer .*baud rate right"),
    ):
        board.identify()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"electrodes": 32}, r"8 or 16 electrodes: .*256 switch positions"),
        ({"electrodes": 12}, r"8 or 16 electrodes$"),
        ({"values": "V"}, "raw .*, Z .*, M or ZM"),
        ({"frequency_khz": 100}, "10 to 80 kHz"),
    ],
)
def test_options_that_it_cannot_do(url, options, said):
    with pytest.raises(ConfigError, match=said):
        open_board("cn0565", url, **options)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (Pattern.by_name("adjacent", 32), "32 electrodes; .*256 switch positions"),
        (Pattern.by_name("adjacent-rotated", 16), "no pattern adjacent-rotated.*drives k and k"),
        (Pattern.by_name("adjacent-all", 16), "no pattern adjacent-all"),
        (Pattern.by_name("trig", 16), "no pattern trig"),
    ],
)
def test_patterns_that_it_cannot_do(url, pattern, said):
    with open_board("cn0565", url) as board, pytest.raises(MismatchError, match=said):
        board.configure(pattern)


def test_a_board_that_refuses_its_configuration_is_told_of():
    with (
        emulated("cn0565", **CLEAN) as server,
        open_board("cn0565", server.url) as board,
    ):
        server.board._refuses = True
        with pytest.raises(BoardError, match=r"refuses `C 10,16,1,1,0`"):
            board.configure()


# -- trouble ---------------------------------------------------------------------------------------------------


def is_a_frame_of(values: np.ndarray, frames: np.ndarray) -> int:
    """How many values are wrong, against the nearest of the frames that the board has measured."""
    known = np.isfinite(values)
    off = np.abs(frames[:, known] - values[known]) > 0
    return int(off.sum(axis=1).min())


@pytest.mark.slow
@pytest.mark.parametrize("only", [None, "drop_rate", "flip_rate", "noise_rate"])
def test_byte_faults_never_raise_and_hardly_ever_make_a_wrong_value_unseen(only, brisk):
    faults = FAULTS if only is None else {only: 1e-3, "direction": "to_host"}
    changes = {"faults": faults, "layout": {"n_electrodes": 8}}
    pattern = Pattern.by_name("adjacent", 8)
    with (
        emulated("cn0565", "rod", changes=changes, rate_hz=400, **CLEAN) as server,
        open_board("cn0565", server.url, electrodes=8) as board,
    ):
        frames, _ = run(board, 300)
        counters, n_made = board.counters, server.board.frames_made
    physics = Physics(server.board.scenario, pattern)
    true = np.stack([physics.counts(k) for k in range(n_made)])
    n_wrong = sum(is_a_frame_of(frame.values, true) for frame in frames)
    assert counters.bad > 20
    assert n_wrong <= 0.1 * counters.bad
    assert all(frame.values.shape == (40,) for frame in frames)


@pytest.mark.slow
def test_commands_that_arrive_damaged_are_said_again(brisk):
    faults = {"drop_rate": 5e-3, "flip_rate": 5e-3, "direction": "to_board"}
    with (
        emulated("cn0565", "rod", changes={"faults": faults}, rate_hz=200, **CLEAN) as server,
        open_board("cn0565", server.url) as board,
    ):
        frames, _ = run(board, 200)
        counters = board.counters
    assert counters.lost > 0
    assert frames[-1].sequence + 1 == 200 + counters.lost


def test_a_power_cycle_is_told_and_the_run_goes_on():
    scenario = Scenario.load("empty").changed(rate_hz=20, faults={"reboot_at_s": 1.0})
    clock = SteadyClock(until_s=0.9)
    with (
        served(scenario, board="cn0565", clock=clock, **CLEAN) as server,
        open_board("cn0565", server.url) as board,
    ):
        board.configure()
        board.start()
        clock.until_s = inf
        listener = Listener(board)
        listener.wait_for(lambda: "board" in listener.kinds())
        before = len(listener.frames)
        listener.wait_for(lambda: len(listener.frames) > before + 10)
        board.stop()
        listener.join()
    assert any("started anew" in event.text for event in listener.events)
    assert board.counters.lost <= 1
    assert server.board.asked is not None


def test_a_board_that_wants_to_be_configured_is(url):
    """As after a single measurement, which another program asked for between two frames."""
    with open_board("cn0565", url) as board:
        board.configure(rate_hz=5.0)
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 1)
        while not any("started anew" in event.text for event in listener.events):
            board._link.write(b"Q 10,0,3,1,2\n")  # not heard in the middle of a frame
            before = len(listener.items)
            listener.wait_for(lambda n=before: len(listener.items) > n)
        before = len(listener.frames)
        listener.wait_for(lambda: len(listener.frames) > before + 2)
        board.stop()
        listener.join()
    assert board.counters.lost == 1
    assert board.counters.bad == 0


def test_a_silent_board_is_told_of_and_comes_back(brisk, hasty):
    with (
        emulated("cn0565", **CLEAN) as server,
        open_board("cn0565", server.url) as board,
    ):
        board.configure()
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 3)
        hear = server.board._hear
        server.board._hear = lambda data, now_s: None
        listener.wait_for(lambda: any("does not answer" in e.text for e in listener.events))
        server.board._hear = hear
        listener.wait_for(lambda: any("answers again" in e.text for e in listener.events))
        before = len(listener.frames)
        listener.wait_for(lambda: len(listener.frames) > before + 3)
        board.stop()
        listener.join()
    assert board.counters.lost == 1
    assert [frame.sequence for frame in listener.frames][-1] == len(listener.frames)


def test_a_lost_port_is_waited_for(tmp_path):
    link = tmp_path / "board"
    faults = {"disconnect": {"at_s": 1.5, "for_s": 0.6}}
    scenario = Scenario.load("empty").changed(rate_hz=100, faults=faults)
    with served(scenario, board="cn0565", link=link, **CLEAN):
        with open_reconnecting("cn0565", str(link)) as board:
            board.configure()
            board.start()
            listener = Listener(board)
            listener.wait_for(lambda: "link-restored" in listener.kinds())
            before = len(listener.frames)
            listener.wait_for(lambda: len(listener.frames) > before + 5)
            board.stop()
            listener.join()
        numbers = [frame.sequence for frame in listener.frames]
    assert "link-lost" in listener.kinds()
    assert numbers == sorted(set(numbers))


def test_what_it_writes_never_fills_the_boards_memory(url):
    with open_board("cn0565", url, values="ZM", frequency_khz=80) as board:
        write, written = board._link.write, []

        def noted(data: bytes) -> None:
            written.append(data)
            write(data)

        board._link.write = noted
        board.configure(Pattern.skip(16, 15, 15))
        board.start()
        take(board, 2)
        board.stop()
    said = b"".join(written)
    assert max(map(len, re.findall(rb"[^\n]*\n", said))) <= 32
    assert said.endswith(b"O \n")

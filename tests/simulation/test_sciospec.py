"""The emulated Sciospec board: commands and their refusals, literal bytes, timing of its line."""

import struct

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.simulation import Scenario
from eit_rt.simulation.sciospec import SciospecEmulator
from eit_rt.simulation.sciospec_run import UNCONNECTED_V

OK, SYNTAX, TIME_OUT = "18018318", "18010118", "18010218"
NOT_EXECUTED, NOT_RECOGNISED = "18018118", "18018218"


def booted(**options) -> SciospecEmulator:
    scenario = Scenario.load("empty").changed(**options.pop("changes", {}))
    board = SciospecEmulator(scenario, **({"dirt": 0.0} | options))
    board.boot(0.0)
    return board


def say(board: SciospecEmulator, text: str, now_s: float = 0.01) -> str:
    board.feed(bytes.fromhex(text), now_s)
    board.tick(now_s)
    return board.outbox.take(1 << 16).hex()


def run_until(board: SciospecEmulator, until_s: float) -> bytes:
    now_s, sent = 0.01, b""
    while (now_s := max(now_s, board.next_due(now_s) + 1e-9)) <= until_s:
        board.tick(now_s)
        sent += board.outbox.take(1 << 20)
    return sent


def started(board: SciospecEmulator, pairs: str = "0102 0203", rate: str = "41200000") -> None:
    assert say(board, f"B00503{rate}B0") == OK
    for pair in pairs.split():
        assert say(board, f"B00306{pair}B0") == OK
    assert say(board, "B40101B4") == OK


@pytest.mark.parametrize(
    "command",
    [
        "900090", "B00101B0", "B003020000B0", "B0050341200000B0", "B00905 3F50624DD2F1A9FC B0",
        "B00505 3A83126F B0", "B0030601 02B0", "B0050600010002B0", "B003080101B0", "B003090102B0",
        "B0020C02B0", "B0020D01B0", "B0 0C 04 461C4000 461C4000 0001 00 B0", "B2020100B2", "B40100B4",
    ],
)  # fmt: skip
def test_good_commands_are_acknowledged(command):
    assert say(booted(), command) == OK


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("B0030600 02B0", NOT_EXECUTED), ("B003060111B0", NOT_EXECUTED), ("B003060303B0", NOT_EXECUTED),
        ("B0050342CA0000B0", NOT_EXECUTED), ("B0050300000000B0", NOT_EXECUTED), ("B005037FC00000B0", NOT_EXECUTED),
        ("B00505 3F800000 B0", NOT_EXECUTED), ("B003090104B0", NOT_EXECUTED), ("B003080601B0", NOT_EXECUTED),
        ("B0020D04B0", NOT_EXECUTED), ("B0020C03B0", NOT_EXECUTED),
        ("B0 0C 04 461C4000 461C4000 0081 00 B0", NOT_EXECUTED),
        ("B0 0C 04 461C4000 461C4000 0001 02 B0", NOT_EXECUTED),
        ("B0 0C 04 461C4000 3F800000 0001 00 B0", NOT_EXECUTED),
        ("B40101B4", NOT_EXECUTED), ("B10106B1", NOT_EXECUTED),
        ("B0022001B0", NOT_RECOGNISED), ("770077", NOT_RECOGNISED), ("B50101B5", NOT_RECOGNISED),
        ("B00101B4", SYNTAX), ("B0020201B0", SYNTAX), ("B40102B4", SYNTAX), ("B0020101B0", SYNTAX),
        ("B2020401B2", SYNTAX), ("B2020102B2", SYNTAX), ("D10101D1", SYNTAX), ("B000B0", SYNTAX),
    ],
)  # fmt: skip
def test_bad_commands_are_refused(command, answer):
    assert say(booted(), command) == answer


def test_a_gap_in_a_command_is_a_time_out():
    board = booted()
    assert say(board, "B401", 1.0) == ""
    assert say(board, "00B4", 1.009) == OK
    assert say(board, "B401", 2.0) == ""
    assert board.next_due(2.0) == pytest.approx(2.01, abs=1e-4)
    assert say(board, "", 2.02) == TIME_OUT
    assert say(board, "B40100B4", 2.03) == OK


def test_questions_are_answered_before_the_acknowledgement():
    board = booted()
    assert say(board, "D100D1") == "d10701001900010e17d1" + OK
    assert say(board, "D200D2")[:4] == "d20c"
    assert say(board, "B0050341200000B0") == OK
    assert say(board, "B10103B1") == "b1050341200000b1" + OK
    assert say(board, "B30102B3") == "b3020201b3" + OK


def test_a_soft_reset_says_that_it_boots_and_that_it_is_ready():
    board = booted()
    started(board)
    assert say(board, "A100A1", 1.0).startswith("18010418")
    assert say(board, "D100D1", 1.1) == ""
    assert say(board, "", 1.6) == "18018418"
    assert say(board, "B40101B4", 1.7) == NOT_EXECUTED  # it has forgotten its set-up


def test_a_crash_looks_the_same():
    board = booted()
    started(board)
    board.crash(1.0)
    board.tick(1.0)
    assert board.outbox.take(99).hex() == "18010418"


def test_a_measurement_message_is_the_format_s():
    board = booted()
    started(board, "0102 0304")
    sent = run_until(board, 0.01 + 0.1 + 1e-3)
    assert len(sent) == 2 * 140
    for k, pair in enumerate([(1, 2), (3, 4)]):
        one = sent[140 * k : 140 * (k + 1)]
        assert (one[0], one[1], one[-1]) == (0xB4, 0x89, 0xB4)
        group, a, b, row, stamp = struct.unpack(">BBBHI", one[2:11])
        assert (group, (a, b), row) == (1, pair, 1)
        assert stamp == 12_345 + 10 + 50 * k
        values = np.frombuffer(one[11:139], ">f4").astype(np.float32).view(np.complex64)
        assert np.array_equal(values, board.potentials(0)[k, 0])
        assert values.real.argmax() == pair[0] - 1
        assert values.real.argmin() == pair[1] - 1


def test_fields_that_are_switched_off_are_absent():
    board = booted()
    assert say(board, "B2020100B2") == OK
    assert say(board, "B2020300B2") == OK
    started(board)
    assert run_until(board, 0.12)[1] == 137 - 2 - 4


def test_a_stop_is_acknowledged_after_the_message_that_is_being_sent():
    board = booted()
    started(board)
    run_until(board, 0.2)
    assert say(board, "B40100B4", 0.21) == ""
    rest = run_until(board, 2.0)
    assert len(rest) == 140 + 4
    assert rest[-4:].hex() == OK


def test_a_running_board_takes_no_set_up():
    board = booted()
    started(board)
    board.feed(bytes.fromhex("B00101B0"), 0.02)
    assert run_until(board, 0.12)[140:144].hex() == NOT_EXECUTED


def test_a_burst_ends_by_itself():
    board = booted()
    assert say(board, "B003020003B0") == OK
    started(board)
    assert len(run_until(board, 5.0)) == 3 * 2 * 140


def test_it_is_no_faster_than_its_electronics():
    board = booted()
    pairs = " ".join(f"{a:02x}{a % 16 + 1:02x}" for a in range(1, 17))
    started(board, pairs, rate="42C80000")  # 100 frames/s are accepted
    run_until(board, 1.01)
    assert board.frames_sent == int(1 / (16 * 859e-6))


def test_all_groups_of_the_board_are_sent():
    board = booted(channels=64)
    started(board)
    sent = run_until(board, 0.111)
    assert [sent[140 * k + 2] for k in range(8)] == [1, 2, 3, 4, 1, 2, 3, 4]
    assert (board.potentials(0)[:, :, 16:] == UNCONNECTED_V).all()


def test_several_frequencies_turn_the_phase():
    board = booted(changes={"noise": {"snr_db": None}})
    assert say(board, "B0 0C 04 447A0000 47C35000 0003 01 B0") == OK  # 1, 10, 100 kHz
    started(board)
    potentials = board.potentials(0)[0, :, 0]
    phase = np.degrees(np.angle(potentials))
    assert phase == pytest.approx(-np.degrees(np.arctan(np.array([1e3, 1e4, 1e5]) / 1e6)), abs=0.01)


def test_a_clipped_sine_stands_below_four_over_pi_of_the_range():
    board = booted()
    assert say(board, "B0020D01B0") == OK
    assert say(board, "B003090103B0") == OK  # 1 V behind a gain of 1000
    started(board)
    size = np.abs(board.potentials(0)[0, 0])
    assert 1e-3 < size[:2].min() < size[:2].max() < 4e-3 / np.pi


def test_a_full_memory_is_a_hold_up_that_is_told():
    board = booted()
    started(board, rate="42C80000")
    now_s = 0.01
    while board.frames_dropped < 3:
        now_s = board.next_due(now_s) + 1e-9
        board.tick(now_s)
    board.outbox.take(1 << 20)
    board.tick(board.next_due(now_s) + 1e-9)
    assert board.outbox.take(4).hex() == "18019218"


def test_dirt_follows_from_the_seed():
    def made(seed: int) -> tuple[bytes, dict[str, int]]:
        board = booted(seed=seed, dirt=0.5)
        started(board, "0102 0203 0304")
        return run_until(board, 4.0), dict(board.dirt_made)

    assert made(1) == made(1)
    assert made(1) != made(2)
    assert sum(made(1)[1].values()) > 10


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"channels": 24}, "24 channels for 16 electrodes"),
        ({"dirt": 1.5}, "dirt is 1.5"),
        ({"row_base": 2}, "row_base is 2"),
        ({"changes": {"layout": {"n_electrodes": 130}}}, "no channels for 130 electrodes"),
    ],
)
def test_boards_that_there_are_not_are_refused(options, words):
    with pytest.raises(ConfigError, match=words):
        booted(**options)

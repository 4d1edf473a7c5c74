"""The emulated EVAL-CN0565-ARDZ, byte for byte: what is said to it by hand, and what it answers."""

import re
import struct

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern
from eit_rt.simulation import Scenario
from eit_rt.simulation.cn0565 import BOOT_S, DIRT, POINT_S, Cn0565Emulator
from eit_rt.simulation.source import open_source

EIGHT = {"layout": {"n_electrodes": 8}}
RTIA = rb"RtiaReal:\d+\.\d\d,Imag:-\d+\.\d{6}\n"


class Hand:
    """A board, and the time."""

    def __init__(self, dirt: float = 0.0, rate_hz: float | None = 100.0, **changes) -> None:
        scenario = Scenario.load("empty").changed(**({"rate_hz": rate_hz} | changes))
        self.board = Cn0565Emulator(scenario, dirt=dirt)
        self.now_s = 0.0
        self.board.boot(0.0)
        assert self.hear(1.0) == b"Hello!\n"

    def hear(self, for_s: float, step_s: float = 0.001) -> bytes:
        heard, end_s = b"", self.now_s + for_s
        while self.now_s < end_s:
            self.now_s += step_s
            self.board.tick(self.now_s)
            heard += self.board.outbox.take(1 << 20)
        return heard

    def say(self, words: bytes, for_s: float = 0.1) -> bytes:
        self.board.feed(words, self.now_s)
        return self.hear(for_s)

    def frame(self) -> bytes:
        answer = self.say(b"V \n")
        assert answer.startswith(b"!CMD V OK\n!V ")
        assert answer.endswith(b"\n")
        return answer[13:-1]


@pytest.fixture
def hand() -> Hand:
    made = Hand()
    made.say(b"C 10,16,1,1,0\n")
    return made


def signed(field: bytes) -> int:
    return struct.unpack(">i", struct.pack(">I", int(field, 16)))[0]


def real(field: bytes) -> float:
    return struct.unpack(">f", struct.pack(">I", int(field, 16)))[0]


def expected(scenario: Scenario, pattern: Pattern, frame: int, khz: int = 10) -> np.ndarray:
    """Volts that the physics give for S+ = j, F+ = k: a Pattern has its current the other way round."""
    source = open_source(scenario).measured(pattern, scenario.rate)
    phase = np.exp(1j * np.deg2rad(0.2 * khz))
    return -source.reading(frame).values.astype(np.float64) * phase


# -- words -----------------------------------------------------------------------------------------------------


def test_words():
    hand = Hand()
    assert hand.say(b"B \n") == b"!B 08,10,20\n"
    assert hand.say(b"O \n") == b"\n!O \n"
    assert hand.say(b"R \n") == b"!R \n"
    assert hand.say(b"\n") == b""
    assert hand.say(b"hello\n") == b""


def test_a_new_frequency_makes_it_calibrate_and_say_so():
    hand = Hand()
    assert re.fullmatch(b"!CMD C OK\n" + RTIA + b"!C OK\n", hand.say(b"C 10,16,1,1,0\n"))
    assert hand.say(b"C 10,16,1,1,0,Z\n") == b"!CMD C OK\n!C OK\n"
    assert re.fullmatch(b"!CMD C OK\n" + RTIA + b"!C OK\n", hand.say(b"C 50,16,1,1,0\n"))


@pytest.mark.parametrize(
    "command", [b"C x,16,1,1,0\n", b"C 10,16,y,1,0\n", b"C 10,16,1,1\n", b"C \n"]
)
def test_configurations_that_are_refused(hand, command):
    assert hand.say(command) == b"!CMD C ERROR\n"


def test_after_a_single_measurement_it_wants_to_be_configured():
    hand = Hand()
    answer = hand.say(b"Q 10,0,3,1,2\n")
    assert re.fullmatch(b"!CMD Q OK\n" + RTIA + rb"!Q [0-9a-f]+,[0-9a-f]+\n", answer)
    assert hand.say(b"V \n") == b"!Send C Command first to configure!\n"
    hand.say(b"C 10,16,1,1,0\n")
    assert hand.frame()


def test_a_board_that_was_never_configured_measures_with_its_inputs_in_the_air():
    hand = Hand()
    answer = hand.say(b"V \n")
    assert re.match(b"!CMD V OK\n" + RTIA + b"!V ", answer)
    numbers = [signed(field) for field in answer.rpartition(b"!V ")[2].split(b",")]
    assert len(numbers) == 416
    assert max(map(abs, numbers)) <= 1


def test_while_it_measures_only_stop_and_reset_are_heard(hand):
    hand.board.feed(b"V \n", hand.now_s)
    begun = hand.hear(0.004)
    assert hand.say(b"B \nC 10,8,1,1,0\nV \n", 0.001).count(b"!") == 0
    rest = hand.say(b"O \n")
    assert rest == b"\n!O \n"
    assert begun.count(b",") < 415
    assert hand.frame().count(b",") == 415


def test_a_command_of_32_bytes_fits_and_one_more_hangs_the_board(hand):
    assert hand.say(b"B" + b" " * 30 + b"\n") == b"!B 08,10,20\n"
    hand.say(b"B" + b" " * 31)
    assert not hand.board.is_hung
    assert hand.say(b"\n") == b""
    assert hand.board.is_hung
    assert hand.say(b"B \nO \n") == b""
    hand.board.crash(hand.now_s)
    assert hand.hear(1.0) == b"Hello!\n"
    assert hand.say(b"B \n") == b"!B 08,10,20\n"


def test_32_electrodes_overrun_its_list(hand):
    hand.say(b"C 10,32,1,1,0\n")
    assert hand.board.is_hung


def test_what_is_said_while_it_boots_is_lost():
    board = Cn0565Emulator(Scenario.load("empty"), dirt=0.0)
    board.boot(0.0)
    board.feed(b"B \n", BOOT_S / 2)
    board.tick(2 * BOOT_S)
    assert board.outbox.take(100) == b"Hello!\n"


# -- numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("drive", "sense"), [(1, 1), (1, 3), (4, 2), (8, 1), (15, 1)])
def test_counts_are_those_of_the_physics_in_the_order_of_the_firmware(drive, sense):
    hand = Hand()
    hand.say(b"C 10,16,%d,%d,0\n" % (drive, sense))
    fields = hand.frame().split(b",")
    assert all(field == b"%x" % int(field, 16) for field in fields)
    numbers = np.array([signed(field) for field in fields]).reshape(-1, 2)
    volts = expected(hand.board.scenario, Pattern.skip(16, drive, sense), 0)
    counts = volts * (1 << 17) / hand.board.scenario.adc.full_scale_v
    np.testing.assert_allclose(numbers[:, 0], counts.real, atol=0.51)
    np.testing.assert_allclose(numbers[:, 1], counts.imag, atol=0.51)


def test_adjacent_voltages_are_negative_from_plus_to_plus(hand):
    """F+ = 0, F- = 1, S+ = 2, S- = 3: the potential rises from the sink at 1 round to the source at 0."""
    numbers = [signed(field) for field in hand.frame().split(b",")[::2]]
    assert max(numbers) < 0


@pytest.mark.parametrize("khz", [10, 80])
def test_impedances_are_float32_in_ohm(khz):
    hand = Hand()
    hand.say(b"C %d,16,1,1,0,Z\n" % (11 if khz == 10 else 10))
    hand.say(b"C %d,16,1,1,0,Z\n" % khz)
    numbers = np.array([real(field) for field in hand.frame().split(b",")]).reshape(-1, 2)
    ohm = expected(hand.board.scenario, Pattern.by_name("adjacent", 16), 0, khz) / 1e-3
    np.testing.assert_allclose(numbers @ [1, 1j], ohm, rtol=1e-6)


def test_magnitudes():
    hand = Hand()
    hand.say(b"C 10,16,1,1,0\n")
    pairs = np.array([signed(field) for field in hand.frame().split(b",")]).reshape(-1, 2)
    hand.board.frames_made = 0
    hand.say(b"C 10,16,1,1,0,V,M\n")
    sizes = [real(field) for field in hand.frame().split(b",")]
    np.testing.assert_array_equal(sizes, np.hypot(*pairs.T).astype(np.float32))


def test_impedance_without_a_new_frequency_is_the_firmwares_mistake(hand):
    """It goes on measuring voltages only, and divides one by the next."""
    hand.say(b"C 10,16,1,1,0,Z\n")
    numbers = [real(field) for field in hand.frame().split(b",")]
    assert set(numbers[::2]) == {-10_000.0}


def test_clipped_values_are_at_the_limits():
    hand = Hand(adc={"full_scale_v": 1e-3})
    hand.say(b"C 10,16,1,1,0\n")
    numbers = {signed(field) for field in hand.frame().split(b",")[::2]}
    assert min(numbers) == -(1 << 17)


def test_eight_electrodes_of_a_tank_of_sixteen_are_every_second_one():
    hand = Hand()
    hand.say(b"C 10,8,1,1,0\n")
    numbers = np.array([signed(field) for field in hand.frame().split(b",")]).reshape(-1, 2)
    assert len(numbers) == 40
    table = 2 * Pattern.by_name("adjacent", 8).table.astype(int)
    volts = expected(hand.board.scenario, Pattern.pairwise(table, 16), 0)
    counts = volts * (1 << 17) / hand.board.scenario.adc.full_scale_v
    np.testing.assert_allclose(numbers[:, 0], counts.real, atol=0.51)


def test_contacts_without_an_electrode_say_nothing():
    hand = Hand(**EIGHT)
    hand.say(b"C 10,16,1,1,0\n")
    assert set(hand.frame().split(b",")) == {b"0"}
    hand.say(b"C 10,8,1,1,0\n")
    assert b"0" not in hand.frame().split(b",")[::2]


def test_a_tank_that_does_not_fit_is_refused():
    with pytest.raises(ConfigError, match="8 or 16"):
        Cn0565Emulator(Scenario.load("empty").changed(layout={"n_electrodes": 32}))
    with pytest.raises(ConfigError, match=r"0 to 1"):
        Cn0565Emulator(Scenario.load("empty"), dirt=3.0)


# -- time and dirt ---------------------------------------------------------------------------------------------


def test_at_its_own_speed_a_frame_takes_208_measurements():
    hand = Hand(rate_hz=None)
    hand.say(b"C 10,16,1,1,0\n")
    hand.board.feed(b"V \n", hand.now_s)
    begun = hand.hear(1.0)
    assert begun.startswith(b"!CMD V OK\n!V ")
    assert begun.count(b",") / 2 == pytest.approx(1.0 / POINT_S, abs=2)
    assert not hand.hear(208 * POINT_S - 1.1).endswith(b"\n")
    assert hand.hear(0.3).endswith(b"\n")


def test_dirt_follows_from_the_frames_number_and_is_counted():
    hand = Hand(dirt=0.5, rate_hz=1000.0)
    kinds, seen = [hand.board.dirt_of(k) for k in range(60)], []
    for kind in kinds:
        if hand.say(b"C 10,16,1,1,0\n") == b"!CMD C ERROR\n":
            seen.append("refused")
            hand.say(b"C 10,16,1,1,0\n")
        answer = hand.say(b"V \n", 0.3 if kind == "reboot" else 0.02)
        seen.append(_dirt_seen(answer))
        assert seen[-1] == ("no answer" if kind == "refused" else kind)
    made = hand.board.dirt_made
    assert set(made) == set(DIRT)
    assert made == {kind: seen.count(kind) for kind in DIRT}
    assert 15 < sum(kind != "" for kind in kinds) < 45


def _dirt_seen(answer: bytes) -> str:
    if not answer:
        return "no answer"
    if answer[0] >= 0x80:
        return "noise line"
    if answer.endswith(b"Hello!\n"):
        return "reboot"
    return "" if answer.count(b",") == 415 else "cut answer"


def test_without_dirt_nothing_is_wrong():
    board = Cn0565Emulator(Scenario.load("empty"), dirt=0.0)
    assert not any(board.dirt_of(k) for k in range(1000))

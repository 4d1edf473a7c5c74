"""Frames of Sciospec boards from bytes alone: cells, time, loss, damage, and a recorded run of the maker's example."""

import struct
from pathlib import Path

import numpy as np
import pytest

from eit_rt.boards.found import Fault, Lost, Measured, Remark
from eit_rt.boards.sciospec_frames import (
    HOLD_UP,
    INCOMPLETE,
    FrequencyRows,
    SciospecDecoder,
)
from eit_rt.boards.sciospec_messages import message
from eit_rt.boards.sciospec_setup import Frequencies, Settings, Setup
from eit_rt.boards.sciospec_time import MODULUS_MS, CellTimes, FrameNumbers, Stamps
from eit_rt.pattern import Pattern
from eit_rt.simulation import Scenario
from eit_rt.simulation.faulty_boards import streamed
from tests.boards.sciospec_bytes import MESSAGE_BYTES, OK, differences, kinds, measured

EMPTY = Scenario.load("empty")
SETUP = Setup.of(Settings(), None, 20)


@pytest.fixture(scope="module")
def frames() -> list[tuple[bytes, np.ndarray]]:
    return list(streamed(EMPTY, SETUP, 40))


def cut(data: bytes) -> list[bytes]:
    """Messages of a frame."""
    return [data[k : k + MESSAGE_BYTES] for k in range(0, len(data), MESSAGE_BYTES)]


def decoded(*parts: bytes, setup: Setup = SETUP) -> list:
    decoder = SciospecDecoder(setup)
    return [one for part in parts for one in [*decoder.feed(part), *decoder.feed(b"")]]


# -- cells -----------------------------------------------------------------------------------------------------


def test_frames_are_the_differences_of_the_potentials(frames):
    found = decoded(*(data for data, _ in frames))
    assert len(found) == len(frames)
    for number, (one, (_, potentials)) in enumerate(zip(found, frames, strict=True)):
        assert np.array_equal(one.values, differences(SETUP, potentials))
        assert one.values.dtype == np.complex64
        assert one.sequence == number
    assert np.diff([one.t_board_ns for one in found]).tolist() == [50_000_000] * 39


def test_adjacent_voltages_are_positive_and_lag_a_little(frames):
    values = measured(decoded(frames[0][0]))[0].values
    assert (values.real > 0).all()
    phase = np.degrees(np.angle(values.sum()))
    assert phase == pytest.approx(-np.degrees(np.arctan(10e3 / 1e6)), abs=0.05)


def test_order_of_messages_does_not_matter(frames):
    """The first pair comes first: a frame begins with it."""
    first, *others = cut(frames[0][0])
    stamp = first[7:11]
    shuffled = [one[:7] + stamp + one[11:] for one in reversed(others)]
    (found,) = decoded(first + b"".join(shuffled))
    assert np.array_equal(found.values, differences(SETUP, frames[0][1]))


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("outermost", [False, True])
def test_one_of_several_frequencies_is_the_stream(base, outermost):
    frequencies = Frequencies.of("1000:100000:3:log")
    setup = Setup.of(Settings(frequencies=frequencies, row=1), None, 5)
    sent = list(streamed(EMPTY, setup, 4, row_base=base, frequency_outermost=outermost))
    found = decoded(*(data for data, _ in sent), setup=setup)
    assert len(measured(found)) == len(found) == 4
    for one, (_, potentials) in zip(found, sent, strict=True):
        assert np.array_equal(one.values, differences(setup, potentials))


def test_channel_groups_that_are_not_needed_are_left_out(frames):
    sent = list(streamed(EMPTY, SETUP, 3, channels=64))
    assert len(sent[0][0]) == 64 * MESSAGE_BYTES
    found = decoded(*(data for data, _ in sent))
    assert [len(one.values) for one in measured(found)] == [208] * 3
    assert not kinds(found)


def test_groups_are_put_together():
    scenario = EMPTY.changed(layout={"n_electrodes": 32})
    setup = Setup.of(Settings(), Pattern.by_name("skip4", 32), 10)
    sent = list(streamed(scenario, setup, 3))
    found = decoded(*(data for data, _ in sent), setup=setup)
    for one, (_, potentials) in zip(measured(found), sent, strict=True):
        assert np.array_equal(one.values, differences(setup, potentials))


def test_rows_contradict_a_wrong_base():
    rows = FrequencyRows(3)
    assert [rows(row) for row in (1, 2, 1)] == [None] * 3
    assert rows(3) == 2
    assert [rows(row) for row in (0, 1, 2)] == [None, 0, 1]
    assert [rows(row) for row in (0, 0)] == [None, 0]
    assert rows.base == 0
    assert rows(7) is None


@pytest.mark.parametrize(("absent", "length"), [({"row": True}, 135), ({"stamp": True}, 133)])
def test_fields_that_are_switched_off_are_seen_by_the_length(frames, absent, length):
    def shortened(one: bytes) -> bytes:
        content = one[2:-1]
        head = content[:3]
        head += b"" if "row" in absent else content[3:5]
        head += b"" if "stamp" in absent else content[5:9]
        return message(0xB4, head + content[9:])

    data = b"".join(shortened(one) for one in cut(frames[0][0]))
    assert data[1] == length
    (found,) = decoded(data)
    assert np.array_equal(found.values, differences(SETUP, frames[0][1]))
    assert (found.t_board_ns is None) == ("stamp" in absent)


def test_without_excitation_nothing_can_be_put_together(frames):
    parts = [message(0xB4, one[2:3] + one[5:-1]) for one in cut(frames[0][0])]
    assert kinds(decoded(*parts)) == {"index out of range": 16}


# -- what is not whole -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", [0, 1, 7, 15])
def test_a_frame_that_is_not_whole_is_counted_and_never_given_on(frames, gone):
    messages = cut(frames[3][0])
    del messages[gone]
    data = [frames[k][0] for k in range(3)] + messages + [frames[k][0] for k in range(4, 8)]
    found = decoded(*data)
    assert [one.sequence for one in measured(found)] == [0, 1, 2, 4, 5, 6, 7]
    assert kinds(found) == {INCOMPLETE: 1}
    (remark,) = [one for one in found if isinstance(one, Remark)]
    a, b = SETUP.excitations[gone]
    assert f"1 of 16 messages, first that of pair {a}-{b}, channel group 1" in remark.text


@pytest.mark.parametrize("gone", range(1, 16))
def test_the_next_frame_does_not_fill_a_hole(frames, gone):
    """One message is gone here, and the first one of the next frame: the others would fit."""
    here, after = cut(frames[5][0]), cut(frames[6][0])
    del here[gone], after[0]
    data = [frames[k][0] for k in range(5)] + here + after + [frames[k][0] for k in range(7, 10)]
    found = decoded(*data)
    assert [one.sequence for one in measured(found)] == [0, 1, 2, 3, 4, 7, 8, 9]
    for one in measured(found):
        assert np.array_equal(one.values, differences(SETUP, frames[one.sequence][1]))


def test_a_pair_that_comes_twice_spoils_the_frame(frames):
    messages = cut(frames[1][0])
    found = decoded(frames[0][0], b"".join([*messages[:9], *messages[8:]]), frames[2][0])
    assert [one.sequence for one in measured(found)] == [0, 2]
    assert kinds(found) == {INCOMPLETE: 1}


@pytest.mark.parametrize("code", [0x91, 0x92])
def test_a_hold_up_is_loss(frames, code):
    held = message(0x18, bytes([code]))
    messages = cut(frames[1][0])
    found = decoded(frames[0][0], *messages[:5], held, frames[3][0], frames[4][0])
    assert [one.sequence for one in measured(found)] == [0, 3, 4]
    assert kinds(found) == {HOLD_UP: 1, INCOMPLETE: 1}


def test_a_hold_up_between_frames_costs_what_the_clock_says(frames):
    found = decoded(frames[0][0], message(0x18, b"\x92"), frames[1][0], frames[4][0])
    assert [one.sequence for one in measured(found)] == [0, 1, 4]


def test_without_time_stamps_loss_is_counted_by_what_is_seen(frames):
    def untimed(data: bytes) -> list[bytes]:
        return [message(0xB4, one[2:7] + one[11:-1]) for one in cut(data)]

    one, two = untimed(frames[0][0]), untimed(frames[1][0])
    found = decoded(*one, *two[:5], *one, message(0x18, b"\x91"), *two)
    assert [item.sequence for item in measured(found)] == [None] * 3
    assert [item.frames for item in found if isinstance(item, Fault | Lost)] == [1, 0, 1]


def test_acknowledgements_in_between_are_no_damage(frames):
    found = decoded(*(one + OK for one in cut(frames[0][0])))
    assert [type(one) for one in found] == [Measured]


@pytest.mark.parametrize("code", [0x04, 0x84])
def test_a_board_that_starts_anew_is_told(frames, code):
    found = decoded(frames[0][0], *cut(frames[1][0])[:4], message(0x18, bytes([code])))
    assert isinstance(found[-1], Remark)


def changed(one: bytes, at: int, data: bytes) -> bytes:
    return one[:at] + data + one[at + len(data) :]


@pytest.mark.parametrize(
    ("at", "data", "kind"),
    [
        (2, b"\x30", "index out of range"),
        (3, b"\x07", "index out of range"),
        (5, b"\x00\x07", "index out of range"),
        (7, b"\x77", "time stamp leaps"),
        (11, struct.pack(">ff", 1e30, np.nan) + struct.pack(">f", np.inf), "impossible values"),
    ],
)
def test_a_message_that_says_impossible_things_is_refused(frames, at, data, kind):
    messages = cut(frames[1][0])
    messages[6] = changed(messages[6], at, data)
    found = decoded(frames[0][0], *messages, frames[2][0])
    assert [one.sequence for one in measured(found)] == [0, 2]
    assert kinds(found) == {kind: 1, INCOMPLETE: 1}


def test_a_single_impossible_value_is_missing(frames):
    messages = cut(frames[1][0])
    messages[6] = changed(messages[6], 11 + 8 * 2, struct.pack(">f", 1e9))
    found = decoded(frames[0][0], *messages)
    assert kinds(found) == {"impossible value": 1}
    assert np.isnan(measured(found)[1].values).sum() == 2  # V1 - V2 and V2 - V3


def test_clipped_potentials_are_missing_without_being_damage(frames):
    """A clipped sine has a fundamental of up to 4/pi times the range; more cannot be."""
    messages = cut(frames[1][0])
    messages[6] = changed(messages[6], 11 + 8 * 2, struct.pack(">f", 12.7))
    found = decoded(frames[0][0], *messages)
    assert not kinds(found)
    assert np.isnan(measured(found)[1].values).sum() == 2


def test_a_single_leap_is_doubted_whatever_the_common_mode_does():
    sent = list(streamed(EMPTY, SETUP, 30))
    decoder = SciospecDecoder(SETUP)
    for data, _ in sent[:-1]:
        decoder.feed(data)
    messages = cut(sent[-1][0])
    (value,) = struct.unpack(">f", messages[6][11:15])
    messages[6] = changed(messages[6], 11, struct.pack(">f", value * 1.2))
    found = decoder.feed(b"".join(messages))
    assert kinds(found) == {"implausible value": 1}
    assert np.isnan(measured(found)[0].values).sum() == 2


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_raised_whatever_comes(frames, seed):
    rng = np.random.default_rng(seed)
    decoder = SciospecDecoder(SETUP)
    for data, _ in frames:
        damaged = bytearray(data)
        for place in rng.integers(0, len(damaged), 12):
            damaged[place] = rng.integers(256)
        decoder.feed(bytes(damaged))
        decoder.feed(rng.bytes(300))


# -- time ------------------------------------------------------------------------------------------------------


def test_the_clock_wraps_after_49_days():
    sent = list(streamed(EMPTY, SETUP, 6, clock_ms=MODULUS_MS - 120))
    found = measured(decoded(*(data for data, _ in sent)))
    assert np.diff([one.t_board_ns for one in found]).tolist() == [50_000_000] * 5
    assert [one.sequence for one in found] == list(range(6))
    assert found[-1].t_board_ns > MODULUS_MS * 1_000_000


def test_stamps_leap_only_if_the_next_one_agrees():
    stamps = Stamps(20)
    assert [stamps(t) for t in (100, 150, 90_000, 200, 250)] == [100, 150, None, 200, 250]
    assert [stamps(t) for t in (90_000, 90_050)] == [None, 90_050]
    assert [stamps(t) for t in (10, 60)] == [None, 60]  # a power cycle
    stamps.is_free = True
    assert stamps(500_000) == 500_000


def test_frames_are_counted_by_the_clock():
    numbers = FrameNumbers(20)
    times = [0, 50, 98, 150, 300, 352, 600]
    assert [numbers(t)[0] for t in times] == [0, 1, 2, 3, 6, 7, 12]


def test_a_board_that_is_a_little_slow_loses_nothing():
    numbers = FrameNumbers(20)
    assert [numbers(round(51.3 * k))[0] for k in range(400)] == list(range(400))


def test_a_board_with_a_pace_of_its_own_is_told_once_and_believed():
    numbers = FrameNumbers(20)
    found = [numbers(100 * k) for k in range(60)]
    assert [text for _, text in found if text] == [
        "the board sends 10 frames/s, not the 20 asked for"
    ]
    assert np.diff([number for number, _ in found])[-50:].tolist() == [1] * 50


def test_heavy_loss_is_not_taken_for_another_pace():
    rng = np.random.default_rng(3)
    numbers, t_ms, true = FrameNumbers(20), 0, 0
    for step in rng.integers(1, 12, 300):
        got, text = numbers(t_ms)
        assert (got, text) == (true, "")
        t_ms, true = t_ms + 50 * int(step), true + int(step)


def test_after_a_new_start_numbers_go_on():
    numbers = FrameNumbers(20)
    assert [numbers(t)[0] for t in (0, 50)] == [0, 1]
    numbers.begin_again()
    assert [numbers(t)[0] for t in (90_000, 90_050)] == [2, 3]


def test_cells_of_the_next_frame_are_told_by_their_time():
    times = CellTimes()
    assert times.fits((1, 0), 50, 50.0)
    assert not times.fits((1, 0), 55, 50.0)
    times.learn(np.array([[0.0], [3.0]]))
    assert times.fits((1, 0), 5, 50.0)
    assert not times.fits((1, 0), 53, 50.0)


# -- the maker's recorded run ----------------------------------------------------------------------------------


def test_the_maker_s_run_sent_as_bytes_is_what_its_files_say(shared: Path):
    """16 injections, 32 channels, 5 mA into a water tank; range 1 V: the driven electrodes are clipped."""
    from eit_rt.recording.readers import import_file

    folder = shared / "real_data" / "sciospec_setup"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    imported = import_file(folder)
    # Its pairs are 1-2, 2-3, ...: both pairs of a row turned round, which makes the same pattern.
    turned = Pattern.pairwise(imported.about.pattern.table[:, [1, 0, 3, 2]].astype(int), 16)
    assert turned == imported.about.pattern == SETUP.pattern
    setup = Setup.of(Settings(adc_range_v=1, amplitude_ma=5.0), turned, 20)
    assert setup.excitations[:2] == ((1, 2), (2, 3))
    decoder = SciospecDecoder(setup)
    for number, frame in enumerate(imported.frames):
        lines = (folder / f"setup_0000{number + 1}.eit").read_text().splitlines()[18:]
        found: list = []
        for k, (pair, numbers) in enumerate(zip(lines[::2], lines[1::2], strict=True)):
            parts = np.array(numbers.split(), dtype=np.float64).astype(">f4")
            stamp = 1000 + 50 * number + 3 * k
            for group in (0, 1):
                head = struct.pack(">BBBHI", group + 1, *map(int, pair.split()), 1, stamp)
                part = parts[32 * group : 32 * (group + 1)].tobytes()
                found += decoder.feed(message(0xB4, head + part))
        found += decoder.feed(b"")
        assert [type(one) for one in found] == [Measured]
        assert np.allclose(found[0].values, frame.values, rtol=0, atol=1e-7)
        assert (found[0].values.real > 0).all()

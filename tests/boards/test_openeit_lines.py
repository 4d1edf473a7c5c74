"""What an OpenEIT board's lines mean, whole and damaged; how much of single-byte damage is seen."""

import copy
from collections import Counter

import numpy as np
import pytest

from eit_rt.boards.found import Fault, Measured, Remark
from eit_rt.boards.openeit_lines import N_MEAS, RESOLUTION_OHM, OpenEitDecoder
from eit_rt.boards.plausibility import Plausibility
from eit_rt.simulation import Scenario
from eit_rt.simulation.openeit import OpenEitEmulator
from eit_rt.simulation.openeit_modes import line_of

N16 = 192
STEPS = np.arange(1500, 1500 + N16)
LINE = line_of(STEPS)


def decoded(data: bytes, **more):
    """As it comes from a port, in portions."""
    decoder = OpenEitDecoder(N16, **more)
    portions = (data[k : k + 4096] for k in range(0, len(data), 4096))
    return decoder.feed(b"\n") + [one for portion in portions for one in decoder.feed(portion)]


def test_the_firmware_s_line_is_read():
    (found,) = decoded(LINE)
    assert isinstance(found, Measured)
    assert np.array_equal(found.values, (STEPS / 16).astype(np.float32))


def test_open_and_saturated_values_are_missing():
    steps = STEPS.copy()
    steps[3], steps[5] = 0, 0x7FFFFFFF
    (found,) = decoded(line_of(steps))
    assert np.flatnonzero(np.isnan(found.values)).tolist() == [3, 5]


@pytest.mark.parametrize(("whole", "text"), [(-1, b"      -1"), (-9, b"      -9")])
def test_a_number_that_overflowed_is_missing_and_costs_no_frame(whole, text):
    """The firmware's 28.4 bits turn negative where hardly any current flows."""
    line = LINE.replace(LINE[12:20], text, 1)
    clipped, damaged = b"134217727.9375", b"104217727.9375"
    for word in (b"-134217728.0000", b"-12345678.9375", b"      -0.0625", clipped, damaged):
        (found,) = decoded(line.replace(LINE[26:39], word, 1))
        assert isinstance(found, Measured), word
        assert np.flatnonzero(np.isnan(found.values)).tolist() == [0, 1]


LOOSE = b"magnitudes : " + b",".join(b"-0.2092248323495%d" % k for k in range(N16))


@pytest.mark.parametrize(
    "separator", [(b"\n", b"\n"), (b"\r", b""), (b"", b"\r\n"), (b"\n\r", b" ,\n")]
)
def test_the_looser_form_is_found_out(separator):
    """As in OpenEIT's own simulated data: signs, all digits, a space before the colon, line ends in front or behind."""
    before, after = separator
    found = decoded((before + LOOSE + after) * 11 + b"\n")
    assert [type(one) for one in found] == [Measured] * 11
    assert found[0].values[1] == np.float32(-0.20922483234951)


def test_damaged_lines_of_the_firmware_are_not_taken_for_the_looser_form():
    line = LINE[:18] + LINE[19:]  # a digit is lost: still numbers and commas
    assert decoded(line * 5) == [Fault("line out of form", frames=1)] * 5


def test_numbers_beyond_all_bounds_are_missing():
    line = LOOSE.replace(b"-0.20922483234950", b"1e50", 1).replace(
        b"-0.20922483234951,", b"1e999,", 1
    )
    (found,) = decoded(line + b"\n")
    assert np.flatnonzero(np.isnan(found.values)).tolist() == [0, 1]


def test_after_the_strict_form_the_looser_one_is_damage():
    found = decoded(LINE + LINE.replace(b"magnitudes: ", b"magnitudes : "))
    assert isinstance(found[0], Measured)
    assert found[1] == Fault("line out of form", frames=1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (LINE[:600] + b"\r\n", "wrong number of values"),
        (LINE[:605] + b"\r\n", "line out of form"),
        (LINE[:40] + b"FAILED Impedance Measurement" + LINE[40:], "failed measurement"),
        (LINE[:40] + b"Impedance Measurement FAILED" + LINE[40:], "failed measurement"),
        (LINE[:40] + b"\xff" + LINE[41:], "line out of form"),
        (b"garbage\r\n", "not a line of the board"),
        (line_of(STEPS[:32]), "wrong number of values"),
        (LINE[:-2] + LINE, "line out of form"),
        (b"number of measures is 0\n", "no measures"),
        (b"magnitudes: \r\n", "line out of form"),
    ],
)
def test_what_is_no_frame_is_a_fault(text, kind):
    found = decoded(LINE + text)
    assert isinstance(found[0], Measured)
    assert [one.kind for one in found[1:]] == [kind]


def lost(found) -> int:
    return sum(one.frames for one in found if isinstance(one, Fault))


@pytest.mark.parametrize(
    ("damaged", "frames"),
    [
        (LINE.replace(b"magnitudes", b"magmitudes"), 1),
        (LINE[:900] + b"\n" + LINE[900:], 1),
        (LINE[:900] + b"\n" + LINE[901:1800] + b"\r" + LINE[1800:], 1),
        (LINE.replace(b"\r\n", b"") + LINE, 2),
        (LINE[7:].replace(b"\r\n", b"") + LINE, 2),
        (LINE[3:700] + b"\n" + LINE[700:], 1),
        (LINE[:900] + LINE[1800:], 1),
        (LINE[:30] + b"\r\n", 1),
        (LINE[:300] + b"mode 3: 8 electrode imaging\n" + LINE[300:], 1),
        (b"OpenEIT\n", 0),
        (b"\xff\xfe\r\n", 0),
        (LINE[:900] + b"\n" + LINE[900:] + LINE[1:], 2),
        (b"x" * 3 * len(LINE) + b"\n", 3),
        (b"x" * 40_000 + b"\n", 12),
    ],
)
def test_each_frame_that_damage_costs_is_counted_once(damaged, frames):
    found = decoded(LINE + damaged + LINE)
    assert isinstance(found[0], Measured)
    assert isinstance(found[-1], Measured)
    assert lost(found) == frames
    assert lost(decoded(LINE + damaged + LINE + damaged + LINE)) == 2 * frames


def test_a_line_end_that_lost_a_half_costs_nothing():
    for end in (b"\r", b"\n"):
        found = decoded(LINE.replace(b"\r\n", end) * 3 + b"\n")
        assert [type(one) for one in found] == [Measured] * 3


def test_another_mode_is_believed_when_heard_twice():
    decoder = OpenEitDecoder(N16)
    short = line_of(STEPS[:32])
    first = decoder.feed(b"\n" + short)
    assert first == [Fault("wrong number of values", frames=1)]
    assert not decoder.hears_other_mode
    fault, remark = decoder.feed(short)
    assert fault == Fault("frame of another mode")
    assert "8 electrodes now" in remark.text
    assert decoder.hears_other_mode
    assert decoder.feed(short) == [fault]
    decoder.feed(LINE)
    assert not decoder.hears_other_mode


@pytest.mark.parametrize("line", [b"     123.4375 \r\n", b"magnitudes:200;     123.4375 \r\n"])
def test_modes_without_pictures_are_told(line):
    decoder = OpenEitDecoder(N16)
    found = decoder.feed(b"\n" + line * 3)
    assert decoder.hears_other_mode
    assert any("single values" in one.text for one in found if isinstance(one, Remark))


def test_a_power_cycle_in_the_midst_of_a_line_is_told():
    fault, remark, frame = decoded(LINE[:700] + b"OpenEIT\n" + LINE)
    assert fault == Fault("line out of form", frames=1)
    assert "switched on" in remark.text
    assert isinstance(frame, Measured)


def test_what_is_said_before_every_frame_is_told_once():
    found = decoded(b"FINISHED SET UP \n" * 3 + b"mode 1: time series\n")
    assert [type(one) for one in found] == [Remark] * 2


@pytest.mark.parametrize("text", [b"OpenEIT", b"mode 4: 16 electrode imaging", b"FINISHED SET UP "])
def test_menus_are_remarks(text):
    (found,) = decoded(text + b"\n")
    assert isinstance(found, Remark)
    assert text.decode().strip() in found.text


@pytest.mark.parametrize("n_meas", N_MEAS)
def test_cuts_do_not_matter(n_meas):
    data = line_of(np.arange(n_meas) + 16) * 3
    decoder = OpenEitDecoder()
    found = [one for k in range(len(data)) for one in decoder.feed(data[k : k + 1])]
    assert len(found) == 2  # the first line has no beginning that was heard
    assert all(isinstance(one, Measured) and len(one.values) == n_meas for one in found)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_raised_whatever_comes(seed):
    rng = np.random.default_rng(seed)
    decoder = OpenEitDecoder()
    for _ in range(50):
        data = bytearray(LINE * 2)
        for place in rng.integers(0, len(data), 5):
            data[place] = rng.integers(256)
        decoder.feed(bytes(data))
        decoder.feed(rng.bytes(300))


# -- single damaged bytes --------------------------------------------------------------------------------------


def replaced(line: bytes, place: int, rng) -> bytes:
    others = [byte for byte in range(256) if byte != line[place]]
    return line[:place] + bytes([others[rng.integers(255)]]) + line[place + 1 :]


def flipped(line: bytes, place: int, rng) -> bytes:
    return line[:place] + bytes([line[place] ^ (1 << int(rng.integers(8)))]) + line[place + 1 :]


def dropped(line: bytes, place: int, rng) -> bytes:
    return line[:place] + line[place + 1 :]


def inserted(line: bytes, place: int, rng) -> bytes:
    return line[:place] + bytes([rng.integers(256)]) + line[place:]


def fate(line: bytes, true: np.ndarray, judge: Plausibility) -> str:
    decoder = OpenEitDecoder(N16, is_strict=True)
    frames = [one for one in decoder.feed(b"\n" + line) if isinstance(one, Measured)]
    if not frames:
        return "format"
    values = frames[0].values
    doubted = copy.deepcopy(judge).doubtful(values)
    if ((values != true) & np.isfinite(values) & ~doubted).any():
        return "not seen"
    return "plausibility" if (doubted | np.isnan(values)).any() else "harmless"


@pytest.mark.slow
@pytest.mark.parametrize(("rate_hz", "least"), [(4.26, 0.985), (42.6, 0.99)])
def test_most_single_damaged_bytes_are_seen(rate_hz, least):
    """60 dB, a rod that goes round in 10 s. Not seen are digits that change a value no more than the rod does."""
    scenario = Scenario.load("rod").changed(noise={"snr_db": 60}, rate_hz=rate_hz)
    mode = OpenEitEmulator(scenario).mode
    judge = Plausibility(N16, RESOLUTION_OHM)
    rng = np.random.default_rng(1)
    fates = {damage: Counter() for damage in (replaced, flipped, dropped, inserted)}
    n_alarms = 0
    for number in range(180):
        steps = mode.steps(number)
        line, true = line_of(steps), (steps / 16).astype(np.float32)
        if number >= 12:
            for damage, found in fates.items():
                for place in rng.integers(12, len(line) - 2, 5):
                    found[fate(damage(line, int(place), rng), true, judge)] += 1
        n_alarms += int(judge.doubtful(true).sum())
    total = sum(fates.values(), Counter())
    assert total.total() == 168 * 20
    assert n_alarms == 0
    assert fates[dropped]["format"] == fates[dropped].total()
    assert fates[inserted]["not seen"] == 0
    assert 1 - total["not seen"] / total.total() > least
    assert 1 - fates[flipped]["not seen"] / fates[flipped].total() > 0.95

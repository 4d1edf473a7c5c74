"""Words of the EVAL-CN0565-ARDZ: which characters are numbers that the firmware could have printed."""

import struct

import numpy as np
import pytest

from eit_rt.boards.cn0565_text import COMMAND_BYTES, Kind, configure_command, read_answer

RAW = {
    b"0": 0, b"1": 1, b"a5": 165, b"1fffe": 131070, b"ffffffff": -1, b"fffe0001": -131071,
    b"ffff8000": -32768,
}  # fmt: skip
CLIPPED = [b"1ffff", b"fffe0000"]
NOT_PRINTED = [
    b"", b"00", b"01", b"-1", b"A5", b" 1", b"1 ", b"0x1", b"20000", b"fffd0000", b"ffff800", b"fffff8000", b"1fffff",
    b"g", b"\xff", b"1\r", b"+1",
]  # fmt: skip


def hexadecimal(number: float) -> bytes:
    return b"%x" % struct.unpack(">I", struct.pack(">f", number))[0]


def one(field: bytes, kind: Kind = Kind.RAW):
    """The value of a measurement whose numbers are all `field`, and how many are damaged; others are sound."""
    sound = {Kind.RAW: b"1"}.get(kind, hexadecimal(1.0))
    numbers = [field] * kind.numbers + [sound] * 7 * kind.numbers
    answer = read_answer(b",".join(numbers), 8, kind)
    assert answer is not None
    return answer.values[0], answer.n_damaged


@pytest.mark.parametrize("field", RAW)
def test_counts(field):
    assert one(field) == (RAW[field] + 1j * RAW[field], 0)


@pytest.mark.parametrize("field", CLIPPED)
def test_a_count_at_its_limit_is_missing_and_not_damaged(field):
    value, n_damaged = one(field)
    assert np.isnan(value)
    assert n_damaged == 0


@pytest.mark.parametrize("field", NOT_PRINTED)
def test_what_the_firmware_does_not_print_is_damaged(field):
    value, n_damaged = one(field)
    assert np.isnan(value)
    assert n_damaged == 1


@pytest.mark.parametrize("ohm", [0.0, 1.0, -3.25, 1e-3, 12345.678])
def test_impedances(ohm):
    value, n_damaged = one(hexadecimal(ohm), Kind.IMPEDANCE)
    assert value == np.complex64(np.float32(ohm) * (1 + 1j))
    assert n_damaged == 0


@pytest.mark.parametrize("ohm", [np.inf, -np.inf, np.nan])
def test_an_impedance_without_a_current_is_missing(ohm):
    value, n_damaged = one(hexadecimal(ohm), Kind.IMPEDANCE)
    assert np.isnan(value)
    assert n_damaged == 0


@pytest.mark.parametrize(
    "field", [b"7fc00001", b"1", b"7f000000", b"12345678", b"3f80000", b"3F800000"]
)
def test_no_quotient_of_two_18_bit_numbers(field):
    value, n_damaged = one(field, Kind.IMPEDANCE)
    assert np.isnan(value)
    assert n_damaged == 1


def test_magnitudes_are_not_negative_and_roots_of_whole_numbers():
    for re, im in ((0, 0), (3, -4), (-1000, 977), (131071, -131072)):
        value, n_damaged = one(hexadecimal(np.sqrt(float(re * re + im * im))), Kind.MAGNITUDE)
        assert value == np.float32(np.hypot(re, im))
        assert n_damaged == 0
    for number in (-5.0, 0.5, 5.01, 1e6, np.sqrt(7.0), np.sqrt(1_000_002.0)):
        assert one(hexadecimal(number), Kind.MAGNITUDE)[1] == 1
    assert one(hexadecimal(0.5), Kind.IMPEDANCE_MAGNITUDE) == (np.float32(0.5), 0)


def test_no_magnitude_of_whole_numbers_is_taken_for_damage():
    chance = np.random.default_rng(0)
    most = 2.0 ** chance.uniform(0, 17, size=(2000, 1))
    parts = np.floor(chance.uniform(-1, 1, size=(2000, 2)) * most)
    sizes = np.hypot(*parts.T).astype(np.float32)
    sizes = sizes[sizes > 0]
    answer = read_answer(b",".join(map(hexadecimal, sizes)), len(sizes), Kind.MAGNITUDE)
    assert answer.n_damaged == 0
    np.testing.assert_array_equal(answer.values, sizes)


def test_most_damaged_digits_of_a_magnitude_below_4096_show():
    chance = np.random.default_rng(1)
    parts = np.floor(chance.uniform(-1, 1, size=(2000, 2)) * 2800)
    sizes = np.hypot(*parts.T).astype(np.float32)
    flipped = (sizes.view(np.uint32) ^ (1 << chance.integers(0, 23, 2000))).astype(np.uint32)
    fields = [b"%x" % bits for bits in flipped]
    assert read_answer(b",".join(fields), 2000, Kind.MAGNITUDE).n_damaged > 0.7 * 2000


@pytest.mark.parametrize("n", [0, 1, 8, 15, 17, 32])
def test_another_number_of_numbers_is_no_answer(n):
    assert read_answer(b",".join([b"1"] * n), 8, Kind.RAW) is None


def test_an_answer_of_nothing_but_damage_is_noise():
    answer = read_answer(b",".join([b"?"] * 6 + [b"1"] * 10), 8, Kind.RAW)
    assert answer.is_noise
    assert not read_answer(b",".join([b"?"] * 4 + [b"1"] * 12), 8, Kind.RAW).is_noise


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (Kind.RAW, b"C 10,16,1,1,0\n"),
        (Kind.IMPEDANCE, b"C 10,16,1,1,0,Z\n"),
        (Kind.MAGNITUDE, b"C 10,16,1,1,0,V,M\n"),
        (Kind.IMPEDANCE_MAGNITUDE, b"C 10,16,1,1,0,Z,M\n"),
    ],
)
def test_commands(kind, command):
    assert configure_command(10, 16, 1, 1, kind) == command


def test_the_longest_command_fits_the_boards_memory():
    assert len(configure_command(80, 16, 15, 15, Kind.IMPEDANCE_MAGNITUDE)) <= COMMAND_BYTES

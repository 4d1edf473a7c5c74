"""What a Sciospec board is told: literal bytes of the vendor's format, limits, patterns, frequencies."""

import numpy as np
import pytest

from eit_rt.boards.sciospec_setup import (
    START,
    STOP,
    Frequencies,
    Settings,
    Setup,
    most_rate_hz,
)
from eit_rt.errors import ConfigError, MismatchError
from eit_rt.pattern import Pattern

TEN_KHZ = Frequencies.of(10_000)


def commands(**settings) -> dict[str, str]:
    rate_hz = settings.pop("rate_hz", 10.0)
    pattern = settings.pop("pattern", None)
    setup = Setup.of(Settings(**settings), pattern, rate_hz)
    return {one.name: one.bytes.hex(" ").upper() for one in setup.commands()}


def test_bytes_are_those_of_the_format():
    """The examples of sciopy: 1 mA, 10 frames/s, 10 kHz."""
    told = commands()
    assert STOP.hex() == "b40100b4"
    assert START.hex() == "b40101b4"
    assert told["reset of the set-up"] == "B0 01 01 B0"
    assert told["endless run"] == "B0 03 02 00 00 B0"
    assert told["amplitude"] == "B0 09 05 3F 50 62 4D D2 F1 A9 FC B0"
    assert told["converter range"] == "B0 02 0D 03 B0"
    assert told["gain"] == "B0 03 09 01 00 B0"
    assert told["single-ended measurement"] == "B0 03 08 01 01 B0"
    assert told["10 frames/s"] == "B0 05 03 41 20 00 00 B0"
    assert told["frequencies"] == "B0 0C 04 46 1C 40 00 46 1C 40 00 00 01 00 B0"
    assert told["output fields"] == "B2 02 03 01 B2"


def test_order_is_the_one_that_the_board_wants():
    names = [one.name for one in Setup.of(Settings(), None, 10).commands()]
    assert names[:8] == [
        "reset of the set-up", "endless run", "amplitude", "converter range", "gain",
        "single-ended measurement", "10 frames/s", "frequencies",
    ]  # fmt: skip
    assert len(names[8:24]) == 16
    assert all(name.startswith("excitation pair") for name in names[8:24])
    assert names[24:] == ["output fields"] * 3


def test_settings_are_told():
    told = commands(adc_range_v=1, gain=100, amplitude_ma=5.0)
    assert told["converter range"] == "B0 02 0D 01 B0"
    assert told["gain"] == "B0 03 09 01 02 B0"
    assert told["amplitude"].startswith("B0 09 05 3F 74 7A E1")


def test_the_current_enters_at_the_first_channel_of_a_pair():
    pattern = Pattern.pairwise([[2, 0, 4, 5], [2, 0, 5, 6], [1, 3, 0, 4]], 8)
    setup = Setup.of(Settings(), pattern, 10)
    assert setup.excitations == ((3, 1), (2, 4))
    assert [part.tolist() for part in setup.differences] == [[0, 0, 1], [4, 5, 0], [5, 6, 4]]
    turned = Setup.of(Settings(polarity="second"), pattern, 10)
    assert turned.excitations == ((1, 3), (4, 2))


@pytest.mark.parametrize(("n", "groups"), [(8, (0,)), (16, (0,)), (17, (0, 1)), (64, (0, 1, 2, 3))])
def test_groups_are_those_of_the_electrodes(n, groups):
    assert Setup.of(Settings(), Pattern.by_name("adjacent", n), 1).groups == groups


def test_groups_without_a_channel_in_use_are_left_out():
    pattern = Pattern.pairwise([[0, 1, 34, 35], [1, 2, 34, 36]], 48)
    assert Setup.of(Settings(), pattern, 1).groups == (2,)


def test_fastest_rate_is_eit_app_s():
    assert most_rate_hz(16, TEN_KHZ) == pytest.approx(1 / (16 * 859e-6))
    assert most_rate_hz(16, Frequencies.of([1000, 2000])) == pytest.approx(
        1 / (16 * (651e-6 + 42e-6 + 1e-3 + 5e-4))
    )
    assert most_rate_hz(2, TEN_KHZ) == 100


def test_a_rate_is_20_or_what_can_be_reached():
    assert Setup.of(Settings(), None, None).rate_hz == 20
    slow = Setup.of(Settings(), Pattern.by_name("adjacent", 128), None)
    assert slow.rate_hz == pytest.approx(9.09, abs=0.01)
    settings = Settings(frequencies=Frequencies.of(0.05))
    slowest = Setup.of(settings, None, None)
    assert slowest.rate_hz == pytest.approx(1 / (16 * 20), rel=1e-3)
    assert Setup.of(settings, None, 0.003124)
    with pytest.raises(MismatchError, match=r"1 frames/s are too many: .* reaches 0\.003124;"):
        Setup.of(settings, None, 1.0)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan")])
def test_a_rate_that_is_none_is_refused(rate_hz):
    with pytest.raises(MismatchError, match="expected a positive number"):
        Setup.of(Settings(), None, rate_hz)


@pytest.mark.parametrize(
    ("wanted", "hz"),
    [
        (10_000, [10_000]),
        ("5000", [5000]),
        ([1000, 2000, 3000], [1000, 2000, 3000]),
        ("1000,10000,100000", [1000, 10_000, 100_000]),
        ("1000:3000:3", [1000, 2000, 3000]),
        ("1000:4000:3:log", [1000, 2000, 4000]),
        ((1000.0, 1500.0), [1000, 1500]),
    ],
)
def test_frequencies_as_they_are_written(wanted, hz):
    assert np.allclose(Frequencies.of(wanted).values_hz(), hz)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ([1000, 2000, 9000], "steps evenly"),
        ([], "empty"),
        ("", "expected numbers"),
        ("fast", "expected numbers"),
        ("1:2", "LEAST:MOST:COUNT"),
        ("1000:2000:5:cubic", "LEAST:MOST:COUNT"),
        ("1000:2000:2.5", "whole number"),
        ("1000:2000:1e9", "at most 128"),
        ([3000, 2000, 1000], "rising"),
        (-5, "positive"),
        (float("nan"), "expected numbers"),
        (float("inf"), "expected numbers"),
    ],
)
def test_frequencies_that_cannot_be_are_refused(wanted, words):
    with pytest.raises(ConfigError, match=words):
        Frequencies.of(wanted)


def test_the_stream_s_frequency_is_one_of_them():
    frequencies = Frequencies.of("1000:100000:3:log")
    assert [frequencies.row_of(hz) for hz in (None, 1000, 10_050, 100_000)] == [0, 0, 1, 2]
    with pytest.raises(ConfigError, match="1000, 10000, 100000"):
        frequencies.row_of(20_000)


@pytest.mark.parametrize("hz", [0.0, -1000.0, float("nan"), float("inf")])
def test_a_stream_s_frequency_that_is_none_is_refused(hz):
    with pytest.raises(ConfigError, match="expected a positive number"):
        Frequencies.of(1000).row_of(hz)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amplitude_ma": 0.0},
        {"amplitude_ma": 11.0},
        {"adc_range_v": 2},
        {"gain": 5},
        {"polarity": "both"},
        {"electrodes": 2},
        {"electrodes": 129},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Settings(**wrong)


@pytest.mark.parametrize(
    ("pattern", "rate_hz", "words"),
    [
        (Pattern.by_name("trig", 16), None, "not made of pairs"),
        (Pattern.by_name("adjacent", 32), None, "option electrodes says 16"),
        (Pattern.by_name("adjacent", 16), 80, r"the board reaches 72\.75;"),
    ],
)
def test_what_the_board_cannot_do_is_refused(pattern, rate_hz, words):
    with pytest.raises(MismatchError, match=words):
        Setup.of(Settings(electrodes=16), pattern, rate_hz)
    with pytest.raises(MismatchError, match="at most 128 channels"):
        Setup.of(Settings(), Pattern.by_name("adjacent", 160), None)

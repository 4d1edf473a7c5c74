"""Every likely mistake of wiring or driver is made, and named."""

import numpy as np
import pytest

from eit_rt.errors import MismatchError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, disc_mesh
from eit_rt.selftest import compare
from tests.selftest.tank import IMPEDANCE

NAMES = ["adjacent", "opposite", "skip2", "adjacent-all", "adjacent-rotated", "trig", "skip4-next1"]
SIGNED = [name for name in NAMES if not name.startswith("adjacent") or name == "adjacent-all"]


def measured(pattern: Pattern, spread: float = 0.05) -> np.ndarray:
    """Values of the tank, each with a gain of its own."""
    gain = 1 + spread * np.random.default_rng(2).standard_normal(pattern.n_meas)
    return pattern.voltages(IMPEDANCE) * gain


def wired(pattern: Pattern, electrode_of_channel: np.ndarray) -> np.ndarray:
    """Values if sensing channel c hangs on another electrode than driving channel c."""
    senses = np.zeros_like(pattern.senses)
    senses[:, electrode_of_channel] = pattern.senses
    potentials = IMPEDANCE @ pattern.currents.T
    return np.einsum("me,em->m", senses, potentials[:, pattern.stimulation])


def mistakes(values: np.ndarray, pattern: Pattern, **more) -> list[str]:
    return [mistake.name for mistake in compare(values, pattern, IMPEDANCE, **more).mistakes]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_where_nothing_is_wrong(name):
    pattern = Pattern.by_name(name, 16)
    found = compare(measured(pattern), pattern, IMPEDANCE)
    assert found.mistakes == ()
    assert found.agreement > 0.99
    assert found.as_configured == pytest.approx(found.agreement)


@pytest.mark.parametrize("name", NAMES)
def test_swapped_polarity(name):
    pattern = Pattern.by_name(name, 16)
    assert mistakes(-measured(pattern), pattern) == ["swapped polarity"]


@pytest.mark.parametrize("name", SIGNED)
def test_magnitudes(name):
    pattern = Pattern.by_name(name, 16)
    values = np.abs(measured(pattern))
    assert mistakes(values, pattern) == ["magnitudes"]
    assert mistakes(values, pattern, is_magnitude=True) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("step", [1, 3, 15])
def test_sensing_electrodes_turned_against_the_driving_ones(name, step):
    pattern = Pattern.by_name(name, 16)
    values = wired(pattern, (np.arange(16) + step) % 16)
    assert mistakes(values, pattern)[:1] == [f"electrodes turned by {step}"]


@pytest.mark.parametrize("name", NAMES)
def test_sensing_electrodes_in_reverse(name):
    pattern = Pattern.by_name(name, 16)
    found = mistakes(wired(pattern, (5 - np.arange(16)) % 16), pattern)
    assert found[:1] == ["reversed electrodes"]


@pytest.mark.parametrize("name", ["adjacent", "opposite", "skip2", "skip4-next1"])
def test_rotated_and_fixed_order(name):
    fixed, rotated = Pattern.by_name(name, 16), Pattern.by_name(f"{name}-rotated", 16)
    assert mistakes(measured(rotated), fixed) == ["rotated order"]
    assert mistakes(measured(fixed), rotated) == ["fixed order"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("places", [1, -1, 3])
def test_values_too_many_or_too_few(name, places):
    pattern = Pattern.by_name(name, 16)
    values = np.roll(np.abs(measured(pattern)), places)
    assert mistakes(values, pattern, is_magnitude=True) == [f"shifted by {places}"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_magnitude", [False, True])
def test_values_of_one_sign_do_not_agree_by_that_alone(name, is_magnitude):
    pattern = Pattern.by_name(name, 16)
    sizes = np.abs(measured(pattern))
    noise = 1 + 1e-3 * np.random.default_rng(4).standard_normal(len(sizes))
    for values in (np.random.default_rng(3).permutation(sizes), 80 * noise):
        found = compare(values, pattern, IMPEDANCE, is_magnitude=is_magnitude)
        assert found.agreement < 0.4


def test_zeros_agree_with_nothing():
    found = compare(np.zeros(208), Pattern.by_name("adjacent", 16), IMPEDANCE)
    assert found.agreement == 0
    assert found.mistakes == ()


def test_four_electrodes_show_a_sign_and_no_order():
    pattern = Pattern.by_name("adjacent", 4)
    mesh = disc_mesh(Layout.ring(4), n_elements=1500, seed=5)
    impedance = ForwardModel(mesh, 0.01).transfer_impedance(0.2)
    found = compare(-pattern.voltages(impedance), pattern, impedance)
    assert not found.shows_order
    assert found.is_swapped


def test_a_mirrored_ring_is_no_mistake_that_a_round_tank_could_show():
    pattern = Pattern.by_name("adjacent", 16)
    mirror = np.arange(16)[::-1]
    values = pattern.voltages(IMPEDANCE[np.ix_(mirror, mirror)])
    assert mistakes(values, pattern) == []


@pytest.mark.parametrize("degrees", [-60, 20, 80])
def test_a_common_phase_of_complex_values_does_not_matter(degrees):
    pattern = Pattern.by_name("opposite", 16)
    values = measured(pattern) * np.exp(1j * np.deg2rad(degrees))
    assert mistakes(values, pattern) == []


def test_missing_values_are_left_out():
    pattern = Pattern.by_name("adjacent", 16)
    values = measured(pattern)
    values[pattern.touches(3)] = np.nan
    assert mistakes(values, pattern) == []


def test_a_frame_of_mostly_missing_values_is_refused():
    pattern = Pattern.by_name("adjacent", 16)
    values = measured(pattern)
    values[:120] = np.nan
    with pytest.raises(MismatchError, match="only 88 of 208"):
        compare(values, pattern, IMPEDANCE)
